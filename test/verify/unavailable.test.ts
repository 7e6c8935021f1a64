/** Fail closed and say so: what cannot be checked is 503, never a pass, never a 401, never an exception. */
import { inspect } from 'node:util'
import { memoryStore, SidekeyError, type Store } from 'sidekey'
import { alice, testKeys } from '../support/keys.js'
import { childOf, edit, keyFor, outcome } from './support.js'

const UNAVAILABLE = { ok: false, code: 'STORE_UNAVAILABLE', status: 503, retryAfter: 1 }

const FAILURES: readonly (readonly [string, () => Promise<never>])[] = [
  ['rejects as stores do', async () => Promise.reject(new SidekeyError('STORE_UNAVAILABLE', 'away'))],
  ['rejects with a plain error', async () => Promise.reject(new Error('ECONNREFUSED'))],
  ['rejects with what is no error', async () => Promise.reject(undefined)],
  [
    'throws before it has made a promise',
    () => {
      throw new TypeError('not connected')
    },
  ],
]

/** A store that goes away, and what it says then. */
function failingStore() {
  const store = memoryStore()
  let fail: ((id: string) => Promise<never>) | undefined
  const failing: Store = { ...store, find: id => (fail ?? store.find)(id) }
  return {
    store: failing,
    goAway(how: (() => Promise<never>) | undefined) {
      fail = how
    },
  }
}

describe('a store that is away', () => {
  it.each(FAILURES)(
    'makes verification answer 503 with a time to come back, and never throw: %s',
    async (_, how) => {
      const { store, goAway } = failingStore()
      const keys = testKeys({ store })
      const { token } = await keyFor(keys)
      goAway(how)
      expect(await keys.verify(token)).toEqual(UNAVAILABLE)
      goAway(undefined)
      expect(outcome(await keys.verify(token))).toBe('ok')
    },
  )

  it('does not hide that a token is malformed, or missing', async () => {
    const { store, goAway } = failingStore()
    const keys = testKeys({ store })
    const { token } = await keyFor(keys)
    goAway(async () => Promise.reject(new Error('away')))
    expect(outcome(await keys.verify(`${token}x`))).toBe('KEY_INVALID')
    expect(outcome(await keys.verify(undefined))).toBe('KEY_MISSING')
  })

  it('refuses a key made by a key where the one that made it cannot be read', async () => {
    const store = memoryStore()
    const away = new Set<string>()
    const failing = {
      ...store,
      find: async (id: string) => {
        if (away.has(id)) throw new SidekeyError('STORE_UNAVAILABLE', 'away')
        return store.find(id)
      },
    }
    const keys = testKeys({ store: failing })
    const parent = await keyFor(keys, { permissions: ['api-keys:create', 'reports:read'] })
    const child = await childOf(keys, parent.token, { permissions: ['reports:read'] })
    away.add(parent.apiKey.id)
    expect(await testKeys({ store: failing }).verify(child.token)).toEqual(UNAVAILABLE)
  })
})

describe('grants that fail', () => {
  it.each(FAILURES)('are 503, not a pass and not a switched-off owner: %s', async (_, how) => {
    let fail = true
    const keys = testKeys({ grants: () => (fail ? how() : ['*']) })
    const { token } = await keyFor(keys, { permissions: ['reports:read'] })
    expect(await keys.verify(token, { permissions: 'reports:read' })).toEqual(UNAVAILABLE)
    expect(await keys.verify(token)).toEqual(UNAVAILABLE)
    fail = false
    expect(outcome(await keys.verify(token, { permissions: 'reports:read' }))).toBe('ok')
  })

  it('are not asked at all about a key that is refused before', async () => {
    const keys = testKeys({ grants: async () => Promise.reject(new Error('away')) })
    const { apiKey, token } = await keyFor(keys)
    await keys.revoke(apiKey.id)
    expect(outcome(await keys.verify(token))).toBe('KEY_REVOKED')
  })

  it('are told to the logger, without the token', async () => {
    const logged: unknown[] = []
    const keys = testKeys({
      grants: () => {
        throw new Error('the directory is away')
      },
      logger: { warn: () => {}, error: (...entry) => logged.push(entry) },
    })
    const { token } = await keyFor(keys)
    await keys.verify(token)
    expect(logged).toHaveLength(1)
    const text = inspect(logged, { depth: null })
    expect(text).toContain('the directory is away')
    expect(text).not.toContain(token.slice(-49))
  })
})

describe('a record that makes no sense', () => {
  it('is refused, whatever is wrong with it, and never throws', async () => {
    const store = memoryStore()
    const keys = testKeys({ store })
    const { apiKey, token } = await keys.as(alice).create({ name: 'key', permissions: ['reports:read'] })
    await edit(store, apiKey.id, { restrictions: { ips: ['no address'], origins: [] } })
    expect(outcome(await keys.verify(token, { ip: '192.0.2.1' }))).toBe('IP_NOT_ALLOWED')
    await edit(store, apiKey.id, { restrictions: { ips: [], origins: ['no origin'] } })
    expect(outcome(await keys.verify(token, { origin: 'https://a.example.com' }))).toBe('ORIGIN_NOT_ALLOWED')
    await edit(store, apiKey.id, { restrictions: JSON.parse('{}') })
    expect(await keys.verify(token)).toEqual(UNAVAILABLE)
  })
})
