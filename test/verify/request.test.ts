/** A request that is not what its type says is an error of the program: it must not pass for one that asks nothing. */
import type { VerifyRequest } from 'sidekey'
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
})
