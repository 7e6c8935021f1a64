/** Whose token it is, by itself: what memory tells, what a read does, and what is asked while others wait. */
import crypto, { hash } from 'node:crypto'
import { memoryStore, SidekeyError, type Store } from 'sidekey'
import { CLOCK } from '../../src/clock.js'
import { toConfig } from '../../src/config.js'
import type { ForeignToken } from '../../src/key/foreign-token.js'
import type { StoredKey } from '../../src/key/record.js'
import { newKeyId, newToken } from '../../src/key/token.js'
import { Tally } from '../../src/telemetry/tally.js'
import { createCache } from '../../src/verify/cache.js'
import { createFinder } from '../../src/verify/finder.js'
import { type KnownKey, toKnown } from '../../src/verify/known.js'
import type { Presented } from '../../src/verify/matching.js'
import { MISSES_AT_ONCE } from '../../src/verify/miss-gate.js'
import { testKeys } from '../support/keys.js'
import { edit, forged, keyFor, recordIn, settled } from './support.js'

const IMPORTED = [{ source: 'old', prefix: 'old_' }] as const
const OLD = `old_${'x'.repeat(24)}`
const OLD_HASH = `$sha256$${hash('sha256', OLD, 'base64url')}`

/** A finder over a memory store, by a clock that the test moves. */
function scene(adopt?: (token: ForeignToken, store: Store) => Promise<string | null>) {
  const store = memoryStore()
  const config = toConfig({ prefix: 'acme_test', store, imported: IMPORTED })
  const reads: string[] = []
  const state = { now: 1_000, isAway: false, holdsBack: Promise.resolve() }
  const clock = { ...CLOCK, monotonic: () => state.now, sleep: () => new Promise<void>(setImmediate) }
  const records = createCache<KnownKey | null, KnownKey>({
    standing: { holds: () => true },
    clock,
    max: 1_000,
    maxAgeMs: 60_000,
    async read(id) {
      reads.push(id)
      const key = await store.find(id)
      await state.holdsBack
      return key && toKnown(key)
    },
    cellOf: known => known,
    valueIn: known => known,
    nameOf: ({ seen }) => seen.id,
  })
  const tally = new Tally()
  const around: string[] = []
  const finder = createFinder({
    config,
    clock,
    knowledge: { records, isAway: () => state.isAway },
    find: id => store.find(id),
    findAlias: id => store.findAlias(id),
    fallback: adopt === undefined ? null : { find: token => adopt(token, store) },
    tally,
    telemetry: {
      observe: () => undefined,
      around(operation, run) {
        around.push(operation)
        return run()
      },
    },
  })
  const presented = (token: string): Presented => {
    const parsed = finder.parse(token)
    if (parsed === null) throw new Error('it has no such shape')
    return { parsed, digest: hash('sha256', token, 'binary') }
  }
  const at = () => ({ wall: Date.now(), monotonic: state.now })
  return {
    ...{ store, records, reads, tally, around, finder, state },
    inMemory: (token: string) => finder.inMemory(presented(token), at()),
    inStore: (token: string) => finder.inStore(presented(token), at()),
  }
}

/** The same, with a key. */
async function sceneWithKey() {
  const one = scene()
  const { apiKey, token } = await keyFor(testKeys({ store: one.store }))
  return { ...one, id: apiKey.id, token, hash: (await recordIn(one.store, apiKey.id)).hash }
}

const unknown = () => newToken('acme_test', newKeyId(Date.now())).token

describe('a token', () => {
  it('is taken apart where it is one of ours, or has the shape of an imported one', () => {
    const { finder } = scene()
    const token = unknown()
    expect(finder.parse(token)).toMatchObject({ token, prefix: 'acme_test' })
    expect(finder.parse(OLD)).toMatchObject({ token: OLD, shape: { source: 'old' } })
    expect(finder.parse('nonsense')).toBeNull()
    expect([finder.mayBeForeign(OLD), finder.mayBeForeign(token)]).toEqual([true, false])
  })
})

describe('memory', () => {
  it('tells whose a token is once its record is there, and counts that', async () => {
    const { records, tally, inMemory, id, token, hash, reads } = await sceneWithKey()
    expect(inMemory(token)).toBeNull()
    expect(tally.hits).toBe(0)
    await records.load(id)
    expect(inMemory(token)).toMatchObject({ hash, known: { seen: { id } } })
    expect(inMemory(forged(token))).toBeNull()
    expect([tally.hits, tally.misses, reads.length]).toEqual([1, 0, 1])
  })

  it('compares once, whether or not it has the record', async () => {
    const { records, inMemory, id, token } = await sceneWithKey()
    const compared = jest.spyOn(crypto, 'timingSafeEqual')
    inMemory(unknown())
    expect(compared).toHaveBeenCalledTimes(1)
    await records.load(id)
    inMemory(forged(token))
    expect(compared).toHaveBeenCalledTimes(2)
    compared.mockRestore()
  })
})

describe('a read', () => {
  it('tells whose a token is, is told to who watches, and is counted as a miss', async () => {
    const { tally, around, inStore, id, token, hash, reads } = await sceneWithKey()
    expect(await inStore(token)).toMatchObject({ hash, known: { seen: { id } } })
    expect([tally.hits, tally.misses]).toEqual([0, 1])
    expect(around).toEqual(['verify'])
    expect(reads).toEqual([id])
  })

  it('is one for a wrong secret, too, though the record is in memory; a token that was refused costs none', async () => {
    const { state, tally, records, inStore, id, token, reads } = await sceneWithKey()
    await records.load(id)
    const wrong = forged(token)
    expect(await inStore(wrong)).toBeNull()
    expect(reads).toEqual([id, id])
    for (let i = 0; i < 3; i++) expect(await inStore(wrong)).toBeNull()
    expect(reads).toHaveLength(2)
    expect(tally.misses).toBe(1)
    state.now += 10_000
    expect(await inStore(wrong)).toBeNull()
    expect(reads).toHaveLength(3)
  })

  it('is none while the store is known to be away', async () => {
    const { state, inStore, token, reads, tally } = await sceneWithKey()
    state.isAway = true
    await expect(inStore(token)).rejects.toBeInstanceOf(SidekeyError)
    await expect(inStore(token)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryAfter: 1 })
    expect([reads.length, tally.misses]).toEqual([0, 0])
  })

  /** Has all places at the gate taken, then runs this, and lets one in after the other. */
  async function atTheGate(
    one: Awaited<ReturnType<typeof sceneWithKey>>,
    token: string,
    meanwhile: () => unknown,
  ) {
    await Promise.all(Array.from({ length: MISSES_AT_ONCE }, () => one.inStore(unknown())))
    one.reads.length = 0
    const finding = one.inStore(token)
    await meanwhile()
    one.state.now += 100
    return finding
  }

  it('is none where others have brought the record while a token stood at the gate', async () => {
    const one = await sceneWithKey()
    const found = await atTheGate(one, one.token, () => one.records.load(one.id))
    expect(found).toMatchObject({ hash: one.hash, known: { seen: { id: one.id } } })
    expect(one.reads).toEqual([one.id])
  })

  it('is one all the same where the secret is wrong', async () => {
    const one = await sceneWithKey()
    expect(await atTheGate(one, forged(one.token), () => one.records.load(one.id))).toBeNull()
    expect(one.reads).toEqual([one.id, one.id])
  })

  it('is made where the record has gone from memory meanwhile', async () => {
    const one = await sceneWithKey()
    await one.records.load(one.id)
    expect(await atTheGate(one, one.token, () => one.records.drop(one.id))).toMatchObject({ hash: one.hash })
    expect(one.reads).toEqual([one.id])
  })

  it('is made where what memory has was compared with before', async () => {
    const one = await sceneWithKey()
    await one.records.load(one.id)
    const compared = jest.spyOn(crypto, 'timingSafeEqual')
    const found = await atTheGate(one, forged(one.token), () => compared.mockClear())
    expect(found).toBeNull()
    expect(one.reads).toEqual([one.id])
    expect(compared).toHaveBeenCalledTimes(1)
    compared.mockRestore()
  })
})

describe('the hashes of a key', () => {
  it('that count are the current one, and those that have not ended', async () => {
    const { store, inStore, finder, id, token, hash } = await sceneWithKey()
    const key = await recordIn(store, id)
    const rotatedAway = (until: Date): Partial<StoredKey> => ({
      hash: `$sha256$${'A'.repeat(43)}`,
      previous: [{ hash: key.hash, until } as StoredKey['previous'][number]], // all that is looked at
    })
    await edit(store, id, rotatedAway(new Date(Date.now() + 60_000)))
    expect(await inStore(token)).toMatchObject({ hash })
    await edit(store, id, rotatedAway(new Date(Date.now())))
    expect(await inStore(token)).toBeNull()
    // To tell whose it was, any will do.
    expect(await finder.recordOf(token)).toMatchObject({ id })
    expect(await finder.ownerOf(token)).toMatchObject({ key: { id }, hash })
    expect(await finder.hashOf(token, await recordIn(store, id))).toBe(hash)
  })

  it('are none for what is no token, has a wrong secret or names no key', async () => {
    const { store, finder, id, token } = await sceneWithKey()
    const key = await recordIn(store, id)
    for (const wrong of ['nonsense', forged(token), unknown(), OLD]) {
      expect(await finder.recordOf(wrong)).toBeNull()
      expect(await finder.ownerOf(wrong)).toBeNull()
      expect(await finder.hashOf(wrong, key)).toBeNull()
    }
  })

  it('are compared with, or a decoy is, also where somebody looks a token up', async () => {
    const { finder, token } = await sceneWithKey()
    const compared = jest.spyOn(crypto, 'timingSafeEqual')
    for (const one of [token, forged(token), unknown()]) {
      compared.mockClear()
      await finder.ownerOf(one)
      expect(compared).toHaveBeenCalledTimes(1)
    }
    compared.mockRestore()
  })
})

describe('a token that only the old system knows', () => {
  /** Takes the key over as the import does. */
  async function adopted(_: ForeignToken, store: Store): Promise<string> {
    const keys = testKeys({ store, imported: IMPORTED })
    await keys.import([{ source: 'old', token: OLD, owner: { id: 'alice' } }])
    return (await keys.lookup(OLD))?.id ?? ''
  }

  it('is found once its key has been taken over', async () => {
    const asked: string[] = []
    const one = scene((token, store) => {
      asked.push(token.token)
      return adopted(token, store)
    })
    expect(await one.inStore(OLD)).toMatchObject({
      hash: OLD_HASH,
      known: { seen: { owner: { id: 'alice' } } },
    })
    expect(await one.inStore(OLD)).toMatchObject({ hash: OLD_HASH })
    expect(asked).toEqual([OLD])
  })

  it('is nobody’s where the old system does not know it either, or cannot be asked', async () => {
    const asked = scene(async () => null)
    for (const one of [asked, scene()]) {
      expect(await one.inStore(OLD)).toBeNull()
      expect(one.reads).toHaveLength(1)
    }
  })

  it('is not one of ours: the old system is not asked about those', async () => {
    const asked: string[] = []
    const one = scene(async token => {
      asked.push(token.token)
      return null
    })
    expect(await one.inStore(unknown())).toBeNull()
    expect(asked).toEqual([])
  })

  it('is found by a read that begins when its key is there, not by one that was under way before', async () => {
    let early: unknown
    let go = () => {}
    const one = scene(async (token, store) => {
      const keys = testKeys({ store, imported: IMPORTED })
      await keys.import([{ source: 'old', token: token.token, owner: { id: 'alice' } }])
      const id = (await keys.lookup(OLD))?.id ?? ''
      const record = await recordIn(store, id)
      // It began when the key had another hash, and is answered last.
      await edit(store, id, { hash: `$sha256$${'A'.repeat(43)}` })
      one.state.holdsBack = new Promise(resolve => {
        go = resolve
      })
      early = one.records.read(id)
      await settled()
      one.state.holdsBack = Promise.resolve()
      await edit(store, id, { hash: record.hash })
      return id
    })
    expect(await one.inStore(OLD)).toMatchObject({ hash: OLD_HASH })
    go()
    await early
    expect(one.reads.length).toBeGreaterThanOrEqual(3)
  })
})
