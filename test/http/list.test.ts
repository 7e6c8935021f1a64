import type { Express } from 'express'
import { alice, bob, carol, mallory, root, type TestKeys, testKeys } from '../support/keys.js'
import {
  type Agent,
  expectFields,
  expectProblem,
  loggedIn,
  namesOf,
  overExpress,
  routerApp,
} from './support.js'

overExpress('GET / of keyRouter', express => {
  let keys: TestKeys
  let app: Express
  let agent: Agent
  beforeEach(async () => {
    keys = testKeys()
    app = routerApp(express, keys)
    agent = await loggedIn(app, alice)
  })

  const make = (name: string, id = 'alice') => keys.create({ name, owner: { id } })
  async function makeMany(count: number): Promise<string[]> {
    const names = Array.from({ length: count }, (_, i) => `key ${i}`)
    for (const name of names) await make(name)
    return (await keys.list({ owner: { id: 'alice' }, limit: 100 })).data.map(({ name }) => name)
  }

  it("lists the user's own keys, and nobody else's", async () => {
    await make('mine')
    await make('theirs', 'bob')
    expect(await namesOf(agent)).toEqual(['mine'])
  })

  it('answers an empty list, and no cursor', async () => {
    const answer = await agent.get('/api-keys').expect(200)
    expect(answer.body).toEqual({ data: [], nextCursor: null })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('goes through pages by cursor: every key once, newest first', async () => {
    const all = await makeMany(7)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '?limit=3' : `?limit=3&cursor=${cursor}`
      const { body } = await agent.get(`/api-keys${query}`).expect(200)
      expect(body.data.length).toBeLessThanOrEqual(3)
      seen.push(...body.data.map(({ name }: { name: string }) => name))
      cursor = body.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual(all)
  })

  it('gives 20 to a page unless told otherwise, and up to 100', async () => {
    await makeMany(25)
    expect(await namesOf(agent)).toHaveLength(20)
    expect(await namesOf(agent, '?limit=1')).toHaveLength(1)
    expect(await namesOf(agent, '?limit=100')).toHaveLength(25)
  })

  it.each(['0', '101', 'abc', '1e3', '-1', '2.5', '', '%20', '0x10', '99999', 'Infinity'])(
    'refuses limit=%s and never clamps it',
    async limit => {
      await make('mine')
      expectFields(await agent.get(`/api-keys?limit=${limit}`), 'limit')
    },
  )

  it('filters by status', async () => {
    const revoked = await make('revoked')
    await make('active')
    await keys.revoke(revoked.apiKey.id)
    expect(await namesOf(agent, '?status=revoked')).toEqual(['revoked'])
    expect(await namesOf(agent, '?status=active')).toEqual(['active'])
  })

  it('shows deleted keys only when asked for', async () => {
    const { apiKey } = await make('gone')
    await keys.delete(apiKey.id)
    expect(await namesOf(agent)).toEqual([])
    expect(await namesOf(agent, '?status=deleted')).toEqual(['gone'])
  })

  it('filters by tag, by kind and by a part of the name in any case', async () => {
    await keys.create({ name: 'Nightly export', owner: { id: 'alice' }, tags: ['ci'] })
    await make('other')
    expect(await namesOf(agent, '?tag=ci')).toEqual(['Nightly export'])
    expect(await namesOf(agent, '?q=EXPORT')).toEqual(['Nightly export'])
    expect(await namesOf(agent, '?kind=secret')).toHaveLength(2)
    expect(await namesOf(agent, '?kind=other')).toEqual([])
  })

  it('takes the characters of regular expressions in q as they are', async () => {
    await make('a.c')
    await make('abc')
    expect(await namesOf(agent, '?q=a.c')).toEqual(['a.c'])
    expect(await namesOf(agent, '?q=.*')).toEqual([])
    expect(await namesOf(agent, '?q=(')).toEqual([])
  })

  it("lists one owner's keys, or everyone's, for an admin", async () => {
    await make('of alice')
    await make('of bob', 'bob')
    const admin = await loggedIn(app, root)
    expect(await namesOf(admin)).toEqual([])
    expect(await namesOf(admin, '?ownerId=alice')).toEqual(['of alice'])
    expect((await namesOf(admin, '?all=true')).sort()).toEqual(['of alice', 'of bob'])
    expect(await namesOf(admin, '?ownerId=alice&ownerType=service')).toEqual([])
  })

  it("lists members' keys in the organisation for its admin, and no other keys of theirs", async () => {
    await keys.create({ name: 'at work', owner: { id: 'alice' }, organizationId: 'acme' })
    await make('at home')
    const admin = await loggedIn(app, carol)
    expect(await namesOf(admin, '?organizationId=acme')).toEqual(['at work'])
    expect(await namesOf(admin, '?organizationId=acme&ownerId=alice')).toEqual(['at work'])
  })

  it("lists the organisation's own keys for a member, and no colleague's", async () => {
    await keys.create({ name: 'of alice', owner: { id: 'alice' }, organizationId: 'acme' })
    await keys.create({ name: 'of acme', owner: { type: 'organization', id: 'acme' } })
    const member = await loggedIn(app, bob)
    expect(await namesOf(member, '?organizationId=acme')).toEqual(['of acme'])
  })

  it.each(['?all=true', '?ownerId=alice', '?organizationId=acme', '?ownerId=acme&ownerType=organization'])(
    'refuses a stranger %s: 403',
    async query => {
      await make('mine')
      const stranger = await loggedIn(app, mallory)
      expectProblem(await stranger.get(`/api-keys${query}`), 403, 'FORBIDDEN')
    },
  )

  it('refuses a cursor that was tampered with', async () => {
    await makeMany(3)
    const { nextCursor } = (await agent.get('/api-keys?limit=1')).body
    const swapped = nextCursor.startsWith('A') ? `B${nextCursor.slice(1)}` : `A${nextCursor.slice(1)}`
    expectFields(await agent.get(`/api-keys?limit=1&cursor=${swapped}`), 'cursor')
    expectFields(await agent.get(`/api-keys?limit=1&cursor=${nextCursor}A`), 'cursor')
    expectFields(await agent.get(`/api-keys?limit=1&cursor=${nextCursor}%00`), 'cursor')
  })

  it('refuses a cursor that is used with another filter', async () => {
    await makeMany(3)
    const { nextCursor } = (await agent.get('/api-keys?limit=1')).body
    expectFields(await agent.get(`/api-keys?limit=1&status=active&cursor=${nextCursor}`), 'cursor')
    expectFields(await agent.get(`/api-keys?limit=1&q=key&cursor=${nextCursor}`), 'cursor')
  })

  it('takes a cursor with another limit', async () => {
    const all = await makeMany(4)
    const { nextCursor } = (await agent.get('/api-keys?limit=1')).body
    expect(await namesOf(agent, `?limit=2&cursor=${nextCursor}`)).toEqual(all.slice(1, 3))
  })

  it("shows nobody else's keys for a cursor of theirs", async () => {
    await makeMany(3)
    const { nextCursor } = (await agent.get('/api-keys?limit=1')).body
    const other = await loggedIn(app, bob)
    expect(await namesOf(other, `?limit=2&cursor=${nextCursor}`)).toEqual([])
  })

  it.each([
    ['?ownerId[$gt]=', 'ownerId[$gt]'],
    ['?cursor[$gt]=', 'cursor[$gt]'],
    ['?__proto__=1', '__proto__'],
    ['?nope=1', 'nope'],
    ['?limit=1&limit=2', 'limit'],
    ['?ownerId=alice&ownerId=bob', 'ownerId'],
    ['?ownerId=', 'owner.id'],
    ['?ownerType=user', 'ownerType'],
    ['?cursor=', 'cursor'],
    ['?cursor=$gt', 'cursor'],
    ['?parentId=$gt', 'parentId'],
    ['?status=gone', 'status'],
    ['?all=1', 'all'],
    ['?q=', 'q'],
    [`?q=${'x'.repeat(101)}`, 'q'],
    ['?tag=%00', 'tag'],
  ])('refuses %s', async (query, field) => {
    expectFields(await agent.get(`/api-keys${query}`), field)
  })
})
