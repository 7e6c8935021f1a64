import { alice, carol, deputy, mallory, root, type TestKeys, testKeys } from '../support/keys.js'
import { failure, serve, type TestServer } from './support.js'

const ID = '0VbvmdHo9P49d4yC'
let keys: TestKeys
let server: TestServer
beforeEach(async () => {
  keys = testKeys()
  server = await serve(keys)
})
afterEach(() => server.close())

describe('The client', () => {
  it('makes a key, and answers its token', async () => {
    const client = server.client(alice)
    const input = { name: 'CI', permissions: ['reports:read'], expiresAt: new Date('2099-01-31') } as const
    const { apiKey, token, replayed } = await client.create(input)
    expect(apiKey).toMatchObject({
      name: 'CI',
      owner: { type: 'user', id: 'alice' },
      expiresAt: '2099-01-31T00:00:00.000Z',
    })
    expect(replayed).toBe(false)
    expect(await keys.verify(token, { permissions: 'reports:read' })).toMatchObject({ ok: true })
  })

  it('gets a record as the server has it', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' }, metadata: { n: [1, null] } })
    expect(await server.client(alice).get(apiKey.id)).toMatchObject(JSON.parse(JSON.stringify(apiKey)))
  })

  it('answers null for a key that there is not, or that is not to be seen', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    expect(await server.client(alice).get(ID)).toBeNull()
    expect(await server.client(mallory).get(apiKey.id)).toBeNull()
  })

  it('changes fields, and empties with null', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' }, description: 'old' })
    const patch = { name: 'new', description: null, enabled: false }
    const updated = await server.client(alice).update(apiKey.id, patch)
    expect(updated).toMatchObject({ ...patch, version: 2, status: 'disabled' })
  })

  it('rotates: the old token lives as long as it is told', async () => {
    const made = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const { apiKey, token } = await server.client(alice).rotate(made.apiKey.id, { grace: '0s' })
    expect(apiKey.id).toBe(made.apiKey.id)
    expect(await keys.verify(token)).toMatchObject({ ok: true })
    expect(await keys.verify(made.token)).toMatchObject({ ok: false })
  })

  it('rotates with the grace of the server where none is told', async () => {
    const made = await keys.create({ name: 'k', owner: { id: 'alice' } })
    await server.client(alice).rotate(made.apiKey.id)
    expect(await keys.verify(made.token)).toMatchObject({ ok: true })
  })

  it('revokes with a reason', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const revoked = await server.client(root).revoke(apiKey.id, { reason: 'found in a repository' })
    expect(revoked).toMatchObject({
      status: 'revoked',
      revoked: { by: 'root', reason: 'found in a repository', at: expect.stringMatching(/^\d{4}-.+Z$/) },
    })
  })

  it('deletes, restores and purges', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const admin = server.client(root)
    expect(await admin.delete(apiKey.id)).toBeUndefined()
    expect(await admin.get(apiKey.id)).toBeNull()
    expect(await admin.restore(apiKey.id)).toMatchObject({ id: apiKey.id, status: 'active' })
    expect(await admin.purge(apiKey.id)).toBeUndefined()
    expect((await failure(admin.restore(apiKey.id))).code).toBe('NOT_FOUND')
  })

  it('transfers to another owner', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const owner = { type: 'organization', id: 'acme' }
    expect(await server.client(deputy).transfer(apiKey.id, owner)).toMatchObject({ owner })
  })

  it("looks up whose a token is, and answers null for a token that is nobody's", async () => {
    const { apiKey, token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    expect(await server.client(root).lookup(token)).toMatchObject({ id: apiKey.id })
    expect(await server.client(root).lookup('acme_test_nonsense')).toBeNull()
  })

  it('tells a key who it is', async () => {
    const { apiKey, token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const client = server.client(alice, { headers: { 'x-api-key': token } })
    expect(await client.me()).toMatchObject({ id: apiKey.id })
    expect((await failure(server.client(alice).me())).code).toBe('KEY_MISSING')
  })
})

describe('A bulk revoke by the client', () => {
  it('is counted before it, and nothing is ended by that', async () => {
    const { apiKey } = await keys.create({ name: 'a', owner: { id: 'alice' } })
    const filter = { owner: { id: 'alice' } }
    expect(await server.client(root).previewRevoke(filter)).toEqual({
      keys: 1,
      byStatus: { active: 1 },
      byKind: { secret: 1 },
    })
    expect(await keys.get(apiKey.id)).toMatchObject({ status: 'active' })
    expect((await failure(server.client(root).previewRevoke({}))).code).toBe('INVALID_INPUT')
  })

  it('revokes by ids', async () => {
    const made = [await keys.create({ name: 'a', owner: { id: 'alice' } })]
    made.push(await keys.create({ name: 'b', owner: { id: 'alice' } }))
    const ids = made.map(({ apiKey }) => apiKey.id)
    expect(await server.client(alice).revokeAll({ ids }, { reason: 'leaked' })).toEqual({
      revoked: 2,
      passedOver: [],
    })
    expect(await keys.get(`${ids[1]}`)).toMatchObject({ revoked: { by: 'alice', reason: 'leaked' } })
  })

  it("revokes a leaver's keys in an organisation, and no others", async () => {
    const inside = await keys.create({ name: 'in', owner: { id: 'alice' }, organizationId: 'acme' })
    const outside = await keys.create({ name: 'out', owner: { id: 'alice' } })
    const filter = { owner: { id: 'alice' }, organizationId: 'acme' }
    expect(await server.client(carol).revokeAll(filter)).toEqual({ revoked: 1 })
    expect(await keys.get(inside.apiKey.id)).toMatchObject({ status: 'revoked' })
    expect(await keys.get(outside.apiKey.id)).toMatchObject({ status: 'active' })
  })

  it.each([
    ['an owner', { owner: undefined, organizationId: 'acme' }],
    ["an owner's id", { owner: { id: undefined }, organizationId: 'acme' }],
    ["an owner's id, null", { owner: { id: null }, organizationId: 'acme' }],
    ['an organisation', { owner: { id: 'alice' }, organizationId: undefined }],
    ['an organisation, null', { owner: { id: 'alice' }, organizationId: null }],
    ['ids', { ids: undefined, owner: { id: 'alice' } }],
  ])('refuses a filter that lacks the value of %s, and sends nothing', async (_, filter) => {
    const wrong = filter as object // what a program without types may come to hand over
    const { code, errors } = await failure(server.client(root).revokeAll(wrong))
    expect(code).toBe('INVALID_INPUT')
    expect(errors).toHaveLength(1)
    expect(server.seen).toEqual([])
  })

  it('lets the server refuse a filter that is empty', async () => {
    expect(await failure(server.client(root).revokeAll({}))).toMatchObject({
      status: 400,
      code: 'INVALID_INPUT',
    })
  })

  it('asks again while the server answers that it goes on, and tells how far it is', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    for (const revoked of [200, 300]) {
      server.faults.push((_req, res) => void res.status(202).json({ revoked, complete: false }))
    }
    const told: number[] = []
    const result = await server
      .client(root)
      .revokeAll({ ids: [apiKey.id] }, { onProgress: revoked => told.push(revoked) })
    expect(result).toEqual({ revoked: 300, passedOver: [] }) // each answer tells of those before it too
    expect(told).toEqual([200, 300])
    expect(await keys.get(apiKey.id)).toMatchObject({ status: 'revoked' })
  })
})

describe('A change bound to a version', () => {
  it('goes through where the record is at it, by number or by tag', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const client = server.client(alice)
    const second = await client.update(apiKey.id, { name: 'b' }, { ifVersion: apiKey.version })
    await client.update(apiKey.id, { name: 'c' }, { ifMatch: `"${second.version}"` })
    await client.update(apiKey.id, { name: 'd' }, { ifMatch: '*' })
    expect(await client.get(apiKey.id)).toMatchObject({ name: 'd', version: 4 })
  })

  it('is refused where it has changed: every one of them', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const client = server.client(deputy)
    const stale = { ifVersion: 7 }
    for (const call of [
      client.update(apiKey.id, { name: 'b' }, stale),
      client.rotate(apiKey.id, stale),
      client.revoke(apiKey.id, stale),
      client.delete(apiKey.id, stale),
      client.purge(apiKey.id, stale),
      client.restore(apiKey.id, stale),
      client.transfer(apiKey.id, { id: 'bob' }, stale),
    ]) {
      expect(await failure(call)).toMatchObject({ status: 412, code: 'VERSION_MISMATCH' })
    }
    expect(await keys.get(apiKey.id)).toEqual(apiKey)
  })
})
