/** Several sorts of key: each has its prefix, and may carry what its kind may. */
import { memoryStore } from 'sidekey'
import { permit } from '../../src/verify/permit.js'
import { tokenOf } from '../key/fixture.js'
import { testKeys } from '../support/keys.js'
import { accepted, edit, keyFor, outcome, watchedStore } from './support.js'

const kinds = {
  secret: {},
  publishable: { prefix: 'acme_test_pub', permissions: ['reports:read'] },
} as const

describe('the kind of a key', () => {
  it('is the first of the options, unless it is told', async () => {
    const keys = testKeys({ kinds })
    const secret = await keyFor(keys)
    const publishable = await keyFor(keys, { kind: 'publishable' })
    expect([secret.apiKey.kind, publishable.apiKey.kind]).toEqual(['secret', 'publishable'])
    expect(secret.token).toMatch(/^acme_test_[0-9A-Za-z]{16}_/)
    expect(publishable.token).toMatch(/^acme_test_pub_[0-9A-Za-z]{16}_/)
    expect(outcome(await keys.verify(publishable.token))).toBe('ok')
  })

  it('must be the one that is asked for, or one of those; else the key is not valid here', async () => {
    const keys = testKeys({ kinds })
    const { token } = await keyFor(keys, { kind: 'publishable' })
    const ask = async (kind: string | readonly string[]) => outcome(await keys.verify(token, { kind }))
    expect(await ask('publishable')).toBe('ok')
    expect(await ask(['secret', 'publishable'])).toBe('ok')
    expect(await ask('secret')).toBe('KEY_INVALID')
    expect(await ask(['secret'])).toBe('KEY_INVALID')
    expect(await ask('publish')).toBe('KEY_INVALID')
    expect(await ask('publishable2')).toBe('KEY_INVALID')
  })

  it('is asked for before all else', async () => {
    const keys = testKeys({ kinds })
    const { apiKey, token } = await keyFor(keys)
    await keys.revoke(apiKey.id)
    for (let i = 0; i < 2; i++) {
      expect(outcome(await keys.verify(token, { kind: 'publishable' }))).toBe('KEY_INVALID')
      expect(outcome(await keys.verify(token, { kind: 'secret' }))).toBe('KEY_REVOKED')
    }
  })

  it('is asked for too where a route asks of a key that was accepted before', async () => {
    const keys = testKeys({ kinds })
    const { token } = await keyFor(keys, { kind: 'publishable' })
    const before = accepted(await keys.verify(token))
    expect(permit(before, { kind: 'secret' })).toStrictEqual({ ok: false, code: 'KEY_INVALID', status: 401 })
    expect(permit(before, { kind: ['secret', 'publishable'] })).toBe(before)
    expect(permit(before, {})).toBe(before)
  })

  it('bounds its permissions, also where the kind came to carry less after the key was made', async () => {
    const store = memoryStore()
    const { token } = await keyFor(testKeys({ store, kinds: { secret: {} } }), { permissions: ['reports:*'] })
    const keys = testKeys({ store, kinds: { secret: { permissions: ['reports:read', 'exports:run'] } } })
    expect(accepted(await keys.verify(token)).permissions).toEqual(['reports:read'])
    expect(outcome(await keys.verify(token, { permissions: 'reports:write' }))).toBe(
      'INSUFFICIENT_PERMISSIONS',
    )
  })

  it('bounds its roles too', async () => {
    const store = memoryStore()
    const roles = { editor: ['reports:*'] } as const
    const { token } = await keyFor(testKeys({ store, roles }), { roles: ['editor'] })
    const keys = testKeys({ store, roles, kinds: { secret: { permissions: ['reports:read'] } } })
    expect(accepted(await keys.verify(token)).permissions).toEqual(['reports:read'])
  })

  it('that the options no longer name makes a key not valid', async () => {
    const store = memoryStore()
    const keys = testKeys({ store, kinds })
    const { apiKey, token } = await keyFor(keys)
    await edit(store, apiKey.id, { kind: 'retired' })
    expect(await keys.verify(token)).toEqual({ ok: false, code: 'KEY_INVALID', status: 401 })
    await edit(store, apiKey.id, { kind: 'constructor' })
    expect(outcome(await keys.verify(token))).toBe('KEY_INVALID')
  })
})

describe('the prefix of a key', () => {
  it('is part of the token: the same id and secret behind another is not valid', async () => {
    const keys = testKeys({ kinds })
    const { apiKey, token } = await keyFor(keys)
    const secret = token.slice(-49, -6)
    expect(tokenOf('acme_test', apiKey.id, secret)).toBe(token)
    expect(outcome(await keys.verify(tokenOf('acme_test_pub', apiKey.id, secret)))).toBe('KEY_INVALID')
  })

  it('must be the one of the record', async () => {
    const store = memoryStore()
    const keys = testKeys({ store, kinds })
    const { apiKey, token } = await keyFor(keys)
    await edit(store, apiKey.id, { prefix: 'acme_test_pub' })
    expect(outcome(await keys.verify(token))).toBe('KEY_INVALID')
  })

  it('that is of no kind is refused without the store', async () => {
    const store = watchedStore()
    const { token } = await keyFor(testKeys({ store, prefix: 'acme_live' }))
    expect(outcome(await testKeys({ store, kinds }).verify(token))).toBe('KEY_INVALID')
    expect(store.reads).toEqual([])
  })
})
