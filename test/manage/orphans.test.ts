/** A key that is purged takes all that belongs to it along: every collection of the database is looked through. */
import { setTimeout as sleep } from 'node:timers/promises'
import { mongooseStore } from 'sidekey/mongoose'
import { actingBy, alice, testKeys } from '../support/keys.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'

let database: TestDatabase
beforeAll(async () => {
  database = await openDatabase()
})
afterAll(() => database.drop())

/** By collection, the documents that name this id, and whether the server removes them by itself. */
async function traces(
  id: string,
): Promise<Record<string, { readonly count: number; readonly goes: boolean }>> {
  const db = database.connection.getClient().db(database.name)
  const found: Record<string, { count: number; goes: boolean }> = {}
  for (const { name } of await db.listCollections().toArray()) {
    const documents = await db.collection(name).find().toArray()
    const naming = documents.filter(one => JSON.stringify(one).includes(id))
    if (naming.length === 0) continue
    const goes = naming.every(one => (one.expireAt ?? one.expire) instanceof Date)
    found[name] = { count: naming.length, goes }
  }
  return found
}

it.each(['purge', 'retention'])(
  'leaves nothing behind at %s but the audit, and what goes by itself',
  async way => {
    const store = mongooseStore(database.connection)
    const keys = testKeys({ store, retention: '1s', maxKeysPerOwner: 10 })
    const other = testKeys({ store: mongooseStore(database.connection) })
    await keys.ready()
    const made = await keys.create(
      {
        name: 'k',
        owner: { id: alice.id },
        permissions: ['reports:*', 'api-keys:*'],
        limits: { requests: { points: 100, per: '1m' } },
        credits: { balance: 100 },
      },
      { idempotencyKey: `once-${way}` },
    )
    if (!('token' in made)) throw new Error('made before')
    const { token, apiKey } = made
    await (await actingBy(keys, token)).create({ name: 'child' })
    for (let i = 0; i < 3; i++) expect(await keys.verify(token)).toMatchObject({ ok: true })
    await keys.credits.refund(apiKey.id, 1, { ref: 'r' })
    // A process that still has something to write of it.
    expect(await other.verify(token)).toMatchObject({ ok: true })
    await keys.usage({ keyId: apiKey.id }) // is written then
    expect(Object.keys(await traces(apiKey.id)).sort()).toEqual(
      expect.arrayContaining(['sidekey_credits', 'sidekey_keys', 'sidekey_limits', 'sidekey_usage']),
    )

    const children = (await keys.list({ parentId: apiKey.id })).data
    for (const { id } of [apiKey, ...children]) {
      if (way === 'purge') await keys.purge(id)
      else await keys.delete(id)
    }
    if (way === 'retention') {
      // Another process's sweep, as each begins with its first call.
      await sleep(1_100)
      const sweeping = testKeys({ store: mongooseStore(database.connection), retention: '1s' })
      await sweeping.list()
      const deadline = performance.now() + 15_000
      while ((await store.find(apiKey.id)) !== null && performance.now() < deadline) await sleep(100)
    }
    await other.close()
    await keys.close()
    expect(await store.find(apiKey.id)).toBeNull()

    const { sidekey_audit, sidekey_changes, ...rest } = await traces(apiKey.id)
    expect(sidekey_audit?.count).toBeGreaterThan(0)
    for (const [name, { goes }] of Object.entries(rest)) expect([name, goes]).toEqual([name, true])
    expect(Object.keys(rest)).not.toEqual(expect.arrayContaining(['sidekey_usage']))
  },
)
