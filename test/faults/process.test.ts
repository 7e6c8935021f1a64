/** A process whose event loop stands still, one that is told to end in the midst of its work, and one whose store is gone then. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mongooseStore } from 'sidekey/mongoose'
import { overDatabase } from '../processes/over-database.js'
import { testKeys } from '../support/keys.js'
import { openDatabase, serverUri } from '../support/mongo/database.js'
import { proxyTo } from '../support/proxy.js'
import { eventually } from '../support/verify-store.js'
import type { FaultyOrder, Told } from './faulty-process.js'

const over = overDatabase('../faults/faulty-process.ts')

async function start(tokens: readonly string[]): Promise<ChildProcess> {
  const { uri, name } = over.database
  const child = over.program.fork({ uri, database: name, tokens } satisfies FaultyOrder)
  expect(await once(child, 'message')).toEqual(['ready', undefined])
  return child
}

const tell = (child: ChildProcess, told: Told) => child.send(told)

it('accepts nothing that was revoked while its event loop stood still for five seconds, from its first call on', async () => {
  const [revoked, kept] = await Promise.all([
    over.keys.create({ name: 'revoked', owner: { id: 'alice' } }),
    over.keys.create({ name: 'kept', owner: { id: 'alice' } }),
  ])
  const child = await start([revoked.token, kept.token])
  tell(child, { block: 5_000 })
  const answered = once(child, 'message')
  const began = performance.now()
  await over.keys.revoke(revoked.apiKey.id)
  // It did not wait for the process: a lease has no more than two seconds.
  expect(performance.now() - began).toBeLessThan(4_500)
  const [{ first, last }] = await answered
  // It may not know yet that the store is there: then it says so.
  for (const answer of first) expect(['KEY_REVOKED', 'ok', 'STORE_UNAVAILABLE']).toContain(answer)
  expect(first[0]).not.toBe('ok')
  expect(last).toEqual(['KEY_REVOKED', 'ok'])
  child.kill('SIGKILL')
}, 20_000)

it('has lost nothing that it acknowledged, nor counted a use too few, when it was told to end under load', async () => {
  const { apiKey, token } = await over.keys.create({ name: 'used', owner: { id: 'alice' } })
  const child = await start([token])
  const before = await over.accepted(apiKey.id)
  tell(child, { work: true })
  while ((await over.keys.list({ owner: { id: 'worker' }, limit: 20 })).data.length < 20);
  child.kill('SIGTERM')
  const [{ acknowledged, timesVerified, closedIn }] = await once(child, 'message')
  if (child.exitCode === null) await once(child, 'exit')
  expect(child.exitCode).toBe(0)
  expect(acknowledged.length).toBeGreaterThanOrEqual(20)
  const records = await Promise.all(acknowledged.map((id: string) => over.keys.get(id)))
  expect(records.filter(record => record === null)).toEqual([])
  const created = await Promise.all(acknowledged.map((id: string) => over.keys.audit({ keyId: id })))
  expect(created.filter(({ data }) => data.length !== 1)).toEqual([])
  expect(await over.accepted(apiKey.id)).toBeGreaterThanOrEqual(before + timesVerified[0])
  // Each of what it writes is bounded by the store's own bound.
  expect(closedIn).toBeLessThan(5_000)
}, 30_000)

it('ends within the bound of its store where that does not answer', async () => {
  const { token } = await over.keys.create({ name: 'a', owner: { id: 'alice' } })
  const proxy = await proxyTo(serverUri())
  const own = await openDatabase({ dbName: over.database.name }, proxy.uri)
  const away = testKeys({ store: mongooseStore(own.connection, { timeoutMs: 500 }) })
  await eventually(async () => (await away.verify(token)).ok)
  proxy.hang()
  const began = performance.now()
  await away.close()
  expect(performance.now() - began).toBeLessThan(4 * 500)
  proxy.restore()
  await own.connection.close()
  await proxy.close()
})
