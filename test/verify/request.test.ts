/** A request that is not what its type says is an error of the program: it must not pass for one that asks nothing. */
import { apiKeys, memoryStore, type VerifyRequest } from 'sidekey'
import type { RefusalCode } from '../../src/errors.js'
import { refused } from '../../src/verify/verification.js'
import { refusal, refusedFields, testKeys } from '../support/keys.js'
import { keyFor, outcome, watchedStore } from './support.js'

/** Verifies a good key with whatever a JavaScript caller may ask. */
async function errorFor(request: unknown) {
  const store = watchedStore()
  const keys = testKeys({ store })
  const { token } = await keyFor(keys, { permissions: ['*'] })
  const error = await refusal(keys.verify(token, request as VerifyRequest<'reports:read'>)) // wrong on purpose
  expect(store.reads).toEqual([])
  return { code: error.code, paths: error.errors?.map(({ path }) => path) }
}

describe('a malformed request', () => {
  it.each([
    ['an empty list', []],
    ['an empty any', { any: [] }],
    ['an empty all', { all: [] }],
    ['an empty list in a list', ['reports:read', []]],
    ['an empty text', ''],
    ['null', null],
    ['a number', 42],
    ['a misspelt any', { anyOf: ['reports:read'] }],
    ['any and all in one', { any: ['reports:read'], all: ['exports:run'] }],
    ['any beside an all that is not there', { any: ['reports:read'], all: undefined }],
    ['a list with something else in it', ['reports:read', undefined]],
  ])('is refused, though the key may do everything: permissions that are %s', async (_, permissions) => {
    expect(await errorFor({ permissions })).toEqual({ code: 'INVALID_INPUT', paths: ['permissions'] })
  })

  it.each(['permission', 'scopes', 'resources', 'Permissions'])(
    'is refused where a field is not known: %s',
    async name => {
      const answer = await errorFor({ [name]: ['exports:run'] })
      expect(answer).toEqual({ code: 'INVALID_INPUT', paths: [name] })
    },
  )

  it.each(['ip', 'origin', 'resource'])('is refused where it is no text: %s', async name => {
    for (const value of [42, null, ['10.0.0.1'], {}]) {
      expect(await errorFor({ [name]: value })).toEqual({ code: 'INVALID_INPUT', paths: [name] })
    }
  })

  it('is one that names a permission which is not in the catalogue, also for a key that may do everything', async () => {
    const keys = testKeys()
    const { token } = await keyFor(keys, { permissions: ['*'] })
    for (const permissions of [
      'reports:raed',
      ['reports:read', 'x:y'],
      { any: ['reports:read', { all: ['x:y'] }] },
    ]) {
      const asked = keys.verify(token, { permissions: permissions as never }) // what no type lets by
      expect(await refusedFields(asked)).toEqual(['permissions'])
    }
    expect(
      await keys.verify(token, { permissions: { any: ['reports:read', 'api-keys:read'] } }),
    ).toMatchObject({ ok: true })
  })

  it.each([
    ['kind', 'takes the name of a kind, or a list of some', [42, null, {}, [], ['secret', 42], [null]]],
    [
      'limit',
      'takes the name of a limit, or a list of some',
      ['', 'Requests', 'a b', 42, null, {}, [], ['requests', 42], ['requests', 'No'], [['requests'], []]],
    ],
    ['cost', 'takes a whole number from 0', [-1, 0.5, '1', null, Number.NaN, Number.POSITIVE_INFINITY]],
    [
      'permissions',
      'takes a permission, an array of them, { any: [...] } or { all: [...] }, none empty',
      [[], { any: [] }, '', null, 42],
    ],
    ['permissions', '"x:y" is not in the catalogue', ['x:y', ['reports:read', 'x:y'], { any: ['x:y'] }]],
    ['ip', 'takes text', [42, null, ['10.0.0.1'], {}]],
    ['scope', 'is not a known field', ['reports:read', undefined]],
  ])('is told what it takes instead: %s %s', async (path, message, values) => {
    const keys = testKeys()
    for (const value of values) {
      const request = { [path]: value } as VerifyRequest<'reports:read'> // wrong on purpose
      expect((await refusal(keys.verify('any', request))).errors).toEqual([{ path, message }])
    }
  })

  it('is told of all that is wrong with it at once', async () => {
    const request = { ip: 1, kind: [], limit: '', cost: -1, permissions: [], other: 1 } as never // wrong on purpose
    expect(new Set(await refusedFields(testKeys().verify('any', request)))).toEqual(
      new Set(['ip', 'kind', 'limit', 'cost', 'permissions', 'other']),
    )
  })

  it.each([null, 'reports:read', 42, true])('is one that is no object: %j', async request => {
    const asked = testKeys().verify('any', request as never) // wrong on purpose
    expect((await refusal(asked)).errors).toEqual([{ path: 'request', message: 'takes an object' }])
  })

  it('that has a token in the place of a field is refused without telling it', async () => {
    const keys = testKeys()
    const { token } = await keyFor(keys)
    const error = await refusal(keys.verify(token, { [token]: 1 } as never)) // wrong on purpose
    expect(JSON.stringify(error.errors)).not.toContain(token.slice(-49))
  })

  it('is refused before the token is looked at', async () => {
    const keys = testKeys()
    const request = { permissions: { any: [] } }
    expect((await refusal(keys.verify('garbage', request))).code).toBe('INVALID_INPUT')
    expect((await refusal(keys.verify(undefined, request))).code).toBe('INVALID_INPUT')
  })
})

describe('a request that asks nothing', () => {
  it('is one without permissions', async () => {
    const keys = testKeys()
    const { token } = await keyFor(keys)
    expect(outcome(await keys.verify(token))).toBe('ok')
    expect(outcome(await keys.verify(token, {}))).toBe('ok')
  })

  it('may have fields that are not set', async () => {
    const keys = testKeys()
    const { token } = await keyFor(keys)
    const names = ['ip', 'origin', 'resource', 'kind', 'limit', 'cost', 'permissions']
    const request: VerifyRequest<'reports:read'> = Object.fromEntries(names.map(name => [name, undefined]))
    expect(outcome(await keys.verify(token, request))).toBe('ok')
  })
})

describe('a request that is well formed', () => {
  it.each([
    { kind: 'secret' },
    { kind: ['secret', 'other'] },
    { limit: 'requests' },
    { limit: ['requests', 'tokens'] },
    { cost: 0 },
    { cost: 7 },
    { ip: '192.0.2.1', origin: 'https://app.example.com', resource: 'project:42' },
    { permissions: 'reports:read' },
    { permissions: { any: ['reports:read', { all: ['exports:run'] }] } },
  ] as VerifyRequest<'reports:read'>[])('is taken as it is: %j', async request => {
    const keys = testKeys()
    const { token } = await keyFor(keys, { permissions: ['*'] })
    expect(outcome(await keys.verify(token, request))).toBe('ok')
  })

  it('may name any permission where there is no catalogue', async () => {
    const keys = apiKeys({ prefix: 'acme_test', store: memoryStore() })
    const { token } = await keys.create({ name: 'k', owner: { id: 'alice' }, permissions: ['any:thing'] })
    for (const permissions of ['any:thing', ['any:thing'], { any: ['any:thing', 'other'] }])
      expect(await keys.verify(token, { permissions })).toMatchObject({ ok: true })
    const error = await refusal(keys.verify(token, { permissions: [] }))
    expect(error.errors?.map(({ path }) => path)).toEqual(['permissions'])
  })
})

it('refuses with the status of each code, in one frozen object for all', () => {
  const statuses: Partial<Record<RefusalCode, number>> = {
    KEY_MISSING: 401,
    KEY_INVALID: 401,
    IP_NOT_ALLOWED: 403,
    RATE_LIMITED: 429,
  }
  for (const [code, status] of Object.entries(statuses)) {
    const answer = refused(code as RefusalCode) // by the table above
    expect(answer).toStrictEqual({ ok: false, code, status })
    expect(Object.isFrozen(answer)).toBe(true)
    expect(refused(code as RefusalCode)).toBe(answer)
  }
  const away = { ok: false, code: 'STORE_UNAVAILABLE', status: 503, retryAfter: 1 }
  expect(refused('STORE_UNAVAILABLE')).toStrictEqual(away)
})
