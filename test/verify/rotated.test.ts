/** The token that was rotated away is good until its grace is over, and then as unknown as any other. */
import { memoryStore } from 'sidekey'
import { testKeys } from '../support/keys.js'
import { edit, keyFor, outcome, recordIn } from './support.js'

async function rotatedOnce(grace?: string) {
  const store = memoryStore()
  const keys = testKeys({ store })
  const { apiKey, token: old } = await keyFor(keys)
  const { token } = await keys.rotate(apiKey.id, grace === undefined ? {} : { grace })
  return { store, keys, id: apiKey.id, old, token }
}

describe('a token that was rotated away', () => {
  it('is good beside the new one while its grace lasts', async () => {
    const { keys, id, old, token } = await rotatedOnce()
    expect(old).not.toBe(token)
    for (const one of [old, token]) expect(await keys.verify(one)).toMatchObject({ ok: true, apiKey: { id } })
  })

  it('is told from the new one: with when it ends', async () => {
    const { store, keys, id, old, token } = await rotatedOnce('1h')
    const [previous] = (await recordIn(store, id)).previous
    expect(await keys.verify(old)).toMatchObject({ ok: true, tokenEndsAt: previous?.until })
    expect(await keys.verify(token)).toMatchObject({ ok: true, tokenEndsAt: null })
  })

  it('is not valid once its grace is over, and the new one is', async () => {
    const { store, keys, id, old, token } = await rotatedOnce('1h')
    const { previous } = await recordIn(store, id)
    const over = previous.map(one => ({ ...one, until: new Date(Date.now() - 1) }))
    await edit(store, id, { previous: over })
    expect(await keys.verify(old)).toStrictEqual({ ok: false, code: 'KEY_INVALID', status: 401 })
    expect(outcome(await keys.verify(token))).toBe('ok')
  })

  it('is not valid from the start where no grace was given', async () => {
    const { keys, old, token } = await rotatedOnce('0s')
    expect(outcome(await keys.verify(old))).toBe('KEY_INVALID')
    expect(outcome(await keys.verify(token))).toBe('ok')
  })

  it('is the oldest of three that live at a time, whatever their grace', async () => {
    const { keys, id, old, token } = await rotatedOnce()
    const { token: third } = await keys.rotate(id)
    const outcomes = async (tokens: readonly string[]) =>
      (await Promise.all(tokens.map(one => keys.verify(one)))).map(outcome)
    expect(await outcomes([old, token, third])).toEqual(['ok', 'ok', 'ok'])
    const { token: fourth } = await keys.rotate(id)
    expect(await outcomes([old, token, third, fourth])).toEqual(['KEY_INVALID', 'ok', 'ok', 'ok'])
  })

  it('does not make the new one wait for its slow hash, where the app has left bcrypt', async () => {
    const store = memoryStore()
    const before = testKeys({ store, hash: 'bcrypt', bcryptCost: 10 })
    const { apiKey, token: old } = await keyFor(before)
    const after = testKeys({ store })
    const { token } = await after.rotate(apiKey.id)
    const answers = await Promise.all(Array.from({ length: 200 }, () => after.verify(token)))
    expect(new Set(answers.map(outcome))).toEqual(new Set(['ok']))
    expect(outcome(await after.verify(old))).toBe('ok')
  })

  it('ends with its key, grace or not', async () => {
    const { keys, id, old } = await rotatedOnce('1h')
    await keys.revoke(id)
    expect(outcome(await keys.verify(old))).toBe('KEY_REVOKED')
  })
})
