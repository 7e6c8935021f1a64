/** What a process has counted is there when it was told to end, and it ends as it would have without sidekey. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CountingOrder } from './counting-process.js'
import { overDatabase } from './over-database.js'

const over = overDatabase('counting-process.ts')

async function counting(order: Partial<CountingOrder>) {
  const { apiKey, token } = await over.keys.create({ name: 'k', owner: { id: 'alice' } })
  const { uri, name } = over.database
  const child = over.program.fork({ uri, database: name, token, times: 30, ...order } satisfies CountingOrder)
  const [message] = await once(child, 'message')
  expect(message).toEqual({ verified: 30 })
  return { child, apiKey }
}

it('is written at SIGTERM, by which the process ends', async () => {
  const { child, apiKey } = await counting({})
  child.kill('SIGTERM')
  const [code, signal] = await once(child, 'exit')
  expect([code, signal]).toEqual([null, 'SIGTERM'])
  expect(await over.accepted(apiKey.id)).toBe(30)
  expect((await over.keys.get(apiKey.id))?.lastUsedAt).toBeInstanceOf(Date)
})

it("is written by the app's own end, which is left to it", async () => {
  const { child, apiKey } = await counting({ listens: 'and closes' })
  child.kill('SIGTERM')
  const [code, signal] = await once(child, 'exit')
  expect([code, signal]).toEqual([7, null])
  expect(await over.accepted(apiKey.id)).toBe(30)
})

it('is written where the app goes on, and goes on', async () => {
  const { child, apiKey } = await counting({ listens: 'and goes on' })
  child.kill('SIGTERM')
  expect(await once(child, 'message')).toMatchObject([{ still: 'here' }, undefined])
  const deadline = performance.now() + 10_000
  while ((await over.accepted(apiKey.id)) < 30 && performance.now() < deadline) await sleep(50)
  expect(await over.accepted(apiKey.id)).toBe(30)
  expect([child.exitCode, child.signalCode]).toEqual([null, null])
  child.kill('SIGKILL')
  await once(child, 'exit')
})
