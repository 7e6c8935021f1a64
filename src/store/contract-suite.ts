/**
 * What every store promises, as tests: for the stores of this package and for people who write their own. Runs under
 * any runner that has `describe` and `it` (jest, vitest, mocha, node:test).
 */
import assert from 'node:assert/strict'
import type { Owner, StoredKey } from '../key/record.js'
import { newKeyId } from '../key/token.js'
import type { KeyQuery, Slot, Store } from './store.js'

/** A fresh, empty store, and how to put it away. */
export interface OpenedStore {
  readonly store: Store
  close?(): Promise<unknown>
}

/** The two functions of a test runner that the suite needs. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

/**
 * Declares the suite for one store.
 *
 * @param name what the store is called in the report
 * @param open makes a fresh and empty store; it is asked once a test
 * @param runner default: the runner's own globals
 *
 * @example
 * ```ts
 * storeContract('myStore', async () => ({ store: myStore(), close: () => dropEverything() }))
 * ```
 */
export function storeContract(
  name: string,
  open: () => Promise<OpenedStore>,
  runner: TestRunner = globalThis as unknown as TestRunner, // the runner's globals, where it has them
): void {
  const { describe, it } = runner
  const promise = (what: string, check: (store: Store) => Promise<void>) =>
    it(what, async () => {
      const { store, close } = await open()
      try {
        await store.ready()
        await check(store)
      } finally {
        await store.close()
        await close?.()
      }
    })

  describe(`store contract: ${name}`, () => {
    promise('finds what was inserted, field for field', async store => {
      const key = aKey({
        metadata: { a: [1, { b: null }] },
        tags: ['x'],
        expiresAt: new Date(2_000_000_000_000),
      })
      assert.equal(await store.insert(key), true)
      assert.deepEqual(plain(await store.find(key.id)), plain(key))
      assert.equal(await store.find(aKey().id), null)
    })

    promise('inserts an id once', async store => {
      const key = aKey({ name: 'first' })
      const answers = await Promise.all([1, 2, 3, 4, 5].map(() => store.insert(key)))
      assert.deepEqual(answers.filter(Boolean), [true])
      assert.equal(await store.insert({ ...key, name: 'second' }), false)
      assert.equal((await store.find(key.id))?.name, 'first')
    })

    promise('keeps a copy: what the caller does with its object changes nothing', async store => {
      const metadata = { a: 1 }
      const key = aKey({ metadata })
      await store.insert(key)
      metadata.a = 2
      assert.deepEqual(plain(await store.find(key.id)), plain({ ...key, metadata: { a: 1 } }))
    })

    promise('replaces by compare-and-set: of many at one version, one wins', async store => {
      const key = aKey()
      await store.insert(key)
      const rivals = Array.from({ length: 20 }, (_, i) => ({ ...key, name: `rival ${i}`, version: 2 }))
      const answers = await Promise.all(rivals.map(rival => store.replace(rival, 1)))
      assert.equal(answers.filter(Boolean).length, 1)
      const winner = rivals[answers.indexOf(true)]
      assert.equal((await store.find(key.id))?.name, winner?.name)
      assert.equal(await store.replace({ ...key, version: 2 }, 1), false)
      assert.equal(await store.replace(aKey(), 1), false)
    })

    promise('replaces every field, emptied ones too', async store => {
      const key = aKey({ description: 'd', metadata: { a: 1 }, tags: ['t'], expiresAt: new Date(2e12) })
      await store.insert(key)
      const next = { ...key, description: null, metadata: {}, tags: [], expiresAt: null, version: 2 }
      assert.equal(await store.replace(next, 1), true)
      assert.deepEqual(plain(await store.find(key.id)), plain(next))
    })

    promise('changes a hash only where the old one stands, and nothing else', async store => {
      const key = aKey({ hash: '$sha256$old' })
      await store.insert(key)
      assert.equal(await store.rehash(key.id, '$sha256$other', '$sha256$new'), false)
      assert.equal(await store.rehash(key.id, '$sha256$old', '$sha256$new'), true)
      assert.deepEqual(plain(await store.find(key.id)), plain({ ...key, hash: '$sha256$new' }))
    })

    promise('removes only the version it was told', async store => {
      const key = aKey({ version: 3 })
      await store.insert(key)
      assert.equal(await store.remove(key.id, 2), false)
      assert.equal(await store.remove(key.id, 3), true)
      assert.equal(await store.find(key.id), null)
      assert.equal(await store.remove(key.id, 3), false)
    })

    promise('lists newest first, and goes on where a page ended', async store => {
      const keys = await insertAll(
        store,
        [1, 2, 3, 4, 5].map(n => aKey({}, n)),
      )
      const newestFirst = keys.map(key => key.id).reverse()
      const first = await store.list({ ...EVERYTHING, limit: 2 })
      assert.deepEqual(ids(first), newestFirst.slice(0, 2))
      const rest = await store.list({ ...EVERYTHING, before: first[1]?.id ?? '', limit: 10 })
      assert.deepEqual(ids(rest), newestFirst.slice(2))
    })

    promise(
      'lists by owner (type and id both), organisation, parent, kind, tag, text and ids',
      async store => {
        const parent = newKeyId(1)
        const [mine, , , ours, child] = await insertAll(store, [
          aKey({ owner: alice, name: 'Nightly build', kind: 'secret', tags: ['ci', 'x'] }, 1),
          aKey({ owner: bob }, 2),
          aKey({ owner: { type: 'organization', id: 'alice' } }, 3),
          aKey({ owner: bob, organizationId: 'acme', kind: 'publishable' }, 4),
          aKey({ owner: bob, parentId: parent }, 5),
        ])
        const found = async (query: Partial<KeyQuery>) => ids(await store.list({ ...EVERYTHING, ...query }))
        assert.deepEqual(await found({ owners: [alice] }), ids([mine]))
        assert.equal((await found({ owners: [alice, bob] })).length, 4)
        assert.deepEqual(await found({ organizationId: 'acme' }), ids([ours]))
        assert.deepEqual(await found({ parentId: parent }), ids([child]))
        assert.deepEqual(await found({ kind: 'publishable' }), ids([ours]))
        assert.deepEqual(await found({ tag: 'ci' }), ids([mine]))
        assert.deepEqual(await found({ text: 'BUILD' }), ids([mine]))
        assert.deepEqual(await found({ text: 'b.ild' }), [])
        assert.deepEqual(await found({ ids: ids([mine, child]) }), ids([child, mine]))
        assert.deepEqual(await found({ owners: [bob], organizationId: 'acme', kind: 'secret' }), [])
      },
    )

    promise('tells owners apart whatever signs are in their ids', async store => {
      const odd = [
        { type: 'user', id: 'a:b' },
        { type: 'user', id: '"a"' },
        { type: 'user', id: '$a.b' },
      ]
      await insertAll(
        store,
        odd.map((owner, i) => aKey({ owner }, i + 1)),
      )
      for (const owner of odd) {
        const [key, ...more] = await store.list({ ...EVERYTHING, owners: [owner] })
        assert.deepEqual(plain(key?.owner), plain(owner))
        assert.equal(more.length, 0)
      }
    })

    promise('lists by status at a time', async store => {
      const now = 1_000_000
      const off = { at: new Date(1), by: null, rank: 'owner' as const }
      const [active, disabled, revoked, expired, scheduled, deleted] = await insertAll(store, [
        aKey({ expiresAt: new Date(now + 1), notBefore: new Date(now) }, 1),
        aKey({ disabled: off, expiresAt: new Date(1) }, 2),
        aKey({ revoked: { at: new Date(1), by: null, reason: null }, disabled: off }, 3),
        aKey({ expiresAt: new Date(now) }, 4),
        aKey({ notBefore: new Date(now + 1) }, 5),
        aKey({ deleted: off, revoked: { at: new Date(1), by: null, reason: null } }, 6),
      ])
      const by = async (...statuses: KeyQuery['statuses']) =>
        ids(await store.list({ ...EVERYTHING, now, statuses }))
      assert.deepEqual(await by('active'), ids([active]))
      assert.deepEqual(await by('disabled'), ids([disabled]))
      assert.deepEqual(await by('revoked'), ids([revoked]))
      assert.deepEqual(await by('expired'), ids([expired]))
      assert.deepEqual(await by('scheduled'), ids([scheduled]))
      assert.deepEqual(await by('deleted'), ids([deleted]))
      assert.deepEqual(await by('active', 'deleted'), ids([deleted, active]))
      assert.deepEqual(await by('expired', 'disabled', 'scheduled'), ids([scheduled, expired, disabled]))
      assert.equal((await by('active', 'disabled', 'revoked', 'expired', 'scheduled')).length, 5)
    })

    promise('gives out no more slots than there are, to however many ask at once', async store => {
      assert.equal(await store.claimSlot(alice, aSlot('k0'), 5), 'unseeded')
      await Promise.all([store.seedSlots(alice, [aSlot('k0')]), store.seedSlots(alice, [aSlot('k0')])])
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, i) => store.claimSlot(alice, aSlot(`k${i + 1}`), 5)),
      )
      assert.equal(answers.filter(answer => answer === 'claimed').length, 4)
      assert.equal(answers.filter(answer => answer === 'full').length, 26)
      assert.equal((await store.slots(alice)).length, 5)
      assert.deepEqual(await store.slots(bob), [])
    })

    promise('renews the slot that a key has, also where all are taken', async store => {
      await store.seedSlots(alice, [aSlot('k1'), aSlot('k2')])
      const renewed = aSlot('k1')
      assert.equal(await store.claimSlot(alice, renewed, 2), 'claimed')
      const slots = await store.slots(alice)
      assert.deepEqual(slots.map(slot => slot.keyId).sort(), ['k1', 'k2'])
      assert.deepEqual(
        slots.find(slot => slot.keyId === 'k1'),
        renewed,
      )
    })

    promise('frees a slot only as the claim that was read', async store => {
      const [old, other] = [aSlot('k1'), aSlot('k2')]
      await store.seedSlots(alice, [old, other])
      await store.claimSlot(alice, aSlot('k1'), 2)
      await store.releaseSlot(alice, old)
      assert.equal((await store.slots(alice)).length, 2)
      await store.releaseSlot(alice, other)
      assert.deepEqual(
        (await store.slots(alice)).map(slot => slot.keyId),
        ['k1'],
      )
      await store.seedSlots(alice, [])
      assert.equal((await store.slots(alice)).length, 1)
    })

    promise('answers a ping', store => store.ping())
  })
}

const alice: Owner = { type: 'user', id: 'alice' }
const bob: Owner = { type: 'user', id: 'bob' }
const EVERYTHING: KeyQuery = {
  statuses: ['active', 'disabled', 'revoked', 'expired', 'scheduled', 'deleted'],
  now: 1_500_000_000_000,
  limit: 100,
}

let claims = 0
function aSlot(keyId: string): Slot {
  return { keyId, claim: `claim${claims++}`, at: new Date(1_000 + claims), version: claims }
}

/** A key with everything at its plainest; `made` (ms) is in its id, and so says where it sorts. */
function aKey(fields: Partial<StoredKey> = {}, made = 1): StoredKey {
  return {
    id: newKeyId(made),
    kind: 'secret',
    prefix: 'acme_test',
    name: 'key',
    description: null,
    owner: alice,
    organizationId: null,
    createdBy: null,
    parentId: null,
    permissions: ['reports:read'],
    roles: [],
    resources: [],
    metadata: {},
    tags: [],
    notBefore: null,
    expiresAt: null,
    revoked: null,
    restrictions: { ips: [], origins: [] },
    version: 1,
    createdAt: new Date(made),
    updatedAt: new Date(made),
    hash: '$sha256$none',
    previous: [],
    disabled: null,
    deleted: null,
    outbox: [],
    ...fields,
  }
}

async function insertAll(store: Store, keys: StoredKey[]): Promise<StoredKey[]> {
  for (const key of keys) await store.insert(key)
  return keys
}

function ids(keys: readonly (StoredKey | undefined)[]): string[] {
  return keys.map(key => key?.id ?? 'none')
}

/** Without what a store may add to an object (frozenness, a prototype): only what is stored. */
function plain(value: unknown): unknown {
  return structuredClone(value)
}
