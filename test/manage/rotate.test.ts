import { alice, refusal, refusedFields, testKeys } from '../support/keys.js'

afterEach(() => {
  jest.useRealTimers()
})

describe('rotate', () => {
  it('gives the same key a new token, and lets the old one live for the grace period', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] })
    const keys = testKeys()
    const { apiKey, token: old } = await keys.as(alice).create({ name: 'k', permissions: ['reports:read'] })
    const rotated = await keys.as(alice).rotate(apiKey.id, { grace: '1h' })
    expect(rotated.apiKey).toMatchObject({ id: apiKey.id, version: 2, permissions: ['reports:read'] })
    expect(rotated.token).not.toBe(old)
    expect(await keys.verify(old)).toMatchObject({ ok: true })
    expect(await keys.verify(rotated.token)).toMatchObject({ ok: true })
    jest.advanceTimersByTime(3_600_000)
    expect(await keys.verify(old)).toMatchObject({ code: 'KEY_INVALID' })
    expect(await keys.verify(rotated.token)).toMatchObject({ ok: true })
  })

  it('ends the old token at once with a grace of 0s', async () => {
    const keys = testKeys()
    const { apiKey, token: old } = await keys.as(alice).create({ name: 'k' })
    const { token } = await keys.rotate(apiKey.id, { grace: '0s' })
    expect(await keys.verify(old)).toMatchObject({ code: 'KEY_INVALID' })
    expect(await keys.verify(token)).toMatchObject({ ok: true })
  })

  it('ends an earlier token at once with 0s, which a longer grace had kept', async () => {
    const keys = testKeys()
    const { apiKey, token: first } = await keys.as(alice).create({ name: 'k' })
    const { token: second } = await keys.rotate(apiKey.id, { grace: '30d' })
    await keys.rotate(apiKey.id, { grace: '0s' })
    for (const token of [first, second]) {
      expect(await keys.verify(token)).toMatchObject({ code: 'KEY_INVALID' })
    }
  })

  it('lets three tokens of a key live at most: the oldest ends first', async () => {
    const keys = testKeys()
    const made = await keys.as(alice).create({ name: 'k' })
    const tokens = [made.token]
    for (let i = 0; i < 3; i++) tokens.push((await keys.rotate(made.apiKey.id)).token)
    const living = await Promise.all(tokens.map(async token => (await keys.verify(token)).ok))
    expect(living).toEqual([false, true, true, true])
  })

  it('gives every one of several rotations at once a token that works, up to three', async () => {
    const keys = testKeys()
    const { apiKey } = await keys.as(alice).create({ name: 'k' })
    const rotated = await Promise.all([1, 2, 3].map(() => keys.rotate(apiKey.id)))
    for (const { token } of rotated) expect(await keys.verify(token)).toMatchObject({ ok: true })
    expect(await keys.get(apiKey.id)).toMatchObject({ version: 4 })
  })

  it.each(['24', 24, '-1h', 'soon', '2y', {}])('refuses %p as a grace', async grace => {
    const keys = testKeys()
    const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
    const act = keys.rotate(apiKey.id, { grace: grace as string }) // what no type would let by
    expect(await refusedFields(act)).toEqual(['grace'])
    expect(await keys.verify(token)).toMatchObject({ ok: true, apiKey: { version: 1 } })
  })

  it('refuses an option that it does not know', async () => {
    const keys = testKeys()
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    const error = await refusal(keys.rotate(id, { gracePeriod: '0s' } as never)) // as above
    expect(error.code).toBe('INVALID_INPUT')
  })
})
