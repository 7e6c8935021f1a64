import { memoryStore } from 'sidekey'
import { alice, carol, refusalCode, refusedFields, root, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'

overEveryStore('revokeAll', store => {
  it("ends a leaver's keys in that organisation, and only those", async () => {
    const keys = testKeys({ store: store() })
    const inAcme = await keys.as(alice).create({ name: 'a', organizationId: 'acme' })
    const elsewhere = await keys.as(alice).create({ name: 'b' })
    const colleagues = await keys.create({ name: 'c', owner: { id: 'bob' }, organizationId: 'acme' })
    const filter = { owner: { id: 'alice' }, organizationId: 'acme' }
    expect(await keys.as(carol).revokeAll(filter, { reason: 'left' })).toEqual({ revoked: 1 })
    expect(await keys.verify(inAcme.token)).toMatchObject({ code: 'KEY_REVOKED' })
    for (const { token } of [elsewhere, colleagues])
      expect(await keys.verify(token)).toMatchObject({ ok: true })
    expect(await keys.get(inAcme.apiKey.id)).toMatchObject({ revoked: { by: 'carol', reason: 'left' } })
    expect(await keys.as(carol).revokeAll(filter)).toEqual({ revoked: 0 })
  })

  it('goes through more keys than fit one batch', async () => {
    const keys = testKeys({ store: store() })
    for (let i = 0; i < 45; i++) {
      await Promise.all(Array.from({ length: 5 }, () => keys.create({ name: 'k', owner: { id: 'zoe' } })))
    }
    const spared = await keys.create({ name: 'spared', owner: { id: 'bob' } })
    expect(await keys.revokeAll({ owner: { id: 'zoe' } })).toEqual({ revoked: 225 })
    expect((await keys.list({ owner: { id: 'zoe' }, status: 'active' })).data).toEqual([])
    expect(await keys.get(spared.apiKey.id)).toMatchObject({ status: 'active' })
  })

  it('tells which of the ids it has passed over: not what is revoked already, or was deleted', async () => {
    const keys = testKeys({ store: store() })
    const make = async (id: string) => (await keys.create({ name: 'k', owner: { id } })).apiKey.id
    const [mine, before, deleted, theirs] = [
      await make('alice'),
      await make('alice'),
      await make('alice'),
      await make('bob'),
    ]
    await keys.revoke(before)
    await keys.delete(deleted)
    const ids = [mine, before, theirs, deleted, '0'.repeat(16)]
    const passedOver = [theirs, '0'.repeat(16)]
    expect(await keys.as(alice).revokeAll({ ids })).toEqual({ revoked: 2, passedOver })
    expect(await keys.as(alice).revokeAll({ ids })).toEqual({ revoked: 0, passedOver })
    // What the other filters do not name is passed over too.
    const owner = { id: 'alice' }
    expect(await keys.revokeAll({ ids: [mine, theirs], owner })).toEqual({ revoked: 0, passedOver: [theirs] })
  })

  it('is told before what it would end, more than fit one batch', async () => {
    const keys = testKeys({ store: store(), kinds: { secret: {}, publishable: { prefix: 'acme_pk' } } })
    const owner = { id: 'zoe' }
    for (let i = 0; i < 41; i++)
      await Promise.all(Array.from({ length: 5 }, () => keys.create({ name: 'k', owner })))
    await keys.create({ name: 'p', owner, kind: 'publishable' })
    const [revoked, deleted] = [
      await keys.create({ name: 'r', owner }),
      await keys.create({ name: 'd', owner }),
    ]
    await keys.revoke(revoked.apiKey.id)
    await keys.delete(deleted.apiKey.id)
    const counts = {
      keys: 207,
      byStatus: { active: 206, deleted: 1 },
      byKind: { secret: 206, publishable: 1 },
    }
    expect(await keys.previewRevoke({ owner })).toEqual(counts)
    expect(await keys.as(root).previewRevoke({ owner })).toEqual(counts)
    expect(await keys.revokeAll({ owner })).toEqual({ revoked: counts.keys })
    expect(await keys.previewRevoke({ owner })).toEqual({ keys: 0, byStatus: {}, byKind: {} })
    expect(await refusalCode(keys.as(alice).previewRevoke({ owner }))).toBe('FORBIDDEN')
  })
})

describe('revokeAll', () => {
  it.each<[string, unknown]>([
    ['an empty filter', {}],
    ['no filter', undefined],
    ['null', null],
    ['an owner without a value', { owner: undefined }],
    ['an owner that is null', { owner: null }],
    ['an owner whose id is missing', { owner: { type: 'user' } }],
    ['an owner whose id is empty', { owner: { id: '' } }],
    ['an owner that is a query', { owner: { id: { $ne: '' } } }],
    [
      'an organisation without a value beside an owner',
      { owner: { id: 'alice' }, organizationId: undefined },
    ],
    ['no ids', { ids: [] }],
    ['an id that is a query', { ids: [{ $gt: '' }] }],
    ['an unknown field', { all: true }],
  ])('refuses %s: it never means all', async (_what, filter) => {
    const keys = testKeys()
    const { token } = await keys.as(alice).create({ name: 'k' })
    expect(await refusalCode(keys.revokeAll(filter as never))).toBe('INVALID_INPUT') // what no type would let by
    expect(await refusalCode(keys.as(root).revokeAll(filter as never))).toBe('INVALID_INPUT') // as above
    expect(await keys.verify(token)).toMatchObject({ ok: true })
  })

  it('names what is missing', async () => {
    const { owner } = { owner: undefined }
    expect(await refusedFields(testKeys().revokeAll({ owner } as never))).toEqual(['filter.owner']) // as above
  })

  it("passes over what the actor may not revoke, and reaches no other's keys by a filter", async () => {
    const keys = testKeys()
    const mine = (await keys.as(alice).create({ name: 'mine', tags: ['t'] })).apiKey
    const theirs = (await keys.create({ name: 'theirs', owner: { id: 'bob' }, tags: ['t'] })).apiKey
    expect(await keys.as(alice).revokeAll({ ids: [mine.id, theirs.id] })).toEqual({
      revoked: 1,
      passedOver: [theirs.id],
    })
    expect(await keys.as(alice).revokeAll({ tag: 't' })).toEqual({ revoked: 0 })
    expect(await refusalCode(keys.as(alice).revokeAll({ owner: { id: 'bob' } }))).toBe('FORBIDDEN')
    expect(await keys.get(theirs.id)).toMatchObject({ status: 'active' })
    expect(await keys.as(root).revokeAll({ tag: 't' })).toEqual({ revoked: 1 })
  })

  it('ends deleted keys too, which could be restored after it', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.as(alice).create({ name: 'k', organizationId: 'acme' })
    await keys.as(alice).delete(apiKey.id)
    const filter = { owner: { id: 'alice' }, organizationId: 'acme' }
    expect(await keys.as(carol).revokeAll(filter)).toEqual({ revoked: 1 })
    expect(await keys.as(alice).restore(apiKey.id)).toMatchObject({ status: 'revoked' })
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_REVOKED' })
  })

  it('catches keys that are made while it runs', async () => {
    const store = memoryStore()
    let late = 0
    const keys = testKeys({
      store: {
        ...store,
        async replace(key, ifVersion) {
          if (key.revoked !== null && late < 3) {
            late++
            await keys.create({ name: `late ${late}`, owner: { id: 'alice' } })
          }
          return store.replace(key, ifVersion)
        },
      },
    })
    await keys.as(alice).create({ name: 'first' })
    expect(await keys.revokeAll({ owner: { id: 'alice' } })).toEqual({ revoked: 4 })
    expect((await keys.list({ status: 'active' })).data).toEqual([])
  })
})
