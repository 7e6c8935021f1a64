/** What every store promises of what is counted of the use of keys. */
import assert from 'node:assert/strict'
import type { StoredKey } from '../key/record.js'
import { newKeyId } from '../key/token.js'
import { aKey, alice, bob } from './contract-data.js'
import type { DeclarePromise } from './contract-suite.js'
import type { Store, UsageBucket, UsageFilter } from './store.js'

const HOUR = 500_000
const ALWAYS: UsageFilter = { from: 0, to: 1_000_000 }

export function usagePromises(promise: DeclarePromise): void {
  promise('sums what was counted, by hour and outcome, oldest first', async store => {
    const [one, other] = await inserted(store, aKey(), aKey())
    await store.addUsage([
      bucket(one, { hour: HOUR + 2, counts: { accepted: 3, KEY_REVOKED: 1 } }),
      bucket(one, { counts: { accepted: 10 } }),
    ])
    await store.addUsage([
      bucket(one, { hour: HOUR + 2, counts: { accepted: 2, IP_NOT_ALLOWED: 7 } }),
      bucket(other, { hour: HOUR + 2, counts: { accepted: 100 } }),
    ])
    await store.addUsage([])
    assert.deepEqual(await store.usage(ALWAYS), [
      { hour: HOUR, counts: { accepted: 10 } },
      { hour: HOUR + 2, counts: { accepted: 105, KEY_REVOKED: 1, IP_NOT_ALLOWED: 7 } },
    ])
    assert.deepEqual(await store.usage({ ...ALWAYS, keyIds: [one.id] }), [
      { hour: HOUR, counts: { accepted: 10 } },
      { hour: HOUR + 2, counts: { accepted: 5, KEY_REVOKED: 1, IP_NOT_ALLOWED: 7 } },
    ])
  })

  promise('loses nothing that many add to one hour at once, the first of it included', async store => {
    const [one, other] = await inserted(store, aKey(), aKey())
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        store.addUsage([
          bucket(one, { counts: { accepted: 1, [i % 2 ? 'KEY_EXPIRED' : 'KEY_DISABLED']: 2 } }),
          bucket(other, { counts: { accepted: 1000 } }),
        ]),
      ),
    )
    assert.deepEqual(await store.usage({ ...ALWAYS, keyIds: [one.id] }), [
      { hour: HOUR, counts: { accepted: 20, KEY_EXPIRED: 20, KEY_DISABLED: 20 } },
    ])
    assert.deepEqual(await store.usage({ ...ALWAYS, keyIds: [other.id] }), [
      { hour: HOUR, counts: { accepted: 20_000 } },
    ])
  })

  promise('finds what was counted by key, owner (type and id both), organisation and time', async store => {
    const organization = { type: 'organization', id: 'alice' }
    const keys = await inserted(store, aKey(), aKey(), aKey(), aKey())
    const whose = [
      { owner: alice, organizationId: null },
      { owner: alice, organizationId: 'acme' },
      { owner: bob, organizationId: 'acme' },
      { owner: organization, organizationId: 'other' },
    ]
    await store.addUsage(
      keys.map((key, i) => bucket(key, { ...whose[i], hour: HOUR + i, counts: { accepted: 10 ** i } })),
    )
    const [a = '', b = '', c = '', d = ''] = keys.map(({ id }) => id)
    const found = async (filter: Partial<UsageFilter>) => {
      const rows = await store.usage({ ...ALWAYS, ...filter })
      const used = await store.usedKeys({ ...ALWAYS, ...filter }, 100)
      return [rows.reduce((sum, { counts }) => sum + (counts.accepted ?? 0), 0), used.sort()]
    }
    assert.deepEqual(await found({}), [1111, [a, b, c, d].sort()])
    assert.equal((await store.usedKeys(ALWAYS, 3)).length, 3)
    assert.deepEqual(await found({ keyIds: [c] }), [100, [c]])
    assert.deepEqual(await found({ keyIds: [a, d] }), [1001, [a, d].sort()])
    assert.deepEqual(await found({ keyIds: [] }), [0, []])
    assert.deepEqual(await found({ owners: [alice] }), [11, [a, b].sort()])
    assert.deepEqual(await found({ owners: [organization, bob] }), [1100, [c, d].sort()])
    assert.deepEqual(await found({ owners: [] }), [0, []])
    assert.deepEqual(await found({ organizationId: 'acme' }), [110, [b, c].sort()])
    assert.deepEqual(await found({ owners: [alice], organizationId: 'acme' }), [10, [b]])
    assert.deepEqual(await found({ owners: [bob], keyIds: [a] }), [0, []])
    assert.deepEqual(await found({ from: HOUR + 1, to: HOUR + 3 }), [110, [b, c].sort()])
    assert.deepEqual(await found({ organizationId: 'acme', from: HOUR + 2 }), [100, [c]])
    assert.deepEqual(await found({ from: HOUR + 4 }), [0, []])
  })

  promise('keeps apart whose a key was in one hour', async store => {
    const [key] = await inserted(store, aKey())
    await store.addUsage([bucket(key, { counts: { accepted: 1 } })])
    await store.addUsage([bucket(key, { owner: bob, counts: { accepted: 10 } })])
    await store.addUsage([bucket(key, { owner: bob, organizationId: 'acme', counts: { accepted: 100 } })])
    const sumOf = async (filter: Partial<UsageFilter>) =>
      (await store.usage({ ...ALWAYS, ...filter }))[0]?.counts.accepted
    assert.equal(await sumOf({ keyIds: [key.id] }), 111)
    assert.equal(await sumOf({ owners: [alice] }), 1)
    assert.equal(await sumOf({ owners: [bob] }), 110)
    assert.equal(await sumOf({ organizationId: 'acme' }), 100)
  })

  promise('keeps nothing of a key that is removed, and leaves that of others', async store => {
    const [gone, kept] = await inserted(store, aKey(), aKey())
    await store.addUsage([bucket(gone), bucket(gone, { hour: HOUR + 1, owner: bob }), bucket(kept)])
    assert.equal(await store.remove(gone.id, 7), false)
    assert.equal((await store.usage(ALWAYS))[0]?.counts.accepted, 2)
    assert.equal(await store.remove(gone.id, 1), true)
    assert.deepEqual(await store.usage(ALWAYS), [{ hour: HOUR, counts: { accepted: 1 } }])
    assert.deepEqual(await store.usedKeys(ALWAYS, 100), [kept.id])
  })

  promise('keeps nothing of a key that goes for good while it is counted', async store => {
    const deleted = { at: new Date(1), by: null, rank: 'admin', forGood: true } as const
    const keys = await inserted(store, ...Array.from({ length: 10 }, () => aKey({ deleted })))
    await Promise.all(
      keys.flatMap(key => [
        store.addUsage([bucket(key)]),
        store.remove(key.id, 1),
        store.addUsage([bucket(key), bucket(key, { hour: HOUR + 1 })]),
      ]),
    )
    assert.deepEqual(await store.usedKeys(ALWAYS, 100), [])
  })

  promise('keeps nothing that comes late, of a key that is gone or goes', async store => {
    const deleted = { at: new Date(1), by: null, rank: 'admin', forGood: true } as const
    const [purged, restorable] = await inserted(
      store,
      aKey({ deleted }),
      aKey({ deleted: { at: new Date(1), by: null, rank: 'admin' } }),
    )
    await store.addUsage([bucket(purged), bucket(restorable), bucket(aKey({ id: newKeyId(1) }))])
    assert.deepEqual(await store.usedKeys(ALWAYS, 100), [restorable.id])
  })
}

/** A bucket of this key with one use in it. */
function bucket({ id }: StoredKey, fields: Partial<UsageBucket> = {}): UsageBucket {
  return {
    keyId: id,
    owner: alice,
    organizationId: null,
    hour: HOUR,
    counts: { accepted: 1 },
    expireAt: new Date(4e12),
    ...fields,
  }
}

async function inserted<Keys extends StoredKey[]>(store: Store, ...keys: Keys): Promise<Keys> {
  for (const key of keys) await store.insert(key)
  return keys
}
