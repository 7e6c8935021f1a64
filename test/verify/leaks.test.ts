/** Nothing leaks: no answer, error or log entry holds a token or a hash, and no answer can be changed. */
import { inspect } from 'node:util'
import { type ApiKey, memoryStore, SidekeyError, type Verification } from 'sidekey'
import { internalsOf } from '../../src/internals.js'
import { testKeys } from '../support/keys.js'
import { accepted, edit, forged, keyFor, outcome, recordIn, settled } from './support.js'

const PEPPER = 'a pepper that must never be seen'
const ANY_HASH = /\$sha256\$|\$hmac-sha256\$|\$2b\$/

/** Everything that can be seen of a value. */
function seen(value: unknown): string {
  const error = value instanceof Error ? `${value.stack}\n${value.message}` : ''
  return `${JSON.stringify(value)}\n${inspect(value, { depth: null, showHidden: true })}\n${error}`
}

describe('the answer of a verification', () => {
  it('holds neither the token nor a hash, whatever it says', async () => {
    const store = memoryStore()
    let granted: readonly string[] | null = ['*']
    const keys = testKeys({
      store,
      cache: { ownersFor: '0s' },
      grants: () => granted,
      kinds: { secret: {}, other: {} },
    })
    const { apiKey, token: old } = await keyFor(keys, {
      permissions: ['reports:read'],
      restrictions: { ips: ['192.0.2.1'], origins: ['https://a.example.com'] },
    })
    const { token } = await keys.rotate(apiKey.id)
    const { hash } = await recordIn(store, apiKey.id)
    const good = { ip: '192.0.2.1', origin: 'https://a.example.com' }

    const answers: Verification[] = []
    const ask = async (request = {}, presented = token) => {
      answers.push(await keys.verify(presented, { ...good, ...request }))
    }
    await ask()
    await ask({}, old)
    await ask({}, forged(token))
    await ask({}, `${token}x`)
    await ask({ ip: '192.0.2.2' })
    await ask({ origin: 'null' })
    await ask({ permissions: 'exports:run' })
    await ask({ kind: 'other' })
    granted = null
    await ask()
    granted = ['*']
    await keys.update(apiKey.id, { enabled: false })
    await ask()
    await edit(store, apiKey.id, { disabled: null, expiresAt: new Date(1000) })
    await ask()
    await edit(store, apiKey.id, { expiresAt: null, notBefore: new Date(Date.now() + 60_000) })
    await ask()
    await keys.revoke(apiKey.id)
    await ask()

    expect(new Set(answers.map(outcome)).size).toBe(10)
    for (const answer of answers) {
      const text = seen(answer)
      for (const one of [old, token]) expect(text).not.toContain(one.slice(-49))
      expect(text).not.toContain(hash.slice(-20))
      expect(text).not.toMatch(ANY_HASH)
    }
  })

  it('is a record that is frozen all the way down', async () => {
    const keys = testKeys()
    const { token } = await keyFor(keys, {
      permissions: ['reports:read'],
      metadata: { deep: { list: [1] } },
      tags: ['ci'],
      restrictions: { ips: ['192.0.2.1'] },
    })
    const { apiKey, owner } = accepted(await keys.verify(token, { ip: '192.0.2.1' }))
    const inside = (value: unknown): unknown[] =>
      typeof value === 'object' && value !== null && !(value instanceof Date)
        ? [value, ...Object.values(value).flatMap(inside)]
        : []
    const parts = inside(apiKey)
    expect(parts.length).toBeGreaterThan(8)
    for (const part of [...parts, owner]) expect(Object.isFrozen(part)).toBe(true)
  })

  it('cannot be changed so that the next one says something else', async () => {
    const keys = testKeys()
    const { token } = await keyFor(keys, { permissions: ['reports:read'], expiresIn: '1h' })
    const first = accepted(await keys.verify(token))
    const mutable = first.permissions as string[] // as careless code would
    expect(() => mutable.push('exports:run')).toThrow('not extensible')
    expect(() => first.apiKey.expiresAt?.setTime(0)).toThrow(TypeError)
    expect(outcome(await keys.verify(token, { permissions: 'exports:run' }))).toBe('INSUFFICIENT_PERMISSIONS')
    expect(outcome(await keys.verify(token))).toBe('ok')
  })
})

describe('what management answers', () => {
  it('holds no hash, and the token in the one answer that made it only', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keyFor(keys)
    const rotated = await keys.rotate(apiKey.id)
    const records: (ApiKey | null)[] = [
      apiKey,
      rotated.apiKey,
      await keys.get(apiKey.id),
      await keys.update(apiKey.id, { name: 'new' }),
      await keys.lookup(token),
      ...(await keys.list()).data,
      await keys.revoke(apiKey.id),
      await keys.delete(apiKey.id),
    ]
    for (const record of records) {
      expect(record).toMatchObject({ id: apiKey.id })
      const text = seen(record)
      expect(text).not.toMatch(ANY_HASH)
      for (const one of [token, rotated.token]) expect(text).not.toContain(one.slice(-49))
    }
  })

  it('is an error without the token, where a token was given in the place of something else', async () => {
    const keys = testKeys({ kinds: { secret: {} }, roles: { viewer: ['reports:read'] } })
    const { apiKey, token } = await keyFor(keys)
    const { id } = apiKey
    const attempts: (() => Promise<unknown>)[] = [
      () => keys.get(token),
      () => keys.update(token, { name: 'x' }),
      () => keys.rotate(id, { grace: token }),
      () => keys.revoke(token),
      () => keys.revokeAll({ ids: [token] }),
      () => keys.list({ cursor: token }),
      () => keys.list({ parentId: token }),
      () => keys.create({ name: token.repeat(2), owner: { id: 'alice' } }),
      () => keys.create({ name: 'x', owner: { id: 'alice' }, kind: token }),
      () => keys.create({ name: 'x', owner: { id: 'alice' }, roles: [token] }),
      () => keys.create({ name: 'x', owner: { id: 'alice', type: token } }),
      () => keys.create({ name: 'x', owner: { id: 'alice' }, expiresIn: token }),
      () => keys.create({ name: 'x', owner: { id: 'alice' }, expiresAt: token }),
      () =>
        keys.create({ name: 'x', owner: { id: 'alice' }, restrictions: { ips: [token], origins: [token] } }),
    ]
    for (const attempt of attempts) {
      const error: unknown = await attempt().catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(SidekeyError)
      expect(error).toMatchObject({ code: 'INVALID_INPUT' })
      expect(seen(error)).not.toContain(token.slice(-49))
    }
  })
})

describe('the keys object', () => {
  it('shows nothing of the pepper or of its keys to whoever prints it', async () => {
    const keys = testKeys({ pepper: { current: PEPPER } })
    const { token } = await keyFor(keys)
    const text = seen(keys)
    expect(text).not.toContain(PEPPER)
    expect(text).not.toContain(token.slice(-49))
    expect(internalsOf(keys).config.defaultKind.hash.peppers).toHaveLength(1)
  })
})

describe('the logger', () => {
  it('is told neither a token nor a hash, where a hash cannot be renewed', async () => {
    const logged: unknown[] = []
    const logger = {
      warn: (...entry: unknown[]) => logged.push(entry),
      error: (...entry: unknown[]) => logged.push(entry),
    }
    const store = memoryStore()
    const { apiKey, token } = await keyFor(testKeys({ store }))
    const keys = testKeys({
      store: { ...store, rehash: async () => Promise.reject(new Error('away')) },
      pepper: { current: PEPPER },
      logger,
    })
    expect(outcome(await keys.verify(token))).toBe('ok')
    await settled()
    expect(logged).toHaveLength(1)
    const text = seen(logged)
    expect(text).toContain(apiKey.id)
    expect(text).not.toContain(token.slice(-49))
    expect(text).not.toMatch(ANY_HASH)
    expect(text).not.toContain(PEPPER)
  })
})
