/** From when until when a key is good, to the millisecond, though it is in memory: by clocks that only the test moves. */
import type { ApiKeysOptions, CreateInput } from 'sidekey'
import { pass, stopTime } from '../manage/sweeping.js'
import { type TestPermission, type TestUser, testKeys } from '../support/keys.js'
import { accepted, childOf, edit, keyFor, outcome, type WatchedStore, watchedStore } from './support.js'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** Not a whole second. */
const NOW = Date.parse('2026-03-01T12:00:00.250Z')
const at = (ms: number) => new Date(NOW + ms)

/** The monotonic clock: while it stands still, nothing in memory grows old. */
let monotonic: number
beforeEach(() => {
  monotonic = 1_000
  stopTime(NOW)
  jest.spyOn(performance, 'now').mockImplementation(() => monotonic)
})
afterEach(() => {
  jest.restoreAllMocks()
  jest.useRealTimers()
})

/** A key, and what becomes of its token at a time (ms from the beginning). */
async function keyOf(
  input: Partial<CreateInput<TestPermission>>,
  options: Partial<ApiKeysOptions<TestPermission, TestUser>> = {},
  store: WatchedStore = watchedStore(),
) {
  const keys = testKeys({ store, ...options })
  const { apiKey, token } = await keyFor(keys, input)
  const when = async (ms: number) => {
    jest.setSystemTime(NOW + ms)
    return outcome(await keys.verify(token))
  }
  return { store, keys, apiKey, token, when }
}

describe('a key that is not valid until later', () => {
  it('is refused until then and good from then on, also where the clock is set back', async () => {
    const { store, when } = await keyOf({ notBefore: at(1_300) })
    expect(await when(0)).toBe('KEY_NOT_YET_VALID')
    expect(await when(1_299)).toBe('KEY_NOT_YET_VALID')
    expect(await when(1_300)).toBe('ok')
    expect(await when(1_299)).toBe('KEY_NOT_YET_VALID')
    expect(await when(1_300)).toBe('ok')
    expect(store.reads).toHaveLength(1)
  })

  it('may end, too', async () => {
    const { when } = await keyOf({ notBefore: at(1_300), expiresAt: at(5_700) })
    expect(await when(0)).toBe('KEY_NOT_YET_VALID')
    expect(await when(1_300)).toBe('ok')
    expect(await when(5_699)).toBe('ok')
    expect(await when(5_700)).toBe('KEY_EXPIRED')
    expect(await when(1_300)).toBe('ok')
    expect(await when(1_299)).toBe('KEY_NOT_YET_VALID')
  })
})

describe('a key that expires', () => {
  it('is good until then, and not a moment longer, though memory has seen it good', async () => {
    const { store, when } = await keyOf({ expiresAt: at(5_700) })
    expect(await when(0)).toBe('ok')
    expect(await when(4_800)).toBe('ok')
    expect(await when(5_699)).toBe('ok')
    expect(await when(5_700)).toBe('KEY_EXPIRED')
    expect(await when(DAY)).toBe('KEY_EXPIRED')
    expect(store.reads).toHaveLength(1)
  })

  it('may do so on the second', async () => {
    const { when } = await keyOf({ expiresAt: at(5_750) })
    expect(await when(0)).toBe('ok')
    expect(await when(5_749)).toBe('ok')
    expect(await when(5_750)).toBe('KEY_EXPIRED')
  })

  it('may do so after 2038', async () => {
    const end = Date.parse('2040-01-01') - NOW
    const { when } = await keyOf({ expiresAt: at(end) })
    expect(await when(0)).toBe('ok')
    expect(await when(end - 1)).toBe('ok')
    expect(await when(end)).toBe('KEY_EXPIRED')
  })

  it('may do so never', async () => {
    const { when } = await keyOf({})
    expect(await when(0)).toBe('ok')
    expect(await when(Date.parse('2100-01-01') - NOW)).toBe('ok')
  })
})

describe('a token that was rotated away', () => {
  it('is good until its grace is over, and not a moment longer, though memory has seen it good', async () => {
    const { store, keys, apiKey, token, when } = await keyOf({})
    const rotated = await keys.rotate(apiKey.id, { grace: '1m' })
    expect(await keys.verify(token)).toMatchObject({ ok: true, tokenEndsAt: at(MINUTE) })
    const reads = store.reads.length
    expect(await keys.verify(token)).toMatchObject({ ok: true, tokenEndsAt: at(MINUTE) })
    expect(await when(MINUTE - 1)).toBe('ok')
    expect(store.reads).toHaveLength(reads)
    expect(await when(MINUTE)).toBe('KEY_INVALID')
    expect(await keys.verify(rotated.token)).toMatchObject({ ok: true, tokenEndsAt: null })
  })
})

describe('tokens that were rotated away', () => {
  it('end each at its own time', async () => {
    const { keys, apiKey, token: first } = await keyOf({})
    const { token: second } = await keys.rotate(apiKey.id, { grace: '1m' })
    await keys.rotate(apiKey.id, { grace: '2m' })
    for (let i = 0; i < 2; i++) {
      expect(await keys.verify(first)).toMatchObject({ ok: true, tokenEndsAt: at(MINUTE) })
      expect(await keys.verify(second)).toMatchObject({ ok: true, tokenEndsAt: at(2 * MINUTE) })
    }
  })
})

describe('a key that ends when it is not used', () => {
  it('is good until then, to the millisecond, and is put off by each use', async () => {
    const { store, when } = await keyOf({ expiresAfterIdle: '1d' })
    expect(await when(0)).toBe('ok')
    monotonic += 2_000
    expect(await when(DAY - 1)).toBe('ok')
    monotonic += 2_000
    expect(await when(2 * DAY - 2)).toBe('ok')
    monotonic += 2_000
    expect(await when(3 * DAY - 2)).toBe('KEY_EXPIRED')
    expect(await when(9 * DAY)).toBe('KEY_EXPIRED')
    expect(store.reads).toHaveLength(1)
  })

  it('expires all the same, however much it is used', async () => {
    const { when } = await keyOf({ expiresAfterIdle: '2d', expiresAt: at(3 * DAY) })
    expect(await when(0)).toBe('ok')
    monotonic += 2_000
    expect(await when(1.9 * DAY)).toBe('ok')
    expect(await when(3 * DAY - 1)).toBe('ok')
    expect(await when(3 * DAY)).toBe('KEY_EXPIRED')
  })

  it('is good as soon as it is known to have been used elsewhere, and is not asked about again before it may end', async () => {
    const { store, keys, token, when } = await keyOf({ expiresAfterIdle: '1d' })
    let lookups = 0
    const counting: WatchedStore = {
      ...store,
      lastUses(ids) {
        lookups++
        return store.lastUses(ids)
      },
    }
    const elsewhere = testKeys({ store: counting })
    expect(outcome(await elsewhere.verify(token))).toBe('ok')
    monotonic += 2_000
    expect(await when(0.9 * DAY)).toBe('ok')
    await keys.close() // writes when it was used
    jest.setSystemTime(NOW + 1.5 * DAY)
    expect(await elsewhere.verify(token)).toMatchObject({ ok: true, permissions: [] })
    expect(outcome(await elsewhere.verify(token))).toBe('ok')
    expect(lookups).toBe(1)
  })

  it('is not asked about where this process has used it, though that has been written since', async () => {
    jest.useFakeTimers({ now: NOW, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] })
    const store = watchedStore()
    const asked: string[] = []
    const watched: WatchedStore = {
      ...store,
      lastUses(ids) {
        asked.push(...ids)
        return store.lastUses(ids)
      },
    }
    const { keys, when } = await keyOf({ expiresAfterIdle: '1d' }, {}, watched)
    expect(await when(0)).toBe('ok')
    monotonic += 2_000
    expect(await when(0.9 * DAY)).toBe('ok')
    await jest.advanceTimersByTimeAsync(5_000)
    expect(keys.metrics().queues.lastUses).toBe(0)
    asked.length = 0
    expect(await when(1.8 * DAY)).toBe('ok')
    expect(asked).toEqual([])
  })

  it('is refused with a time to come back where nobody can tell whether it was used', async () => {
    const store = watchedStore()
    let away = false
    const failing: WatchedStore = {
      ...store,
      lastUses: ids => (away ? Promise.reject(new Error('away')) : store.lastUses(ids)),
    }
    const { when } = await keyOf({ expiresAfterIdle: '1d' }, {}, failing)
    expect(await when(0)).toBe('ok')
    monotonic += 10_000
    away = true
    expect(await when(2 * DAY)).toBe('STORE_UNAVAILABLE')
    away = false
    expect(await when(2 * DAY)).toBe('KEY_EXPIRED')
  })

  it('is used where a key is that it made, and ends where neither is', async () => {
    const permissions = ['api-keys:create', 'reports:read'] as const
    const { keys, token } = await keyOf({ permissions, expiresAfterIdle: '1d' })
    const child = await childOf(keys, token, { permissions: ['reports:read'], expiresAfterIdle: '1d' })
    for (const days of [0.9, 1.8, 2.7]) {
      monotonic += 2_000
      jest.setSystemTime(NOW + days * DAY)
      expect(outcome(await keys.verify(child.token))).toBe('ok')
    }
    expect(outcome(await keys.verify(token))).toBe('ok')
    jest.setSystemTime(NOW + 3.8 * DAY)
    expect(outcome(await keys.verify(child.token))).toBe('KEY_EXPIRED')
  })

  it('has ended for good once its record says so', async () => {
    const { store, keys, apiKey, token, when } = await keyOf({
      expiresAfterIdle: '1d',
      expiresAt: at(9 * DAY),
    })
    const idle = { after: '1d', since: at(0), checkAt: at(0), endedAt: at(MINUTE) }
    await edit(store, apiKey.id, { idle })
    expect(await when(MINUTE - 1)).toBe('ok')
    expect(await when(MINUTE)).toBe('KEY_EXPIRED')
    await edit(store, apiKey.id, { idle: { ...idle, endedAt: at(99 * DAY) } })
    expect(outcome(await testKeys({ store }).verify(token))).toBe('ok')
    jest.setSystemTime(NOW + 9 * DAY)
    expect(outcome(await testKeys({ store }).verify(token))).toBe('KEY_EXPIRED')
    await keys.close()
  })
})

describe('when a key was last used', () => {
  async function used(options: Partial<ApiKeysOptions<TestPermission, TestUser>> = {}) {
    const { keys, apiKey, token } = await keyOf({ permissions: ['api-keys:create', 'reports:read'] }, options)
    const lastUse = async (id = apiKey.id) => {
      const key = await keys.get(id)
      return [key?.lastUsedAt?.getTime(), key?.lastUsedIp]
    }
    return { keys, token, lastUse }
  }

  it('is noted by the first verification, and then once a second', async () => {
    const { keys, token, lastUse } = await used()
    expect(await lastUse()).toEqual([undefined, undefined])
    await keys.verify(token)
    expect(await lastUse()).toEqual([NOW, undefined])
    pass(999)
    monotonic += 999
    await keys.verify(token)
    expect(await lastUse()).toEqual([NOW, undefined])
    pass(1)
    monotonic += 1
    await keys.verify(token)
    expect(await lastUse()).toEqual([NOW + 1_000, undefined])
  })

  it('is not noted where it is refused', async () => {
    const { keys, token, lastUse } = await used()
    accepted(await keys.verify(token))
    pass(2_000)
    monotonic += 2_000
    expect(outcome(await keys.verify(token, { permissions: 'reports:write' }))).toBe(
      'INSUFFICIENT_PERMISSIONS',
    )
    expect(await lastUse()).toEqual([NOW, undefined])
  })

  it('is noted of this key alone where no key made it', async () => {
    const { keys } = await used()
    const { token } = await keyFor(keys, { restrictions: { ips: ['192.0.2.1'] } })
    accepted(await keys.verify(token, { ip: '192.0.2.1' }))
    expect(keys.metrics().queues.lastUses).toBe(1)
  })

  it('is noted of the key that made it too, with the address where those are kept', async () => {
    const { keys, token, lastUse } = await used({ lastUsedIp: true })
    const child = await childOf(keys, token, { permissions: ['reports:read'] })
    pass(2_000)
    monotonic += 2_000
    await keys.verify(child.token, { ip: '192.0.2.7' })
    expect(await lastUse(child.apiKey.id)).toEqual([NOW + 2_000, '192.0.2.7'])
    expect(await lastUse()).toEqual([NOW + 2_000, '192.0.2.7'])
  })
})
