import type { Express } from 'express'
import type { Created } from 'sidekey'
import { alice, bob, carol, root, type TestKeys, testKeys } from '../support/keys.js'
import { expectProblem, loggedIn, overExpress, routerApp } from './support.js'

overExpress('POST /revoke', express => {
  let keys: TestKeys
  let app: Express
  beforeEach(() => {
    keys = testKeys()
    app = routerApp(express, keys)
  })

  const make = (id: string, organizationId?: string): Promise<Created> =>
    keys.create({ name: `of ${id}`, owner: { id }, ...(organizationId !== undefined && { organizationId }) })
  const statusOf = async ({ apiKey }: Created): Promise<string | undefined> =>
    (await keys.get(apiKey.id))?.status

  it('revokes by ids, and counts what it ended', async () => {
    const [first, second, third] = [await make('alice'), await make('alice'), await make('alice')]
    const agent = await loggedIn(app, alice)
    const ids = [first.apiKey.id, second.apiKey.id]
    const answer = await agent.post('/api-keys/revoke').send({ ids, reason: 'leaked' }).expect(200)
    expect(answer.body).toEqual({ revoked: 2, passedOver: [] })
    expect(await keys.get(first.apiKey.id)).toMatchObject({ revoked: { by: 'alice', reason: 'leaked' } })
    expect(await statusOf(second)).toBe('revoked')
    expect(await statusOf(third)).toBe('active')
  })

  it('is safe to repeat', async () => {
    const { apiKey } = await make('alice')
    const agent = await loggedIn(app, alice)
    await agent
      .post('/api-keys/revoke')
      .send({ ids: [apiKey.id] })
      .expect(200, { revoked: 1, passedOver: [] })
    await agent
      .post('/api-keys/revoke')
      .send({ ids: [apiKey.id] })
      .expect(200, { revoked: 0, passedOver: [] })
  })

  it('tells which ids it has passed over, and no more of those than that', async () => {
    const [mine, theirs] = [await make('alice'), await make('bob')]
    const nobodys = '0'.repeat(16)
    const agent = await loggedIn(app, alice)
    const ids = [theirs.apiKey.id, mine.apiKey.id, nobodys]
    const answer = { revoked: 1, passedOver: [theirs.apiKey.id, nobodys] }
    await agent.post('/api-keys/revoke').send({ ids }).expect(200, answer)
    await keys.revoke(theirs.apiKey.id)
    // That somebody else's key is revoked now is not hers to know either.
    await agent
      .post('/api-keys/revoke')
      .send({ ids })
      .expect(200, { ...answer, revoked: 0 })
  })

  it('counts before it what it would end, and ends nothing', async () => {
    const inside = await make('alice', 'acme')
    await make('alice')
    await keys.update((await make('alice', 'acme')).apiKey.id, { enabled: false })
    const admin = await loggedIn(app, carol)
    const filter = { ownerId: 'alice', organizationId: 'acme' }
    const counts = { keys: 2, byStatus: { active: 1, disabled: 1 }, byKind: { secret: 2 } }
    await admin.post('/api-keys/revoke/preview').send(filter).expect(200, counts)
    expect(await statusOf(inside)).toBe('active')
    expectProblem(await admin.post('/api-keys/revoke/preview').send({}), 400, 'INVALID_INPUT')
    expectProblem(
      await admin.post('/api-keys/revoke/preview').send({ ...filter, reason: 'x' }),
      400,
      'INVALID_INPUT',
    )
    expectProblem(await admin.post('/api-keys/revoke/preview').send({ ownerId: 'alice' }), 403, 'FORBIDDEN')
  })

  it("revokes an owner's keys for an admin, and leaves others alone", async () => {
    const [mine, other] = [await make('alice'), await make('bob')]
    const admin = await loggedIn(app, root)
    await admin.post('/api-keys/revoke').send({ ownerId: 'alice' }).expect(200, { revoked: 1 })
    expect(await statusOf(mine)).toBe('revoked')
    expect(await statusOf(other)).toBe('active')
  })

  it("revokes a leaver's keys in one organisation for its admin, and none outside it", async () => {
    const [inside, outside] = [await make('alice', 'acme'), await make('alice')]
    const admin = await loggedIn(app, carol)
    const filter = { ownerId: 'alice', organizationId: 'acme', reason: 'left' }
    await admin.post('/api-keys/revoke').send(filter).expect(200, { revoked: 1 })
    expect(await statusOf(inside)).toBe('revoked')
    expect(await statusOf(outside)).toBe('active')
  })

  it('tells an owner by type and id, never by id alone', async () => {
    const user = await make('acme')
    const organization = await keys.create({ name: 'org', owner: { type: 'organization', id: 'acme' } })
    const admin = await loggedIn(app, root)
    const filter = { ownerId: 'acme', ownerType: 'organization' }
    await admin.post('/api-keys/revoke').send(filter).expect(200, { revoked: 1 })
    expect(await statusOf(organization)).toBe('revoked')
    expect(await statusOf(user)).toBe('active')
  })

  it("passes over another's keys that are named by id", async () => {
    const theirs = await make('alice')
    const agent = await loggedIn(app, bob)
    await agent
      .post('/api-keys/revoke')
      .send({ ids: [theirs.apiKey.id] })
      .expect(200, { revoked: 0, passedOver: [theirs.apiKey.id] })
    expect(await statusOf(theirs)).toBe('active')
  })

  it("refuses another owner's keys to whoever is no admin: 403", async () => {
    const theirs = await make('alice')
    const agent = await loggedIn(app, bob)
    expectProblem(await agent.post('/api-keys/revoke').send({ ownerId: 'alice' }), 403, 'FORBIDDEN')
    expect(await statusOf(theirs)).toBe('active')
  })

  it.each([
    ['no body', undefined],
    ['an empty object', {}],
    ['a reason alone', { reason: 'leaked' }],
    ['no ids', { ids: [] }],
    ['ids that are null', { ids: null }],
    ['an owner that is null', { ownerId: null }],
    ['an owner that is empty', { ownerId: '' }],
    ['a type without an id', { ownerType: 'user' }],
    ['an organisation that is null', { ownerId: 'alice', organizationId: null }],
    ['an operator for an owner', { ownerId: { $gt: '' } }],
    ['an operator for ids', { ids: { $gt: '' } }],
    ['an operator among ids', { ids: [{ $gt: '' }] }],
    ['an operator for an organisation', { ownerId: 'alice', organizationId: { $ne: null } }],
    ['an unknown field', { ownerId: 'alice', all: true }],
  ])('refuses %s, and ends nothing', async (_, filter) => {
    const kept = await make('alice', 'acme')
    const admin = await loggedIn(app, root)
    expectProblem(await admin.post('/api-keys/revoke').send(filter), 400, 'INVALID_INPUT')
    expect(await statusOf(kept)).toBe('active')
  })
})
