import type { Store } from 'sidekey'
import { alice, bob, refusalCode, root, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'

overEveryStore('maxKeysPerOwner', store => {
  let ahead = 0
  const later = (ms: number) => {
    ahead += ms
  }
  beforeEach(() => {
    ahead = 0
    const { now } = Date
    jest.spyOn(Date, 'now').mockImplementation(() => now() + ahead)
  })
  afterEach(() => {
    jest.restoreAllMocks()
  })

  const limited = (max: number, from: Store = store()) => testKeys({ store: from, maxKeysPerOwner: max })

  it('is exact when a hundred creations race', async () => {
    const keys = limited(10)
    const racing = Array.from({ length: 100 }, (_, i) => keys.as(alice).create({ name: `k${i}` }))
    const results = await Promise.allSettled(racing)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    const reasons = results.flatMap(one => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(new Set(reasons)).toEqual(new Set(['KEY_LIMIT_REACHED']))
    expect((await keys.list({ owner: { id: 'alice' }, limit: 100 })).data).toHaveLength(10)
  })

  it('is exact over two processes, on keys that were there before it was bounded', async () => {
    const before = testKeys({ store: store() })
    for (let i = 0; i < 3; i++) await before.as(alice).create({ name: `old ${i}` })
    const processes = [limited(5), limited(5)]
    const results = await Promise.allSettled(
      processes.flatMap(keys => Array.from({ length: 10 }, () => keys.as(alice).create({ name: 'new' }))),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect((await before.list({ owner: { id: 'alice' } })).data).toHaveLength(5)
  })

  it('counts each owner alone', async () => {
    const keys = limited(1)
    await keys.as(alice).create({ name: 'k' })
    await keys.as(bob).create({ name: 'k' })
    await keys.create({ name: 'k', owner: { type: 'service', id: 'alice' } })
    expect(await refusalCode(keys.as(alice).create({ name: 'k2' }))).toBe('KEY_LIMIT_REACHED')
  })

  it.each([
    ['revoked', (keys: ReturnType<typeof limited>, id: string) => keys.revoke(id)],
    ['deleted', (keys: ReturnType<typeof limited>, id: string) => keys.delete(id)],
    ['purged', (keys: ReturnType<typeof limited>, id: string) => keys.purge(id)],
  ] as const)('gives the place of a %s key to a new one', async (what, end) => {
    const keys = limited(1)
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    await end(keys, id)
    // Of a purged key no record tells that it ended: its place is an orphan for a minute.
    if (what === 'purged') later(60_001)
    await keys.as(alice).create({ name: 'k2' })
    expect(await refusalCode(keys.as(alice).create({ name: 'k3' }))).toBe('KEY_LIMIT_REACHED')
  })

  it('keeps the place of a disabled key, which can be enabled', async () => {
    const keys = limited(1)
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    await keys.as(alice).update(id, { enabled: false })
    expect(await refusalCode(keys.as(alice).create({ name: 'k2' }))).toBe('KEY_LIMIT_REACHED')
  })

  it('extends a key that has expired only into a free place', async () => {
    const keys = limited(1)
    const { id } = (await keys.as(alice).create({ name: 'k', expiresIn: '1h' })).apiKey
    later(3_600_000)
    await keys.as(alice).create({ name: 'k2' })
    expect(await refusalCode(keys.as(alice).update(id, { expiresIn: '1h' }))).toBe('KEY_LIMIT_REACHED')
    expect(await keys.as(alice).update(id, { name: 'renamed' })).toMatchObject({ status: 'expired' })
  })

  it('restores a key only into a free place', async () => {
    const keys = limited(1)
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    await keys.as(alice).delete(id)
    const second = (await keys.as(alice).create({ name: 'k2' })).apiKey
    expect(await refusalCode(keys.as(alice).restore(id))).toBe('KEY_LIMIT_REACHED')
    await keys.as(alice).revoke(second.id)
    expect(await keys.as(alice).restore(id)).toMatchObject({ status: 'active' })
  })

  it("transfers a key only into a free place of the new owner's", async () => {
    const keys = limited(1)
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    await keys.as(bob).create({ name: 'k' })
    expect(await refusalCode(keys.transfer(id, { id: 'bob' }))).toBe('KEY_LIMIT_REACHED')
    expect(await keys.get(id)).toMatchObject({ owner: { id: 'alice' } })
    expect(await keys.transfer(id, { id: root.id })).toMatchObject({ owner: { id: 'root' } })
    expect(await refusalCode(keys.create({ name: 'k', owner: { id: 'root' } }))).toBe('KEY_LIMIT_REACHED')
    // The place that it had is free a minute after it was taken.
    later(60_001)
    await keys.as(alice).create({ name: 'k2' })
  })
})
