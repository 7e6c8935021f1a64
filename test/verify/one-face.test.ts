/** Whoever lacks the right secret learns only "not valid", in the same words, whatever the key is. */
import crypto from 'node:crypto'
import { memoryStore, type Store } from 'sidekey'
import { newKeyId, newToken } from '../../src/key/token.js'
import { tokenOf } from '../key/fixture.js'
import { type TestKeys, testKeys } from '../support/keys.js'
import { edit, forged, keyFor } from './support.js'

const REQUEST = { ip: '198.51.100.1', permissions: 'exports:run', resource: 'project:13' } as const

const STATES: readonly (readonly [string, (keys: TestKeys, store: Store, id: string) => Promise<unknown>])[] =
  [
    ['active', async () => {}],
    ['revoked', (keys, _, id) => keys.revoke(id)],
    ['disabled', (keys, _, id) => keys.update(id, { enabled: false })],
    ['expired', (_, store, id) => edit(store, id, { expiresAt: new Date(1000) })],
    ['scheduled', (keys, _, id) => keys.update(id, { notBefore: new Date(Date.now() + 3_600_000) })],
    ['deleted', (keys, _, id) => keys.delete(id)],
    ['purged', (keys, _, id) => keys.purge(id)],
    ['of a kind that is no more', (_, store, id) => edit(store, id, { kind: 'gone' })],
    ['bound to addresses', (keys, _, id) => keys.update(id, { restrictions: { ips: ['192.0.2.1'] } })],
    ['hashed by an unknown algorithm', (_, store, id) => edit(store, id, { hash: '$argon2id$v=19$x$y' })],
    ['of an owner who is switched off', async () => {}],
  ]

describe('a wrong secret', () => {
  it.each(STATES)('is answered as an unknown id is, where the key is %s', async (state, bring) => {
    const store = memoryStore()
    const keys = testKeys({ store, grants: () => (state.startsWith('of an owner') ? null : ['*']) })
    const { apiKey, token } = await keyFor(keys)
    await bring(keys, store, apiKey.id)

    const unknown = await keys.verify(newToken('acme_test', newKeyId(Date.now())).token, REQUEST)
    expect(unknown).toStrictEqual({ ok: false, code: 'KEY_INVALID', status: 401 })
    expect(await keys.verify(forged(token), REQUEST)).toStrictEqual(unknown)
  })
})

describe('the right secret', () => {
  it('of a deleted, purged or unchecked key is answered as an unknown id is', async () => {
    const keys = testKeys()
    const unknown = await keys.verify(newToken('acme_test', newKeyId(Date.now())).token)
    const deleted = await keyFor(keys)
    await keys.delete(deleted.apiKey.id)
    const purged = await keyFor(keys)
    await keys.purge(purged.apiKey.id)
    expect(await keys.verify(deleted.token)).toStrictEqual(unknown)
    expect(await keys.verify(purged.token)).toStrictEqual(unknown)
  })

  it('of a restored key works again', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keyFor(keys)
    await keys.delete(apiKey.id)
    await keys.restore(apiKey.id)
    expect(await keys.verify(token)).toMatchObject({ ok: true })
  })

  it('of another key does not open this one, though put together with its id and a right checksum', async () => {
    const keys = testKeys()
    const mine = await keyFor(keys)
    const hers = await keyFor(keys)
    const mixed = tokenOf('acme_test', mine.apiKey.id, hers.token.slice(-49, -6))
    expect(await keys.verify(mixed)).toMatchObject({ code: 'KEY_INVALID' })
    expect(await keys.verify(hers.token)).toMatchObject({ ok: true })
  })
})

describe('comparisons', () => {
  afterEach(() => jest.restoreAllMocks())

  it('are in constant time, and as many for an unknown id as for a wrong secret', async () => {
    const keys = testKeys()
    const { token } = await keyFor(keys)
    const compared = jest.spyOn(crypto, 'timingSafeEqual')

    // One with what memory has, or with a decoy; one with what is read.
    await keys.verify(forged(token))
    expect(compared).toHaveBeenCalledTimes(2)
    await keys.verify(newToken('acme_test', newKeyId(Date.now())).token)
    expect(compared).toHaveBeenCalledTimes(4)
    await keys.verify(token)
    expect(compared).toHaveBeenCalledTimes(5)
    await keys.verify(forged(token))
    expect(compared).toHaveBeenCalledTimes(7)
  })

  it('are as many whichever of the living tokens of a key was presented', async () => {
    const store = memoryStore()
    const keys = testKeys({ store })
    const { apiKey, token: first } = await keyFor(keys)
    const { token: second } = await keys.rotate(apiKey.id)
    const compared = jest.spyOn(crypto, 'timingSafeEqual')
    for (const token of [first, second, forged(first)]) {
      // Each as the first of a process: nothing is in memory.
      const fresh = testKeys({ store })
      compared.mockClear()
      await fresh.verify(token)
      expect(compared).toHaveBeenCalledTimes(3)
    }
  })
})
