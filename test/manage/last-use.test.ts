import { SidekeyError } from 'sidekey'

import { alice, mistyped, refusedFields, type TestKeys, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'

overEveryStore('last use', store => {
  let keys: TestKeys
  beforeEach(() => {
    keys = testKeys({ store: store() })
  })
  afterEach(() => keys.close())
  const names = async (query: Parameters<TestKeys['list']>[0]) =>
    (await keys.list(query)).data.map(({ name }) => name).sort()

  it('is told with a record, at once in the process that saw it', async () => {
    const { apiKey, token } = await keys.as(alice).create({ name: 'CI' })
    expect(apiKey.lastUsedAt).toBeNull()
    expect((await keys.get(apiKey.id))?.lastUsedAt).toBeNull()
    const before = Date.now()
    const verification = await keys.verify(token)
    expect(verification.ok && 'lastUsedAt' in verification.apiKey).toBe(false)
    const at = (await keys.get(apiKey.id))?.lastUsedAt?.getTime() ?? 0
    expect(at).toBeGreaterThanOrEqual(before)
    expect(at).toBeLessThanOrEqual(Date.now())
    const told = [
      (await keys.list()).data[0],
      await keys.lookup(token),
      await keys.update(apiKey.id, { name: 'x' }),
      (await keys.rotate(apiKey.id)).apiKey,
      await keys.transfer(apiKey.id, { id: 'bob' }),
      await keys.delete(apiKey.id),
      await keys.restore(apiKey.id),
      await keys.revoke(apiKey.id),
    ]
    for (const one of told) expect(one?.lastUsedAt?.getTime()).toBe(at)
  })

  it('comes to other processes with the next write, and an earlier use never takes its place', async () => {
    const { apiKey, token } = await keys.as(alice).create({ name: 'CI' })
    await keys.verify(token)
    const at = (await keys.get(apiKey.id))?.lastUsedAt
    const other = testKeys({ store: { ...store(), close: async () => {} } })
    expect((await other.get(apiKey.id))?.lastUsedAt).toBeNull()
    await keys.close() // writes what is noted
    await store().recordUses([{ keyId: apiKey.id, at: new Date(1000) }])
    expect((await other.get(apiKey.id))?.lastUsedAt).toEqual(at)
    await other.close()
  })

  it('is not a refused verification', async () => {
    const { apiKey, token } = await keys.as(alice).create({ name: 'CI' })
    await keys.verify(token, { permissions: 'reports:read' })
    await keys.verify(mistyped(token))
    expect((await keys.get(apiKey.id))?.lastUsedAt).toBeNull()
  })

  it('changes nothing about the record: no version, no updatedAt, no event', async () => {
    const { apiKey, token } = await keys.as(alice).create({ name: 'CI' })
    await keys.verify(token)
    const { lastUsedAt, ...rest } = (await keys.get(apiKey.id)) ?? {}
    const { lastUsedAt: none, ...made } = apiKey
    expect(rest).toEqual(made)
    expect((await keys.audit({ keyId: apiKey.id })).data).toHaveLength(1)
  })

  it('lists what has not been used since a time; a key that is younger is not unused', async () => {
    for (let i = 0; i < 7; i++) {
      const { token } = await keys.as(alice).create({ name: `used ${i}` })
      await keys.as(alice).create({ name: `unused ${i}` })
      await keys.verify(token)
    }
    const soon = new Date(Date.now() + 60_000)
    expect(await names({ unusedSince: soon })).toHaveLength(14)
    expect(await names({ unusedSince: new Date(Date.now() - 60_000) })).toEqual([])
    const ofUsed = (await keys.list({ q: 'used 0' })).data.find(({ name }) => name === 'used 0')
    await keys.close() // writes
    const later = testKeys({ store: store() })
    const verifiedAt = ofUsed?.lastUsedAt ?? new Date()
    await store().recordUses(
      (await later.list({ limit: 100 })).data
        .filter(({ name }) => name.startsWith('used'))
        .map(({ id }) => ({ keyId: id, at: soon })),
    )
    const found = await later.list({ unusedSince: new Date(verifiedAt.getTime() + 30_000), limit: 3 })
    expect(found.data).toHaveLength(3)
    const rest = await later.list({
      unusedSince: new Date(verifiedAt.getTime() + 30_000),
      limit: 100,
      cursor: found.nextCursor ?? '',
    })
    const all = [...found.data, ...rest.data].map(({ name }) => name).sort()
    expect(all).toEqual(Array.from({ length: 7 }, (_, i) => `unused ${i}`))
    await later.close()
  })

  it('lists what ends within a time, and has not ended yet', async () => {
    await keys.as(alice).create({ name: 'in an hour', expiresIn: '1h' })
    await keys.as(alice).create({ name: 'in a week', expiresIn: '7d' })
    await keys.as(alice).create({ name: 'never' })
    const revoked = await keys.as(alice).create({ name: 'revoked', expiresIn: '1h' })
    await keys.revoke(revoked.apiKey.id)
    expect(await names({ expiresWithin: '1d' })).toEqual(['in an hour'])
    expect(await names({ expiresWithin: '8d' })).toEqual(['in a week', 'in an hour'])
    expect(await names({ expiresWithin: '8d', status: 'revoked' })).toEqual(['revoked'])
    expect(await refusedFields(keys.list({ expiresWithin: '8' }))).toEqual(['expiresWithin'])
    expect(await refusedFields(keys.list({ unusedSince: 'yesterday' }))).toEqual(['unusedSince'])
  })

  it('is written again where the store was away', async () => {
    let away = true
    const flaky = testKeys({
      store: {
        ...store(),
        recordUses: uses =>
          away ? Promise.reject(new SidekeyError('STORE_UNAVAILABLE', 'away')) : store().recordUses(uses),
        close: async () => {},
      },
    })
    const { apiKey, token } = await flaky.as(alice).create({ name: 'CI' })
    await flaky.verify(token)
    await flaky.close() // cannot write
    away = false
    await flaky.close()
    expect(await store().lastUses([apiKey.id])).toHaveLength(1)
  })

  it('has the address that it came from where the option says so, and nowhere else', async () => {
    const { apiKey, token } = await keys.as(alice).create({ name: 'CI' })
    await keys.verify(token, { ip: '192.0.2.1' })
    expect(await keys.get(apiKey.id)).not.toHaveProperty('lastUsedIp')
    await keys.close()
    expect(await store().lastUses([apiKey.id])).toEqual([{ keyId: apiKey.id, at: expect.any(Date) }])
    const keeping = testKeys({ store: store(), lastUsedIp: true })
    await keeping.verify(token, { ip: '192.0.2.2' })
    expect(await keeping.get(apiKey.id)).toMatchObject({ lastUsedIp: '192.0.2.2' })
    const other = await keeping.as(alice).create({ name: 'other' })
    await keeping.verify(other.token)
    expect(await keeping.get(other.apiKey.id)).toMatchObject({ lastUsedIp: null })
    await keeping.close()
    expect(await store().lastUses([apiKey.id])).toMatchObject([{ ip: '192.0.2.2' }])
  })
})
