import { alice, bob, carol, refusalCode, root, testKeys } from '../support/keys.js'

describe('lookup', () => {
  it('finds the record that a found token belongs to, whatever its status', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
    const found = async () => (await keys.as(root).lookup(token))?.status
    expect(await found()).toBe('active')
    await keys.rotate(apiKey.id, { grace: '1h' })
    expect(await found()).toBe('active')
    await keys.update(apiKey.id, { enabled: false })
    expect(await found()).toBe('disabled')
    await keys.revoke(apiKey.id)
    expect(await found()).toBe('revoked')
    await keys.delete(apiKey.id)
    expect(await found()).toBe('deleted')
    await keys.purge(apiKey.id)
    expect(await found()).toBeUndefined()
  })

  it('takes a token as it was pasted, with white space around it', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
    expect(await keys.lookup(` ${token}\n`)).toMatchObject({ id: apiKey.id })
  })

  it('shows it to its owner and to admins, and to nobody else that it exists', async () => {
    const keys = testKeys()
    const { token } = await keys.as(alice).create({ name: 'k' })
    expect(await keys.as(alice).lookup(token)).not.toBeNull()
    expect(await keys.as(root).lookup(token)).not.toBeNull()
    expect(await keys.as(bob).lookup(token)).toBeNull()
    expect(await keys.as(carol).lookup(token)).toBeNull()
    expect(await refusalCode(keys.as(null).lookup(token))).toBe('UNAUTHENTICATED')
  })

  it('finds nothing by an id alone: the secret must be right', async () => {
    const keys = testKeys()
    const { token } = await keys.as(alice).create({ name: 'k' })
    const other = (await keys.as(alice).create({ name: 'other' })).token
    const [prefixAndId, secret] = [token.slice(0, -50), other.slice(-50)]
    expect(await keys.lookup(prefixAndId + secret)).toBeNull()
    expect(await keys.lookup('nonsense')).toBeNull()
  })

  it.each(['', undefined, null, 7, {}, { $gt: '' }])('refuses %p', async token => {
    expect(await refusalCode(testKeys().lookup(token as string))).toBe('INVALID_INPUT') // what no type would let by
  })
})

describe('deleting and purging', () => {
  it('restores a key while retention lasts, and no longer', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] })
    try {
      const keys = testKeys({ retention: '1d' })
      const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
      await keys.as(alice).delete(apiKey.id)
      expect(await keys.verify(token)).toMatchObject({ code: 'KEY_INVALID' })
      jest.setSystemTime(Date.now() + 86_399_000)
      expect(await keys.as(alice).restore(apiKey.id)).toMatchObject({ status: 'active' })
      expect(await keys.verify(token)).toMatchObject({ ok: true })
      await keys.as(alice).delete(apiKey.id)
      jest.setSystemTime(Date.now() + 86_400_000)
      expect(await refusalCode(keys.as(alice).restore(apiKey.id))).toBe('NOT_FOUND')
    } finally {
      jest.useRealTimers()
    }
  })

  it('removes a purged key for good', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
    await keys.as(root).purge(apiKey.id)
    expect(await keys.list({ status: ['active', 'deleted'] })).toMatchObject({ data: [] })
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_INVALID' })
    expect(await refusalCode(keys.restore(apiKey.id))).toBe('NOT_FOUND')
  })
})
