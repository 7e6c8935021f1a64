/**
 * What every store promises, as tests: for the stores of this package and for people who write their own. Runs under
 * any runner that has `describe` and `it` (jest, vitest, mocha, node:test).
 */
import assert from 'node:assert/strict'
import { auditPromises } from './contract-audit.js'
import { besidePromises } from './contract-beside.js'
import { coherencePromises } from './contract-coherence.js'
import { counterPromises } from './contract-counters.js'
import { creditPromises } from './contract-credits.js'
import { aKey, alice, aSlot, bob, plain } from './contract-data.js'
import { listPromises } from './contract-lists.js'
import { usagePromises } from './contract-usage.js'
import type { Store } from './store.js'

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

/** Declares one promise of a store. */
export type DeclarePromise = (what: string, check: (store: Store) => Promise<void>) => unknown

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
  const promise: DeclarePromise = (what, check) =>
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

    listPromises(promise)
    auditPromises(promise)
    besidePromises(promise)
    usagePromises(promise)
    creditPromises(promise)
    coherencePromises(promise)
    counterPromises(promise)
  })
}
