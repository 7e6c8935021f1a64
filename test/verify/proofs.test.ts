/** Which tokens memory knows at once, by their digests; and that they go with the records that they were compared with. */
import type { StoredKey } from '../../src/key/record.js'
import { aKey } from '../../src/store/contract-data.js'
import { createCache } from '../../src/verify/cache.js'
import { type KnownKey, toKnown } from '../../src/verify/known.js'
import { createProofs } from '../../src/verify/proofs.js'

const UNTIL = new Date(1_900_000_000_000)
const HASH = '$sha256$current'
const previous = (hash: string) => ({ hash, until: UNTIL, rotatedAt: new Date(1) })

/** A cache of these keys, as a process has it, and what has been shown to be theirs. */
async function scene(...keys: readonly Partial<StoredKey>[]) {
  const { onGone, over } = createProofs()
  const records = keys.map(fields => aKey({ hash: HASH, ...fields }))
  let holds = true
  const cache = createCache<KnownKey, KnownKey>({
    standing: { holds: () => holds },
    clock: { monotonic: () => 0, random: () => 0 },
    max: 10,
    maxAgeMs: 60_000,
    read: async id => {
      const key = records.find(one => one.id === id)
      if (key === undefined) throw new Error('there is no such key')
      return toKnown(key)
    },
    cellOf: known => known,
    valueIn: known => known,
    nameOf: ({ seen }) => seen.id,
    onGone,
  })
  const known = await Promise.all(records.map(({ id }) => cache.load(id)))
  const proofs = over(cache)
  return {
    ...proofs,
    add: (digest: string, known: KnownKey | undefined, hash: string) => {
      if (known !== undefined) proofs.add(digest, known, hash, 0)
    },
    known,
    drop: (known: KnownKey | undefined) => cache.drop(known?.seen.id ?? ''),
    lapse: () => {
      holds = false
    },
  }
}

describe('a token that has been shown to be a key’s', () => {
  it('is known for it by its digest', async () => {
    const { current, rotated, add, known } = await scene({}, {})
    const [one, other] = known
    expect(current('one')).toBe(undefined)
    add('one', one, HASH)
    add('other', other, HASH)
    expect([current('one'), current('other'), current('neither')]).toEqual([one, other, undefined])
    expect(rotated('one')).toBe(undefined)
  })

  it('is not where the record is not in memory, or may not be used', async () => {
    const { current, add, known, drop, lapse } = await scene({}, {})
    const [one, other] = known
    drop(one)
    add('one', one, HASH)
    lapse()
    add('other', other, HASH)
    expect([current('one'), current('other')]).toEqual([undefined, undefined])
  })

  it('is forgotten with the record, and no other is', async () => {
    const { current, add, known, drop } = await scene({}, {})
    const [one, other] = known
    add('one', one, HASH)
    add('other', other, HASH)
    drop(one)
    expect([current('one'), current('other')]).toEqual([undefined, other])
  })

  it('is the first that was shown: none is kept that would outlive the record', async () => {
    const { current, add, known, drop } = await scene({})
    const [one] = known
    add('first', one, HASH)
    add('second', one, HASH)
    expect([current('first'), current('second')]).toEqual([one, undefined])
    drop(one)
    expect([current('first'), current('second')]).toEqual([undefined, undefined])
  })
})

describe('a token that was rotated away', () => {
  it('is known with its hash, and until when', async () => {
    const { current, rotated, add, known } = await scene({ previous: [previous('a'), previous('b')] })
    const [one] = known
    add('digest', one, 'b')
    expect(rotated('digest')).toEqual({ known: one, hash: 'b', until: UNTIL.getTime() })
    expect(rotated('other')).toBe(undefined)
    expect(current('digest')).toBe(undefined)
  })

  it('is not where the key has no such hash', async () => {
    const { rotated, add, known } = await scene({ previous: [previous('a')] }, {})
    const [one, plain] = known
    add('digest', one, 'b')
    add('other', plain, 'a')
    expect([rotated('digest'), rotated('other')]).toEqual([undefined, undefined])
  })

  it('is forgotten with the record, as the current one is', async () => {
    const { current, rotated, add, known, drop } = await scene(
      { previous: [previous('a'), previous('b')] },
      { previous: [previous('c')] },
    )
    const [one, other] = known
    add('current', one, HASH)
    add('digest of a', one, 'a')
    add('digest of b', one, 'b')
    add('digest of c', other, 'c')
    drop(one)
    const all = ['digest of a', 'digest of b', 'digest of c'].map(digest => rotated(digest)?.known)
    expect(all).toEqual([undefined, undefined, other])
    expect(current('current')).toBe(undefined)
  })

  it('counts once, and is one of three at most', async () => {
    const { rotated, add, known } = await scene({ previous: ['a', 'b', 'c', 'd'].map(previous) })
    const [one] = known
    for (let i = 0; i < 5; i++) add('digest of a', one, 'a')
    for (const hash of ['b', 'c', 'd']) add(`digest of ${hash}`, one, hash)
    const all = ['a', 'b', 'c', 'd'].map(hash => rotated(`digest of ${hash}`)?.hash)
    expect(all).toEqual(['a', 'b', 'c', undefined])
  })
})
