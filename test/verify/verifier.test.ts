/** What a verification hands over, counts and asks, beside its answer. */
import { type ApiKeysOptions, apiKeys, memoryStore, SidekeyError } from 'sidekey'
import { internalsOf } from '../../src/internals.js'
import { MISSES_AT_ONCE } from '../../src/verify/miss-gate.js'
import {
  mistyped,
  root,
  type TestKeys,
  type TestPermission,
  type TestUser,
  testKeys,
} from '../support/keys.js'
import { accepted, edit, forged, keyFor, outcome, recordIn, watchedStore } from './support.js'

type Options = Partial<ApiKeysOptions<TestPermission, TestUser>>
/** No window ends while a test runs. */
const LIMITS = { requests: { points: 2, per: '24d' } } as const

function watchedKeys(options: Options = {}) {
  const store = watchedStore()
  const logged: unknown[] = []
  const logger = { warn: () => {}, error: (...entry: unknown[]) => logged.push(entry) }
  return { store, logged, keys: testKeys({ store, logger, ...options }) }
}

afterEach(() => jest.restoreAllMocks())

/** What was counted since it was last asked. */
function counter(keys: TestKeys) {
  let before = keys.metrics()
  return () => {
    const now = keys.metrics()
    const outcomes = Object.entries(now.verifications).flatMap(([name, count]) => {
      const more = count - ((before.verifications as Record<string, number>)[name] ?? 0)
      return more === 0 ? [] : [[name, more]]
    })
    const { hits, misses } = now.cache
    const counted = {
      outcomes: Object.fromEntries(outcomes),
      hits: hits - before.cache.hits,
      misses: misses - before.cache.misses,
    }
    before = now
    return counted
  }
}

describe('the answer', () => {
  it('is one promise of one object, as long as nothing changes about the key', async () => {
    const { keys } = watchedKeys()
    const { apiKey, token } = await keyFor(keys)
    await keys.verify(token)
    const promise = keys.verify(token)
    expect(promise).toBeInstanceOf(Promise)
    expect(keys.verify(token, { ip: '192.0.2.1' })).toBe(promise)
    expect(await promise).toBe(await keys.verify(token))
    await keys.update(apiKey.id, { name: 'other' })
    expect(accepted(await keys.verify(token)).apiKey.name).toBe('other')
    expect(keys.verify(token)).not.toBe(promise)
    expect(accepted(await keys.verify(token)).apiKey.name).toBe('other')
  })

  it('is another once the owner may do something else', async () => {
    let granted = ['reports:read', 'exports:run']
    const { keys } = watchedKeys({ grants: () => granted })
    const { token } = await keyFor(keys, { permissions: ['reports:*'] })
    await keys.verify(token)
    const promise = keys.verify(token)
    granted = ['reports:write']
    await keys.forget({ id: 'alice' })
    expect(accepted(await keys.verify(token)).permissions).toEqual(['reports:write'])
    expect(accepted(await keys.verify(token)).permissions).toEqual(['reports:write'])
    expect(accepted(await promise).permissions).toEqual(['reports:read'])
  })

  it('is the same promise where the owner’s grants are asked for again, and say the same', async () => {
    let now = 1_000
    jest.spyOn(performance, 'now').mockImplementation(() => now)
    let asked = 0
    const grants = () => {
      asked++
      return ['reports:*', 'exports:*']
    }
    const { keys } = watchedKeys({ grants, cache: { ownersFor: '2s' } })
    const { token } = await keyFor(keys, { permissions: ['reports:read', 'exports:run'] })
    await keys.verify(token)
    const promise = keys.verify(token)
    now += 2_000
    await keys.verify(token)
    expect(asked).toBe(2)
    expect(keys.verify(token)).toBe(promise)
    // For an answer, too, that memory has once it was waited for.
    const { token: other } = await keyFor(keys, { permissions: ['reports:read'] })
    await keys.verify(other)
    const known = accepted(await keys.verify(other))
    now += 2_000
    expect(await keys.verify(other)).toBe(known)
  })

  it('is there at once, and is one object, where the app does not say what owners may', async () => {
    const options = { prefix: 'acme_test', store: memoryStore(), cache: { ownersFor: '0s', records: 10 } }
    const keys = apiKeys(options)
    const { token } = await keys.create({ name: 'k', owner: { id: 'alice' }, permissions: ['reports:read'] })
    const first = accepted(await keys.verify(token))
    expect(first.permissions).toEqual(['reports:read'])
    for (let i = 0; i < 3; i++) expect(internalsOf(keys).identify(token)).toBe(first)
    await keys.close()
  })

  it('is there at once, from memory, of a token that was rotated away', async () => {
    const { keys } = watchedKeys()
    const { apiKey, token } = await keyFor(keys)
    await keys.rotate(apiKey.id)
    await keys.verify(token)
    await keys.verify(token)
    const counted = counter(keys)
    expect(internalsOf(keys).identify(token)).toMatchObject({ ok: true, tokenEndsAt: expect.any(Date) })
    expect(counted()).toEqual({ outcomes: {}, hits: 1, misses: 0 })
  })

  it('is had by a gateway, too, and drawn for', async () => {
    const { keys } = watchedKeys()
    const { token } = await keyFor(keys, { limits: LIMITS })
    for (const remaining of [1, 0])
      expect(await keys.as(root).verify(token)).toMatchObject({
        ok: true,
        limits: { requests: { remaining } },
      })
    expect(outcome(await keys.as(root).verify(token))).toBe('RATE_LIMITED')
  })

  it('of each that is limited is its own, with where that stands', async () => {
    const { keys } = watchedKeys()
    const { token } = await keyFor(keys, { limits: LIMITS })
    const answers = []
    for (let i = 0; i < 3; i++) answers.push(await keys.verify(token))
    expect(answers.map(one => [outcome(one), one.limits?.requests?.remaining])).toEqual([
      ['ok', 1],
      ['ok', 0],
      ['RATE_LIMITED', 0],
    ])
  })

  it('is a rejection where the request is malformed, never an exception', async () => {
    const { keys } = watchedKeys()
    const verifying = keys.verify('any', { cost: -1 })
    await expect(verifying).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('is no more than that it may be, where what it costs is not yet known: at once, nothing drawn, nothing counted', async () => {
    const { keys } = watchedKeys()
    const { identify } = internalsOf(keys)
    const { token } = await keyFor(keys, { limits: LIMITS })
    accepted(await identify(token))
    const counted = counter(keys)
    for (let i = 0; i < 5; i++) {
      const answer = identify(token)
      if (answer instanceof Promise) throw new Error('it is in memory')
      expect(accepted(answer).limits).toEqual({})
    }
    expect(counted()).toEqual({ outcomes: {}, hits: 5, misses: 0 })
    expect(outcome(await identify(token, { permissions: 'exports:run' }))).toBe('INSUFFICIENT_PERMISSIONS')
    expect(counted().outcomes).toEqual({ INSUFFICIENT_PERMISSIONS: 1 })
    expect((await keys.verify(token)).limits?.requests?.remaining).toBe(1)
    // The same of a token that was rotated away.
    const { apiKey } = accepted(await keys.verify(token))
    await keys.rotate(apiKey.id)
    counted()
    for (let i = 0; i < 2; i++)
      expect(await identify(token)).toMatchObject({ ok: true, tokenEndsAt: expect.any(Date) })
    expect(counted().outcomes).toEqual({})
  })
})

describe('a verification is counted', () => {
  it('once, by what came of it, and whether memory knew the token', async () => {
    const { keys } = watchedKeys()
    const { apiKey, token } = await keyFor(keys)
    const counted = counter(keys)
    const ask = async (presented: unknown, request: object = {}) => {
      await keys.verify(presented as string, request) // whatever may come
      return counted()
    }
    const nothing = { hits: 0, misses: 0 }
    expect(await ask(undefined)).toEqual({ outcomes: { KEY_MISSING: 1 }, ...nothing })
    expect(await ask(null)).toEqual({ outcomes: { KEY_MISSING: 1 }, ...nothing })
    expect(await ask('')).toEqual({ outcomes: { KEY_MISSING: 1 }, ...nothing })
    expect(await ask(Object(token))).toEqual({ outcomes: { KEY_INVALID: 1 }, ...nothing })
    expect(await ask([token])).toEqual({ outcomes: { KEY_INVALID: 1 }, ...nothing })
    expect(await ask('nonsense')).toEqual({ outcomes: { KEY_INVALID: 1 }, ...nothing })
    expect(await ask(42)).toEqual({ outcomes: { KEY_INVALID: 1 }, ...nothing })
    expect(await ask(mistyped(token))).toEqual({ outcomes: { KEY_INVALID: 1 }, ...nothing })
    expect(await ask(token)).toEqual({ outcomes: { accepted: 1 }, hits: 0, misses: 1 })
    expect(await ask(token)).toEqual({ outcomes: { accepted: 1 }, hits: 1, misses: 0 })
    expect(await ask(token, { kind: 'other' })).toEqual({ outcomes: { KEY_INVALID: 1 }, hits: 1, misses: 0 })
    expect(await ask(forged(token))).toEqual({ outcomes: { KEY_INVALID: 1 }, hits: 0, misses: 1 })
    const old = token
    const rotated = await keys.rotate(apiKey.id)
    expect(await ask(old)).toEqual({ outcomes: { accepted: 1 }, hits: 0, misses: 1 })
    expect(await ask(old)).toEqual({ outcomes: { accepted: 1 }, hits: 1, misses: 0 })
    // Its record is in memory, though the token was not seen before.
    expect(await ask(rotated.token)).toEqual({ outcomes: { accepted: 1 }, hits: 1, misses: 0 })
    await keys.revoke(apiKey.id)
    for (const one of [old, rotated.token]) expect((await ask(one)).outcomes).toEqual({ KEY_REVOKED: 1 })
  })

  it('for the key, whose secret was right, alone', async () => {
    const { keys } = watchedKeys()
    const { apiKey, token } = await keyFor(keys, { limits: LIMITS })
    for (const one of [token, token, token, forged(token), mistyped(token)]) await keys.verify(one)
    await keys.verify(token, { permissions: 'exports:run' })
    const { data } = await keys.usage({ keyId: apiKey.id })
    expect(data.reduce((sum, { total }) => sum + total, 0)).toBe(4)
    expect(new Set(data.flatMap(({ outcomes }) => Object.keys(outcomes)))).toEqual(
      new Set(['accepted', 'RATE_LIMITED', 'INSUFFICIENT_PERMISSIONS']),
    )
  })

  it('as unavailable where it could not be looked up', async () => {
    const store = watchedStore()
    const failing = { ...store, find: () => Promise.reject(new SidekeyError('STORE_UNAVAILABLE', 'away')) }
    const { token } = await keyFor(testKeys({ store }))
    const { keys, logged } = watchedKeys({ store: failing })
    const counted = counter(keys)
    expect(outcome(await keys.verify(token))).toBe('STORE_UNAVAILABLE')
    expect(counted().outcomes).toEqual({ STORE_UNAVAILABLE: 1 })
    // That the store is away is told by all else.
    expect(logged).toEqual([])
  })

  it('as unavailable where it could not be decided, with the reason in the log', async () => {
    const failure = new Error('the directory is away')
    const { keys, logged } = watchedKeys({ grants: () => Promise.reject(failure) })
    const { token } = await keyFor(keys)
    const counted = counter(keys)
    for (let i = 1; i <= 2; i++) {
      expect(outcome(await keys.verify(token))).toBe('STORE_UNAVAILABLE')
      expect(counted().outcomes).toEqual({ STORE_UNAVAILABLE: 1 })
      expect(logged).toHaveLength(i)
    }
    expect(logged[0]).toEqual([{ err: failure }, 'a key could not be checked'])
  })

  it('as unavailable where the app fails at once, though the key is in memory', async () => {
    const failing = () => {
      throw new Error('the directory is away')
    }
    const { keys, logged } = watchedKeys({ grants: failing, cache: { ownersFor: '0s' } })
    const { apiKey, token } = await keyFor(keys)
    for (let i = 1; i <= 2; i++) {
      const away = { ok: false, code: 'STORE_UNAVAILABLE', status: 503, retryAfter: 1 }
      expect(await keys.verify(token)).toEqual(away)
      expect(logged).toHaveLength(i)
    }
    const { data } = await keys.usage({ keyId: apiKey.id })
    expect(data.reduce((sum, { outcomes }) => sum + (outcomes.STORE_UNAVAILABLE ?? 0), 0)).toBe(2)
  })
})

describe('the store is asked', () => {
  it('nothing about a token that memory knows, and once where it has changed', async () => {
    const { store, keys } = watchedKeys()
    const { apiKey, token } = await keyFor(keys)
    for (let i = 0; i < 3; i++) await keys.verify(token)
    expect(store.reads).toEqual([apiKey.id])
    await keys.update(apiKey.id, { name: 'other' })
    const before = store.reads.length
    for (let i = 0; i < 3; i++) await keys.verify(token)
    expect(store.reads.slice(before)).toEqual([apiKey.id])
  })

  it('nothing about a token that was rotated away, and refused since: its record is in memory', async () => {
    const { store, keys } = watchedKeys()
    const { apiKey, token } = await keyFor(keys)
    await keys.rotate(apiKey.id)
    accepted(await keys.verify(token))
    const before = store.reads.length
    for (let i = 0; i < 2 * MISSES_AT_ONCE; i++)
      expect(outcome(await keys.verify(token, { permissions: 'exports:run' }))).toBe(
        'INSUFFICIENT_PERMISSIONS',
      )
    expect(store.reads).toHaveLength(before)
  })

  it('for no new hash, where the token is one that was rotated away, or the key is refused', async () => {
    const { store, keys } = watchedKeys()
    const { apiKey, token } = await keyFor(keys, { notBefore: new Date(Date.now() + 3_600_000) })
    const { token: next } = await keys.rotate(apiKey.id)
    const peppered = testKeys({ store, pepper: { current: 'p'.repeat(32) } })
    expect(outcome(await peppered.verify(next))).toBe('KEY_NOT_YET_VALID')
    await edit(store, apiKey.id, { notBefore: null })
    const others = testKeys({ store, pepper: { current: 'p'.repeat(32) } })
    expect(outcome(await others.verify(token))).toBe('ok')
    await new Promise(setImmediate)
    expect(store.renewals).toEqual([])
    expect(outcome(await others.verify(next))).toBe('ok')
    while (store.renewals.length === 0) await new Promise(setImmediate)
    expect((await recordIn(store, apiKey.id)).hash).toMatch(/^\$hmac-sha256\$/)
  })
})
