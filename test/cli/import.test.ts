/** `sidekey import` and `export` over a real database; what is interrupted is a process of its own. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiKey } from 'sidekey'
import {
  BUILT,
  BUILT_MONGOOSE,
  databaseWithUri,
  ended,
  type Folder,
  json,
  openFolder,
  run,
  start,
} from './support.js'

jest.setTimeout(120_000)

let database: Awaited<ReturnType<typeof databaseWithUri>>
let folder: Folder
beforeEach(async () => {
  database = await databaseWithUri()
  folder = openFolder()
  folder.write(
    'sidekey.config.mjs',
    `
import mongoose from 'mongoose'
import { apiKeys, SidekeyError } from '${BUILT}'
import { mongooseStore } from '${BUILT_MONGOOSE}'
const connection = await mongoose.createConnection(process.env.MONGODB_URI).asPromise()
const store = mongooseStore(connection)
let left = Number(process.env.GOES_AWAY_AFTER ?? Infinity)
const insertMany = async keys => {
  left -= keys.length
  if (left < 0) throw new SidekeyError('STORE_UNAVAILABLE', 'Keys cannot be reached.')
  return store.insertMany(keys)
}
export const keys = apiKeys({
  prefix: 'acme_test',
  store: { ...store, insertMany },
  cache: false,
  imported: [{ source: 'better-auth', prefix: 'ba_', length: 67 }, { source: 'old', prefix: 'old_' }],
})
export const close = () => connection.close()
await keys.ready()
`,
  )
})
afterEach(async () => {
  folder.remove()
  await database.drop()
})

const options = () => ({ cwd: folder.path, env: { MONGODB_URI: database.address } })
const cli = (args: readonly string[], input = '') => run(args, { ...options(), input })

/** A row as better-auth writes it, and its token. */
function row(i: number) {
  const token = `ba_${randomBytes(48).toString('base64url').replace(/[-_]/g, 'x').slice(0, 64).padEnd(64, 'x')}`
  const key = createHash('sha256').update(token).digest('base64url')
  const text = JSON.stringify({
    id: `id${i}`,
    key,
    name: `k${i}`,
    referenceId: 'alice',
    createdAt: '2026-01-01T00:00:00Z',
  })
  return { token, text }
}

interface Report extends Record<string, unknown> {
  readonly rows: number
  readonly imported: number
}

it('takes keys over: their tokens verify, a repeat skips them, and what is not taken is told by line', async () => {
  const [first, second] = [row(1), row(2)]
  folder.write('keys.jsonl', `${first.text}\nnonsense\n${second.text}\n`)
  const dry = await cli(['import', 'better-auth', 'keys.jsonl', '--dry-run', '--json'])
  expect(json(dry)).toMatchObject({ dryRun: true, rows: 3, imported: 2, failed: 1 })
  expect((await cli(['verify'], first.token)).code).toBe(1)

  const done = await cli(['import', 'better-auth', 'keys.jsonl', '--json'])
  expect(done).toMatchObject({ code: 8, stderr: expect.stringContaining('line 2:') })
  expect(json(done)).toMatchObject({ rows: 3, imported: 2, skipped: 0, failed: 1, done: true })
  expect((await cli(['verify'], first.token)).code).toBe(0)
  expect(json(await cli(['lookup', '--json'], second.token))).toMatchObject({ name: 'k2' })
  expect(done.stdout + done.stderr).not.toContain(first.token.slice(3))

  const again = await cli(
    ['import', 'better-auth', '-', '--json', '--report', 'failed.jsonl'],
    readFileSync(join(folder.path, 'keys.jsonl'), 'utf8'),
  )
  expect(json(again)).toMatchObject({ imported: 0, skipped: 2, failed: 1 })
  expect(JSON.parse(readFileSync(join(folder.path, 'failed.jsonl'), 'utf8'))).toMatchObject({
    row: 2,
    line: 2,
  })
})

it('takes anything else by a mapping, with what its rows leave open', async () => {
  const token = `old_${'a'.repeat(30)}`
  folder.write('map.json', JSON.stringify({ source: 'old', columns: { token: 'secret' } }))
  folder.write('keys.csv', `secret\n${token}\n`)
  const args = [
    'import',
    '--mapping',
    'map.json',
    'keys.csv',
    '--owner',
    'acme',
    '--owner-type',
    'organization',
  ]
  expect(json(await cli([...args, '--permission', 'a:b', '--json']))).toMatchObject({ imported: 1 })
  const key = json<ApiKey & Record<string, unknown>>(await cli(['lookup', '--json'], token))
  expect(key).toMatchObject({ owner: { type: 'organization', id: 'acme' }, permissions: ['a:b'] })
})

it('gives keys of better-auth to organisations, by the configs that are named', async () => {
  const [first, second, third] = [row(1), row(2), row(3)]
  const of = ({ text }: { text: string }, configId: string) =>
    JSON.stringify({ ...JSON.parse(text), configId })
  folder.write('keys.jsonl', `${first.text}\n${of(second, 'teams')}\n${of(third, 'partners')}\n`)
  const configs = ['--organization-config', 'teams', '--organization-config', 'partners']
  expect(json(await cli(['import', 'better-auth', 'keys.jsonl', ...configs, '--json']))).toMatchObject({
    imported: 3,
  })
  const owners = await Promise.all(
    [first, second, third].map(
      async ({ token }) =>
        json<ApiKey & Record<string, unknown>>(await cli(['lookup', '--json'], token)).owner.type,
    ),
  )
  expect(owners).toEqual(['user', 'organization', 'organization'])
})

it('is stopped by Ctrl-C with nothing half done, and goes on with --resume', async () => {
  const rows = Array.from({ length: 6_000 }, (_, i) => row(i).text)
  const file = folder.write('keys.jsonl', `${rows.join('\n')}\n`)
  const records = database.connection.collection('sidekey_keys')
  const child = start(['import', 'better-auth', 'keys.jsonl', '--json'], options())
  const over = ended(child)
  while ((await records.estimatedDocumentCount()) === 0) if (child.exitCode !== null) break
  child.kill('SIGINT')
  const stopped = await over
  expect(stopped.code).toBe(130)
  const { rows: done } = json<Report>(stopped)
  expect(done).toBeGreaterThan(0)
  expect(done).toBeLessThan(rows.length)
  expect(await records.countDocuments()).toBe(done)
  const resumed = await cli(['import', 'better-auth', 'keys.jsonl', '--resume', '--json'])
  expect(resumed.code).toBe(0)
  expect(json(resumed)).toMatchObject({ rows: rows.length, imported: rows.length - done, skipped: 0 })
  expect(await records.countDocuments()).toBe(rows.length)
  expect(existsSync(`${file}.sidekey-import.json`)).toBe(false)
})

it('tells of a database that goes away half-way, and goes on with --resume once it is back', async () => {
  const rows = Array.from({ length: 2_500 }, (_, i) => row(i).text)
  folder.write('keys.jsonl', `${rows.join('\n')}\n`)
  const records = database.connection.collection('sidekey_keys')
  const env = { MONGODB_URI: database.address, GOES_AWAY_AFTER: '1300' }
  const failed = await run(['import', 'better-auth', 'keys.jsonl', '--json'], { cwd: folder.path, env })
  expect(failed).toMatchObject({ code: 6, stdout: '' })
  expect(JSON.parse(failed.stderr)).toMatchObject({ error: { code: 'STORE_UNAVAILABLE', exit: 6 } })
  expect(JSON.parse(readFileSync(join(folder.path, 'keys.jsonl.sidekey-import.json'), 'utf8'))).toMatchObject(
    {
      rows: 1_000,
    },
  )
  const there = await records.countDocuments()
  const resumed = await cli(['import', 'better-auth', 'keys.jsonl', '--resume', '--json'])
  expect(resumed).toMatchObject({ code: 0 })
  // Of the batch in whose midst it was, what is there is passed over.
  expect(json(resumed)).toMatchObject({
    rows: rows.length,
    imported: rows.length - there,
    skipped: there - 1_000,
  })
  expect(await records.countDocuments()).toBe(rows.length)
})

it('says so where rows cannot be told apart any more, and keeps how far it came', async () => {
  const [first, second] = [row(1), row(2)]
  folder.write('keys.json', `[${first.text},\n{"key": "x, "id": "y"},\n${second.text}]`)
  const partly = await cli(['import', 'better-auth', 'keys.json', '--json'])
  expect(partly.code).toBe(8)
  expect(json(partly)).toMatchObject({ imported: 1, failed: 1, done: false })
  expect(partly.stderr).toContain('the rest of the file was not read; mend it')
  expect(existsSync(join(folder.path, 'keys.json.sidekey-import.json'))).toBe(true)
  expect((await cli(['import', 'better-auth', 'keys.json', '--resume'])).code).toBe(8)
  folder.write('keys.json', `[${first.text},\n{"key": "x", "id": "y"},\n${second.text}]`)
  const mended = await cli(['import', 'better-auth', 'keys.json', '--json'])
  expect(json(mended)).toMatchObject({ imported: 1, skipped: 1, failed: 1, done: true })
  expect(existsSync(join(folder.path, 'keys.json.sidekey-import.json'))).toBe(false)
})

it('is done where how far it came cannot be noted, and says so once; its report is whole', async () => {
  const rows = Array.from({ length: 2_100 }, (_, i) => (i % 1_000 === 5 ? 'nonsense' : row(i).text))
  const name = `${'x'.repeat(194)}.jsonl`
  folder.write(name, `${rows.join('\n')}\n`)
  const done = await cli(['import', 'better-auth', name, '--json', '--report', 'report.jsonl'])
  expect(json(done)).toMatchObject({ rows: 2_100, imported: 2_097, failed: 3, done: true })
  expect(done.code).toBe(8)
  expect(done.stderr.match(/cannot be resumed/g)).toHaveLength(1)
  expect(done.stderr.trim().split('\n')).toHaveLength(1)
  expect(readFileSync(join(folder.path, 'report.jsonl'), 'utf8').trim().split('\n')).toHaveLength(3)
})

it('leaves no report where it was refused at the start, or has nothing to tell', async () => {
  folder.write('keys.jsonl', `${row(1).text}\n`)
  const args = ['import', 'better-auth', 'keys.jsonl', '--report', 'report.jsonl']
  expect(await cli([...args, '--source', 'nobody'])).toMatchObject({ code: 2 })
  expect((await cli(args)).code).toBe(0)
  expect(existsSync(join(folder.path, 'report.jsonl'))).toBe(false)
})

it('refuses to go on in another file than the one that was stopped in', async () => {
  folder.write('keys.jsonl', `${row(1).text}\n`)
  folder.write('keys.jsonl.sidekey-import.json', '{"rows":1,"size":7,"mtimeMs":1}')
  const resume = ['import', 'better-auth', 'keys.jsonl', '--resume']
  expect(await cli(resume)).toMatchObject({ code: 2, stderr: expect.stringContaining('has changed since') })
  folder.write('keys.jsonl.sidekey-import.json', '{"rows":')
  expect(await cli(resume)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('not what an import has written'),
  })
})

it('replaces a link where it notes how far it came, and does not write through it', async () => {
  const target = folder.write('precious.txt', 'precious')
  folder.write('keys.jsonl', `${row(1).text}\n`)
  symlinkSync(target, join(folder.path, 'keys.jsonl.sidekey-import.json'))
  expect((await cli(['import', 'better-auth', 'keys.jsonl'])).code).toBe(0)
  expect(readFileSync(target, 'utf8')).toBe('precious')
  expect(readdirSync(folder.path).sort()).toEqual(['keys.jsonl', 'precious.txt', 'sidekey.config.mjs'])
})

it.each([
  ['no file', ['better-auth'], 2],
  ['a file that is not there', ['better-auth', 'missing'], 2],
  ['an unknown system', ['nobody', 'sidekey.config.mjs'], 2],
  ['a file of something else', ['better-auth', 'sidekey.config.mjs'], 2],
  ['a mapping that is no JSON', ['--mapping', 'sidekey.config.mjs', 'sidekey.config.mjs'], 2],
  ['nothing to resume', ['better-auth', 'sidekey.config.mjs', '--resume'], 2],
  ['configs of another system', ['drf', 'sidekey.config.mjs', '--organization-config', 'teams'], 2],
  ['the database alone', ['better-auth', 'sidekey.config.mjs', '--no-config'], 3],
  ['an overwrite that nobody confirms', ['better-auth', 'sidekey.config.mjs', '--overwrite'], 7],
])('refuses %s', async (_, args, code) => {
  const refused = await cli(['import', ...args])
  expect(refused).toMatchObject({ code, stdout: '' })
  expect(refused.stderr.trim().split('\n')).toHaveLength(1)
})

it('exports keys as lines, with hashes only where they are asked for and into a file of one’s own', async () => {
  for (const owner of ['alice', 'bob']) await cli(['create', `of ${owner}`, '--owner', owner])
  const plain = await cli(['export', '--owner', 'alice'])
  expect(plain.code).toBe(0)
  expect(
    plain.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
  ).toMatchObject([{ name: 'of alice' }])
  expect(plain.stdout).not.toContain('$sha256$')
  const file = join(folder.path, 'keys.jsonl')
  expect((await cli(['export', '--hashes', '--out', file])).code).toBe(0)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  expect(lines.map(line => JSON.parse(line))).toMatchObject([{ name: 'of bob' }, { name: 'of alice' }])
  expect(lines[0]).toContain('$sha256$')
  expect((await cli(['export', '--out', file])).code).toBe(2)
})
