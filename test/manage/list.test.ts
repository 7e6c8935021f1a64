import fc from 'fast-check'
import { newKeyId } from '../../src/key/token.js'
import { decodeCursor, encodeCursor } from '../../src/manage/cursor.js'
import { alice, bob, carol, refusalCode, refusedFields, root, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'

overEveryStore('list', store => {
  it('goes through all pages, newest first, each key once', async () => {
    const keys = testKeys({ store: store() })
    const made: string[] = []
    for (let i = 0; i < 7; i++) made.push((await keys.as(alice).create({ name: `k${i}` })).apiKey.id)
    const seen: string[] = []
    let cursor: string | null | undefined
    do {
      const page = await keys.as(alice).list({ limit: 3, ...(cursor != null && { cursor }) })
      seen.push(...page.data.map(key => key.id))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual(made.sort().reverse())
  })

  it('has no next page where the last one is just full', async () => {
    const keys = testKeys({ store: store() })
    for (const name of ['a', 'b']) await keys.as(alice).create({ name })
    expect((await keys.as(alice).list({ limit: 2 })).nextCursor).toBeNull()
    expect((await testKeys().as(alice).list()).data).toEqual([])
  })

  it('shows each actor what is theirs to see', async () => {
    const keys = testKeys({ store: store() })
    const create = async (name: string, owner: object, organizationId?: string) =>
      void (await keys.create({
        name,
        owner: owner as { id: string }, // a whole owner
        ...(organizationId !== undefined && { organizationId }),
      }))
    await create('alice', { id: 'alice' })
    await create('alice in acme', { id: 'alice' }, 'acme')
    await create('bob in acme', { id: 'bob' }, 'acme')
    await create('acme', { type: 'organization', id: 'acme' })
    await create('evil', { type: 'organization', id: 'evil' })
    const names = async (user: object, query: object = {}) =>
      (await keys.as(user).list(query)).data.map(key => key.name).sort()

    expect(await names(alice)).toEqual(['alice', 'alice in acme'])
    expect(await names(alice, { organizationId: 'acme' })).toEqual(['acme', 'alice in acme'])
    expect(await names(carol, { organizationId: 'acme' })).toEqual(['acme', 'alice in acme', 'bob in acme'])
    expect(await names(carol, { organizationId: 'acme', owner: { id: 'alice' } })).toEqual(['alice in acme'])
    expect(await names(carol, { owner: { type: 'organization', id: 'acme' } })).toEqual(['acme'])
    expect(await names(root)).toEqual([])
    expect(await names(root, { all: true })).toHaveLength(5)
    expect(await names(root, { owner: { id: 'alice' } })).toEqual(['alice', 'alice in acme'])
    for (const query of [
      { all: true },
      { owner: { id: 'bob' } },
      { organizationId: 'evil' },
      { owner: { type: 'organization', id: 'evil' } },
      { organizationId: 'acme', owner: { id: 'bob' } },
    ]) {
      expect(await refusalCode(keys.as(alice).list(query))).toBe('FORBIDDEN')
    }
    expect(await refusalCode(keys.as(carol).list({ owner: { id: 'alice' } }))).toBe('FORBIDDEN')
  })

  it('filters by status, kind, tag and text in the name', async () => {
    const kinds = { secret: {}, publishable: {} }
    const keys = testKeys({ store: store(), kinds })
    const face = keys.as(alice)
    const a = (await face.create({ name: 'Nightly build', tags: ['ci'] })).apiKey
    const b = (await face.create({ name: 'Browser', kind: 'publishable' })).apiKey
    const c = (await face.create({ name: 'Gone' })).apiKey
    await face.revoke(b.id)
    await face.delete(c.id)
    const ids = async (query: object) => (await face.list(query)).data.map(key => key.id).sort()
    expect(await ids({})).toEqual([a.id, b.id].sort())
    expect(await ids({ status: 'revoked' })).toEqual([b.id])
    expect(await ids({ status: ['active', 'deleted'] })).toEqual([a.id, c.id].sort())
    expect(await ids({ kind: 'publishable' })).toEqual([b.id])
    expect(await ids({ tag: 'ci' })).toEqual([a.id])
    expect(await ids({ q: 'BUILD' })).toEqual([a.id])
    expect(await ids({ q: '.*' })).toEqual([])
  })
})

describe('list', () => {
  it.each<[string, object, string]>([
    ['a limit of 0', { limit: 0 }, 'limit'],
    ['a limit of 101', { limit: 101 }, 'limit'],
    ['a broken limit', { limit: 1.5 }, 'limit'],
    ['a limit as text', { limit: '10' }, 'limit'],
    ['an unknown status', { status: 'lost' }, 'status'],
    ['no status', { status: [] }, 'status'],
    ['an owner that is a query', { owner: { id: { $ne: null } } }, 'owner.id'],
    ['a tag that is a query', { tag: { $gt: '' } }, 'tag'],
    ['an unknown field', { filter: 1 }, 'filter'],
    ['a cursor that is a query', { cursor: { $gt: '' } }, 'cursor'],
    ['a cursor that is none', { cursor: 'abc' }, 'cursor'],
  ])('refuses %s', async (_what, query, path) => {
    expect(await refusedFields(testKeys().list(query))).toEqual([path])
  })

  it('refuses a cursor that was changed, or comes from another filter', async () => {
    const keys = testKeys()
    for (const user of [alice, alice, bob, bob]) await keys.as(user).create({ name: 'k' })
    const { nextCursor } = await keys.as(alice).list({ limit: 1 })
    const cursor = nextCursor ?? ''
    const flipped = (cursor.startsWith('M') ? 'N' : 'M') + cursor.slice(1)
    expect(await refusedFields(keys.as(alice).list({ limit: 1, cursor: flipped }))).toEqual(['cursor'])
    const elsewhere = keys.as(alice).list({ limit: 1, cursor, status: 'active' })
    expect(await refusedFields(elsewhere)).toEqual(['cursor'])
    // It grants nothing: with another's cursor one sees one's own.
    const page = await keys.as(bob).list({ cursor })
    expect(page.data.every(key => key.owner.id === 'bob')).toBe(true)
  })

  it('makes cursors that read back as what was written, and refuses all others', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.string(), fc.string(), (time, filter, other) => {
        const id = newKeyId(time)
        const cursor = encodeCursor(id, filter)
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/)
        expect(decodeCursor(cursor, filter)).toBe(id)
        if (other !== filter) expect(() => decodeCursor(cursor, other)).toThrow('cursor')
        if (other !== cursor) expect(() => decodeCursor(other, filter)).toThrow('cursor')
      }),
    )
  })
})
