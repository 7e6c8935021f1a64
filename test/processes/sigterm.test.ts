/** What a process has counted is there when it was told to end, and it ends as it would have without sidekey. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { mongooseStore } from 'sidekey/mongoose'
import { type TestKeys, testKeys } from '../support/keys.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import type { CountingOrder } from './counting-process.js'
import { build, type Program } from './run.js'

let program: Program
let database: TestDatabase
let keys: TestKeys
beforeAll(async () => {
  program = build('counting-process.ts')
  database = await openDatabase()
  keys = testKeys({ store: mongooseStore(database.connection) })
  await keys.ready()
})
afterAll(async () => {
  await keys.close()
  await database.drop()
  program.remove()
})

async function counting(order: Partial<CountingOrder>) {
  const { apiKey, token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
  const { uri, name } = database
  const child = program.fork({ uri, database: name, token, times: 30, ...order } satisfies CountingOrder)
  const [message] = await once(child, 'message')
  expect(message).toEqual({ verified: 30 })
  return { child, apiKey }
}

async function accepted(keyId: string): Promise<number> {
  const { data } = await keys.usage({ keyId, by: 'day' })
  return data.reduce((sum, { outcomes }) => sum + (outcomes.accepted ?? 0), 0)
}

it('is written at SIGTERM, by which the process ends', async () => {
  const { child, apiKey } = await counting({})
  child.kill('SIGTERM')
  const [code, signal] = await once(child, 'exit')
  expect([code, signal]).toEqual([null, 'SIGTERM'])
  expect(await accepted(apiKey.id)).toBe(30)
  expect((await keys.get(apiKey.id))?.lastUsedAt).toBeInstanceOf(Date)
})

it("is written by the app's own end, which is left to it", async () => {
  const { child, apiKey } = await counting({ listens: 'and closes' })
  child.kill('SIGTERM')
  const [code, signal] = await once(child, 'exit')
  expect([code, signal]).toEqual([7, null])
  expect(await accepted(apiKey.id)).toBe(30)
})

it('is written where the app goes on, and goes on', async () => {
  const { child, apiKey } = await counting({ listens: 'and goes on' })
  child.kill('SIGTERM')
  expect(await once(child, 'message')).toMatchObject([{ still: 'here' }, undefined])
  const deadline = performance.now() + 10_000
  while ((await accepted(apiKey.id)) < 30 && performance.now() < deadline) await sleep(50)
  expect(await accepted(apiKey.id)).toBe(30)
  expect([child.exitCode, child.signalCode]).toEqual([null, null])
  child.kill('SIGKILL')
  await once(child, 'exit')
})
