/** `doctor` and `migrate` over a real database, in which things are as they should not be. */
import type { Finding } from '../../src/cli/doctor/finding.js'
import {
  BUILT,
  BUILT_MONGOOSE,
  databaseWithUri,
  type Folder,
  json,
  memoryConfig,
  openFolder,
  run,
} from './support.js'

jest.setTimeout(90_000)

interface Report extends Record<string, unknown> {
  readonly healthy: boolean
  readonly findings: readonly Finding[]
}

let database: Awaited<ReturnType<typeof databaseWithUri>>
let folder: Folder
beforeEach(async () => {
  database = await databaseWithUri()
  folder = openFolder()
})
afterEach(async () => {
  folder.remove()
  await database.drop()
})

const cli = (...args: string[]) => run(args, { cwd: folder.path, env: { MONGODB_URI: database.address } })

const CONFIG = (options: string) => `
import mongoose from 'mongoose'
import { apiKeys } from '${BUILT}'
import { mongooseStore } from '${BUILT_MONGOOSE}'
const connection = await mongoose.createConnection(process.env.MONGODB_URI).asPromise()
export const keys = apiKeys({ store: mongooseStore(connection, { autoIndex: false }), prefix: 'acme_test', ${options} })
export const close = () => connection.close()
`

const about = ({ findings }: Report, check: string) => findings.filter(finding => finding.check === check)

it('migrate makes the indexes that are missing, which doctor tells of', async () => {
  const sick = await cli('doctor', '--json')
  expect(sick.code).toBe(1)
  expect(about(json<Report>(sick), 'indexes')).toMatchObject([
    { level: 'problem', advice: 'Run "sidekey migrate".' },
  ])
  const dry = json<{ missing: object[]; made: number }>(await cli('migrate', '--dry-run', '--json'))
  expect(dry).toMatchObject({ dryRun: true, made: 0 })
  expect(json<Report>(await cli('doctor', '--json')).healthy).toBe(false)
  expect(json(await cli('migrate', '--json'))).toMatchObject({ made: dry.missing.length })
  const well = await cli('doctor', '--json')
  expect(well.code).toBe(0)
  expect(about(json<Report>(well), 'indexes')).toMatchObject([{ level: 'ok' }])
  expect(json(await cli('migrate', '--json'))).toEqual({ missing: [], made: 0 })
})

it('tells of the server, its clock, and the versions', async () => {
  const { findings } = json<Report>(await cli('doctor', '--json'))
  expect(findings.filter(({ check }) => check === 'versions').map(({ found }) => found)).toEqual([
    `Node ${process.versions.node}.`,
    expect.stringMatching(/^mongoose \d+\.\d+\.\d+; the server says that it is version \d/),
  ])
  expect(findings).toContainEqual(expect.objectContaining({ check: 'clock', level: 'ok' }))
  // Whatever server the tests run over, it is told by its own word: test/cli/doctor-checks.test.ts has the others.
  const hello = await database.connection.db?.command({ hello: 1 })
  const isOne = hello?.setName === undefined && hello?.msg !== 'isdbgrid'
  const features = findings.filter(({ check }) => check === 'server features')
  expect(features).toMatchObject([{ found: expect.stringMatching(isOne ? /^One/ : /^Several/) }])
})

it('finds keys that never end, are unused, over-broad, of no kind, or hashed under a pepper that is gone', async () => {
  const make = (name: string, ...args: string[]) =>
    cli('create', name, '--prefix', 'acme_test', '--owner', 'alice', '--json', ...args)
  const { apiKey } = json<{ apiKey: { id: string } }>(await make('endless', '--permission', '*'))
  await make('manager', '--permission', 'api-keys:*', '--expires-in', '90d')
  const records = database.connection.collection<{ _id: string }>('sidekey_keys')
  const longAgo = new Date(Date.now() - 100 * 86_400_000)
  await records.updateOne({ _id: apiKey.id }, { $set: { createdAt: longAgo, kind: 'gone' } })
  folder.write('sidekey.config.mjs', CONFIG(`pepper: { current: 'p'.repeat(32) }`))
  const hashed = json<{ apiKey: { id: string } }>(await cli('create', 'peppered', '--owner', 'bob', '--json'))
  folder.write('sidekey.config.mjs', CONFIG(`pepper: { current: 'another'.repeat(5) }`))

  const ended = await cli('doctor', '--json')
  expect(ended.code).toBe(1)
  const report = json<Report>(ended)
  const problem = (check: string) => about(report, check).find(({ level }) => level !== 'ok')
  expect(problem('pepper')).toMatchObject({ level: 'problem', keys: [hashed.apiKey.id] })
  expect(problem('kinds')).toMatchObject({ level: 'problem', keys: [apiKey.id] })
  expect(problem('expiry')).toMatchObject({ level: 'warning', found: '2 keys are never to end.' })
  expect(problem('unused')).toMatchObject({ level: 'warning', keys: [apiKey.id] })
  expect(about(report, 'over-broad')).toMatchObject([
    { level: 'warning', keys: [apiKey.id] },
    { level: 'warning', found: expect.stringContaining('api-keys:*') },
  ])
  expect(about(report, 'hash mix')).toMatchObject([
    { found: expect.stringMatching(/hmac-sha256 .{8} 1, sha256 2\.$/) },
    { level: 'note', found: '2 keys are not hashed as a new one would be.' },
  ])
  // Nothing of a hash is in it, nor of a pepper.
  expect(ended.stdout + ended.stderr).not.toMatch(/\$sha256\$|\$hmac|pppp|another/)
})

it('finds changes that nobody has told, and leases of processes that are gone', async () => {
  await cli('create', 'k', '--prefix', 'acme_test', '--owner', 'alice')
  const records = database.connection.collection<{ _id: string }>('sidekey_keys')
  const key = await records.findOne({})
  const at = new Date(Date.now() - 300_000)
  const event = {
    id: '0'.repeat(16),
    at,
    action: 'revoke',
    actor: { id: null, via: 'server' },
    keyId: key?._id,
  }
  await records.updateOne({}, { $set: { outbox: [event] } })
  const leases = database.connection.collection<{
    _id: string
    ackedTag: null
    beat: number
    leaseMs: number
  }>('sidekey_leases')
  await leases.insertOne({ _id: 'dead', ackedTag: null, beat: 3, leaseMs: 200 })
  const report = json<Report>(await cli('doctor', '--json'))
  expect(about(report, 'pending changes')).toMatchObject([{ level: 'warning', keys: [key?._id] }])
  expect(about(report, 'leases')).toMatchObject([
    { level: 'note', found: expect.stringContaining('1 lease is') },
  ])
  // It has looked, and touched nothing.
  expect(await leases.countDocuments()).toBe(1)
  expect(await records.findOne({})).toMatchObject({ outbox: [{ id: event.id }] })
})

it('ends with 1 for warnings where it is told to be strict', async () => {
  folder.write('sidekey.config.mjs', memoryConfig())
  expect((await cli('doctor')).code).toBe(0)
  expect(await cli('doctor', '--strict')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('memoryStore()'),
  })
})
