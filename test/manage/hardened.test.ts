/** What a hostile review of management found, each kept shut by a test. */
import { memoryStore, type Store, type StoredKey } from 'sidekey'
import { actingBy, alice, bob, refusalCode, root, type TestKeys, testKeys } from '../support/keys.js'

/** A store whose next `replace` is held back until it is let go: a write that was given up, and lands later. */
function heldBack() {
  const store = memoryStore()
  let hold = false
  let release = () => {}
  const late: { landed: Promise<boolean> | undefined } = { landed: undefined }
  const wrapped: Store = {
    ...store,
    async replace(key: StoredKey, ifVersion: number) {
      if (!hold) return store.replace(key, ifVersion)
      hold = false
      late.landed = new Promise<void>(resolve => {
        release = resolve
      }).then(() => store.replace(key, ifVersion))
      return late.landed
    },
  }
  return {
    store: wrapped,
    holdNext: () => {
      hold = true
    },
    /** Lets the held write land, and tells whether it did. */
    letGo: async () => {
      release()
      return late.landed
    },
    isHolding: () => late.landed !== undefined,
  }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

describe('authorize', () => {
  it.each([true, 1, 'yes', 'ALLOW', {}, [], false, 0, ''])(
    'gives no leave by answering %p, for any action',
    async answer => {
      const keys = testKeys({ authorize: () => answer as never }) // as a careless app would
      const { id } = (await keys.create({ name: 'k', owner: { id: 'alice' } })).apiKey
      const others = { name: 'x', owner: { id: 'bob' } }
      expect(await refusalCode(keys.as(alice).create(others))).toBe('FORBIDDEN')
      expect(await refusalCode(keys.as(alice).create({ name: 'x' }))).toBe('FORBIDDEN')
      expect(await refusalCode(keys.as(alice).revoke(id))).toBe('NOT_FOUND')
      expect(await keys.as(alice).get(id)).toBeNull()
      expect((await keys.list()).data).toHaveLength(1)
    },
  )
})

describe('a change that was given up', () => {
  it('does not land after a later delete: a restore', async () => {
    const { store, holdNext, letGo, isHolding } = heldBack()
    const keys = testKeys({ store })
    const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
    await keys.delete(apiKey.id)
    holdNext()
    const restoring = keys.restore(apiKey.id).catch(() => {})
    while (!isHolding()) await turn()
    await keys.delete(apiKey.id)
    expect(await letGo()).toBe(false)
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_INVALID' })
    await restoring
  })

  it('does not land after a later transfer to the present owner: a transfer', async () => {
    const { store, holdNext, letGo, isHolding } = heldBack()
    const keys = testKeys({ store })
    const { apiKey } = await keys.as(alice).create({ name: 'k' })
    holdNext()
    const given = keys.transfer(apiKey.id, { id: 'bob' }).catch(() => {})
    while (!isHolding()) await turn()
    await keys.transfer(apiKey.id, { id: 'alice' })
    expect(await letGo()).toBe(false)
    await given
  })
})

describe('maxKeysPerOwner', () => {
  it('holds where a key comes back while another is made', async () => {
    const { store, holdNext, letGo, isHolding } = heldBack()
    const keys = testKeys({ store, maxKeysPerOwner: 2 })
    const first = (await keys.as(alice).create({ name: 'k1' })).apiKey
    await keys.as(alice).create({ name: 'k2' })
    await keys.as(alice).delete(first.id)
    const deleted = Date.now()
    while (Date.now() === deleted) await turn() // the claim that follows must be later than the deletion
    holdNext()
    const restoring = keys.as(alice).restore(first.id)
    while (!isHolding()) await turn()
    expect(await refusalCode(keys.as(alice).create({ name: 'k3' }))).toBe('KEY_LIMIT_REACHED')
    await letGo()
    await restoring
    expect((await keys.as(alice).list({ status: 'active' })).data).toHaveLength(2)
  })

  it('counts all the keys that an owner had before it, also where they are more', async () => {
    const store = memoryStore()
    const before = testKeys({ store })
    const ids: string[] = []
    for (let i = 0; i < 206; i++) ids.push((await before.as(alice).create({ name: `k${i}` })).apiKey.id)
    const keys = testKeys({ store, maxKeysPerOwner: 203 })
    expect(await refusalCode(keys.as(alice).create({ name: 'new' }))).toBe('KEY_LIMIT_REACHED')
    for (const id of ids.slice(0, 3)) {
      await keys.as(alice).revoke(id)
      expect(await refusalCode(keys.as(alice).create({ name: 'new' }))).toBe('KEY_LIMIT_REACHED')
    }
    await keys.as(alice).revoke(ids[3] ?? '')
    await keys.as(alice).create({ name: 'new' })
  })

  it('refuses nothing that there is room for, also where another process has just made the room', async () => {
    const store = memoryStore()
    const keys = testKeys({
      store: {
        ...store,
        async slots(owner) {
          for (const slot of await store.slots(owner)) await store.releaseSlot(owner, slot)
          return store.slots(owner)
        },
      },
      maxKeysPerOwner: 1,
    })
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    await keys.as(alice).revoke(id)
    expect((await keys.as(alice).create({ name: 'k2' })).apiKey.status).toBe('active')
  })

  it('refuses at the limit with a few reads, not one a key', async () => {
    const store = memoryStore()
    let reads = 0
    const counting: Store = {
      ...store,
      find: id => {
        reads++
        return store.find(id)
      },
      list: query => {
        reads++
        return store.list(query)
      },
    }
    const keys = testKeys({ store: counting, maxKeysPerOwner: 100 })
    for (let i = 0; i < 100; i++) await keys.as(alice).create({ name: 'k' })
    reads = 0
    expect(await refusalCode(keys.as(alice).create({ name: 'k' }))).toBe('KEY_LIMIT_REACHED')
    expect(reads).toBeLessThanOrEqual(2)
  })
})

describe('a revocation', () => {
  it('gets through among many that keep changing the same key', async () => {
    const store = memoryStore()
    const slow: Store = {
      ...store,
      async find(id) {
        await turn()
        return store.find(id)
      },
    }
    const keys = testKeys({ store: slow })
    const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
    let going = true
    const rivals = Array.from({ length: 200 }, async (_, i) => {
      while (going) await keys.update(apiKey.id, { name: `n${i}` }).catch(() => {})
    })
    await keys.as(root).revoke(apiKey.id)
    going = false
    await Promise.all(rivals)
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_REVOKED' })
  })

  it('of all keys ends, and says so, where its owner makes new ones all the while', async () => {
    const store = memoryStore()
    const keys = testKeys({
      store: {
        ...store,
        async replace(key, ifVersion) {
          if (key.revoked !== null) await keys.create({ name: 'again', owner: { id: 'alice' } })
          return store.replace(key, ifVersion)
        },
      },
    })
    await keys.as(alice).create({ name: 'first' })
    expect(await refusalCode(keys.revokeAll({ owner: { id: 'alice' } }))).toBe('CONFLICT')
    expect((await keys.list({ status: 'active' })).data).toHaveLength(1)
  })
})

describe('a token that was rotated away at once', () => {
  it('is still found by lookup, though it opens nothing, up to ten back', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
    for (let i = 0; i < 10; i++) await keys.rotate(apiKey.id, { grace: i % 2 === 0 ? '0s' : '24h' })
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_INVALID' })
    expect(await keys.as(root).lookup(token)).toMatchObject({ id: apiKey.id })
    await keys.rotate(apiKey.id)
    expect(await keys.as(root).lookup(token)).toBeNull()
  })
})

describe('what comes from the app', () => {
  it('is not frozen: its own metadata object stays its own', async () => {
    const metadata = { a: { b: 1 } }
    const { apiKey } = await testKeys().create({ name: 'k', owner: { id: 'alice' }, metadata })
    metadata.a.b = 2
    expect(apiKey.metadata).toEqual({ a: { b: 1 } })
  })

  it.each(['undefined', 'null', 'NaN', '[object Object]'])(
    'makes no user of an id that a template wrote for a missing one: %s',
    async id => {
      const keys = testKeys({ actor: () => ({ id }) })
      expect(await refusalCode(keys.as(bob).create({ name: 'k' }))).toBe('INVALID_OPTION')
      expect(await refusalCode(keys.create({ name: 'k', owner: { id } }))).toBe('INVALID_INPUT')
    },
  )
})

describe('a key that acts', () => {
  it.each([
    ['revoked', 'KEY_REVOKED', (keys: TestKeys, id: string) => keys.revoke(id)],
    ['disabled', 'KEY_DISABLED', (keys: TestKeys, id: string) => keys.update(id, { enabled: false })],
    ['deleted', 'KEY_INVALID', (keys: TestKeys, id: string) => keys.delete(id)],
    ['purged', 'KEY_INVALID', (keys: TestKeys, id: string) => keys.purge(id)],
    ['narrowed', 'CONFLICT', (keys: TestKeys, id: string) => keys.update(id, { permissions: [] })],
  ] as const)(
    'does nothing once it has been %s, though it was verified before: %s',
    async (_what, code, end) => {
      const keys = testKeys()
      const { apiKey, token } = await keys.as(alice).create({ name: 'acting', permissions: ['api-keys:*'] })
      const other = (await keys.as(alice).create({ name: 'other' })).apiKey
      const face = await actingBy(keys, token)
      await end(keys, apiKey.id)
      for (const act of [
        () => face.create({ name: 'child' }),
        () => face.update(other.id, { name: 'x' }),
        () => face.revoke(other.id),
        () => face.revokeAll({ ids: [other.id] }),
      ]) {
        const refused = await refusalCode(act())
        // A bulk pass takes a key that was changed for one that is in others' way.
        expect(refused).toBe(code)
      }
      expect(await keys.get(other.id)).toMatchObject({ version: 1 })
    },
  )

  it('ends itself also where it has been renamed meanwhile', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.as(alice).create({ name: 'acting' })
    const face = await actingBy(keys, token)
    await keys.update(apiKey.id, { name: 'renamed' })
    expect(await face.revoke(apiKey.id)).toMatchObject({ status: 'revoked' })
  })

  it('ends itself last in a bulk revoke that names it', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.as(alice).create({ name: 'acting', permissions: ['api-keys:*'] })
    const made = [apiKey.id]
    for (let i = 0; i < 3; i++) made.push((await keys.as(alice).create({ name: `k${i}` })).apiKey.id)
    const face = await actingBy(keys, token)
    expect(await face.revokeAll({ owner: { id: 'alice' } })).toEqual({ revoked: 4 })
    for (const id of made) expect(await keys.get(id)).toMatchObject({ status: 'revoked' })
  })

  it('is looked at after the app has been asked, however long that takes', async () => {
    let answer = () => {}
    let asked = () => {}
    const isAsked = new Promise<void>(resolve => {
      asked = resolve
    })
    const keys = testKeys({
      authorize: (actor, action) => {
        if (actor.via !== 'key' || action !== 'create') return undefined
        asked()
        return new Promise(resolve => {
          answer = () => resolve(undefined)
        })
      },
    })
    const { apiKey, token } = await keys.as(alice).create({ name: 'acting', permissions: ['api-keys:*'] })
    const face = await actingBy(keys, token)
    const refused = refusalCode(face.create({ name: 'child' }))
    await isAsked
    await keys.revoke(apiKey.id)
    answer()
    expect(await refused).toBe('KEY_REVOKED')
    expect((await keys.list({ parentId: apiKey.id })).data).toEqual([])
  })
})
