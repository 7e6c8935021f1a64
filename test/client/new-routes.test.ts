/** The client's methods for idempotent creates, verification, configuration, audit and usage, against the routes. */
import { memoryStore, type Store } from 'sidekey'
import type { AuditEvent, KeyClient } from '../../src/client/index.js'
import { alice, bob, root, type TestKeys, testKeys } from '../support/keys.js'
import { failure, losesAnswer, serve, type TestServer } from './support.js'

let store: Store
let keys: TestKeys
let server: TestServer
let client: KeyClient
beforeEach(async () => {
  store = memoryStore()
  keys = testKeys({ store })
  server = await serve(keys)
  client = server.client(alice)
})
afterEach(() => server.close())

const make = (name = 'k') => keys.create({ name, owner: { id: 'alice' } })

describe('A create with an idempotency key', () => {
  it('answers the same key when it is repeated, without its token', async () => {
    const first = await client.create({ name: 'CI' }, { idempotencyKey: 'order-17' })
    const again = await client.create({ name: 'CI' }, { idempotencyKey: 'order-17' })
    expect(again).toMatchObject({ apiKey: { id: first.apiKey.id }, token: null, replayed: true })
    expect((await keys.list()).data).toHaveLength(1)
  })

  it('is refused with another body', async () => {
    await client.create({ name: 'CI' }, { idempotencyKey: 'order-17' })
    const error = await failure(client.create({ name: 'other' }, { idempotencyKey: 'order-17' }))
    expect(error).toMatchObject({ status: 422, code: 'IDEMPOTENCY_MISMATCH' })
  })

  it('makes one key although the first answer was lost, and a rotation gives it a token', async () => {
    server.faults.push(losesAnswer)
    const created = await client.create({ name: 'CI' })
    expect(created).toMatchObject({ token: null, replayed: true })
    expect((await keys.list()).data).toHaveLength(1)
    const { token } = await client.rotate(created.apiKey.id, { grace: '0s' })
    expect(await keys.verify(token)).toMatchObject({ ok: true, apiKey: { id: created.apiKey.id } })
  })
})

describe('The list', () => {
  it('tells when a key was last used', async () => {
    const { apiKey } = await make()
    expect(await client.get(apiKey.id)).toMatchObject({ lastUsedAt: null })
    expect((await client.list()).data).toMatchObject([{ lastUsedAt: null }])
  })

  it('takes the time within which keys end', async () => {
    await keys.create({ name: 'soon', owner: { id: 'alice' }, expiresIn: '3d' })
    await keys.create({ name: 'later', owner: { id: 'alice' }, expiresIn: '30d' })
    expect((await client.list({ expiresWithin: '7d' })).data).toMatchObject([{ name: 'soon' }])
  })

  it('takes the time since which keys were not used', async () => {
    expect(await client.list({ unusedSince: new Date() })).toEqual({ data: [], nextCursor: null })
    const { errors } = await failure(client.list({ unusedSince: 'long ago' }))
    expect(errors).toMatchObject([{ path: 'unusedSince' }])
  })
})

describe('A verification by the client', () => {
  it('answers whose a token is, for an admin', async () => {
    const made = await keys.create({ name: 'k', owner: { id: 'alice' }, permissions: ['reports:read'] })
    const verification = await server.client(root).verify(made.token, { permissions: 'reports:read' })
    expect(verification).toMatchObject({
      ok: true,
      apiKey: { id: made.apiKey.id, createdAt: made.apiKey.createdAt.toISOString() },
      owner: { type: 'user', id: 'alice' },
      permissions: ['reports:read'],
      resources: null,
      tokenEndsAt: null,
    })
  })

  it('answers why a token is refused, and is no error', async () => {
    const { apiKey, token } = await make()
    const admin = server.client(root)
    expect(await admin.verify(token, { permissions: 'reports:read' })).toEqual({
      ok: false,
      code: 'INSUFFICIENT_PERMISSIONS',
      status: 403,
    })
    await keys.revoke(apiKey.id)
    expect(await admin.verify(token)).toEqual({ ok: false, code: 'KEY_REVOKED', status: 401 })
    expect(await admin.verify('nonsense')).toEqual({ ok: false, code: 'KEY_INVALID', status: 401 })
  })

  it('is for a key that may verify, and not for a user', async () => {
    const { token } = await make()
    const gateway = await keys.create({
      name: 'gateway',
      owner: { id: 'alice' },
      permissions: ['api-keys:verify'],
    })
    const byKey = server.client(alice, { headers: { 'x-api-key': gateway.token } })
    expect(await byKey.verify(token)).toMatchObject({ ok: true })
    expect(await failure(client.verify(token))).toMatchObject({ status: 403, code: 'FORBIDDEN' })
  })
})

describe('The configuration', () => {
  it('tells a user what they may do', async () => {
    expect(await client.config()).toMatchObject({
      actor: {
        id: 'alice',
        via: 'session',
        admin: false,
        impersonate: false,
        organizations: [{ id: 'acme', role: 'member', organizationKeys: ['read'], memberKeys: [] }],
      },
      permissions: expect.arrayContaining(['reports:read', 'reports:write', 'exports:run']),
      kinds: [{ name: 'secret', prefix: 'acme_test', requiredRestrictions: [] }],
      grants: ['*'],
      retention: expect.any(Number),
      requireIfMatch: false,
    })
  })

  it('tells the grants of the owner and organisation that are asked about', async () => {
    expect((await client.config({ organizationId: 'acme' })).grants).toEqual(['*'])
    const acme = { type: 'organization', id: 'acme' }
    expect(await failure(client.config({ owner: acme }))).toMatchObject({ code: 'FORBIDDEN' })
    expect((await server.client(root).config({ owner: acme })).grants).toEqual(['*'])
  })
})

describe('The audit by the client', () => {
  it('tells who did what to a key, newest first', async () => {
    const { apiKey } = await client.create({ name: 'k' })
    await client.create({ name: 'another' })
    await client.update(apiKey.id, { name: 'new' })
    await server.client(root).revoke(apiKey.id, { reason: 'leaked' })
    const { data, nextCursor } = await client.audit({ keyId: apiKey.id })
    expect(data.map(({ action }) => action)).toEqual(['revoke', 'update', 'create'])
    expect(data[0]).toMatchObject({
      actor: { id: 'root', via: 'session' },
      reason: 'leaked',
      at: expect.stringMatching(/^\d{4}-.+Z$/),
    })
    expect(data[1]).toMatchObject({ changes: { name: { from: 'k', to: 'new' } } })
    expect(nextCursor).toBeNull()
  })

  it('takes the filters of the server', async () => {
    const { apiKey } = await client.create({ name: 'k' })
    await failure(server.client(bob).update(apiKey.id, { name: 'mine' }))
    const admin = server.client(root)
    const actions = async (query: Parameters<KeyClient['audit']>[0]) =>
      (await admin.audit(query)).data.map(({ action, actor }) => `${action} by ${actor.id}`)
    expect(await actions({ owner: { id: 'alice' }, refused: false })).toEqual(['create by alice'])
    expect(await actions({ all: true, refused: true })).toEqual(['update by bob'])
    expect(await actions({ all: true, actorId: 'alice', action: 'create' })).toEqual(['create by alice'])
    expect(await actions({ all: true, to: new Date(Date.now() - 60_000) })).toEqual([])
    expect(await actions({ all: true, from: '2020-01-01', action: 'revoke' })).toEqual([])
  })

  it('goes through all pages', async () => {
    const { apiKey } = await client.create({ name: '0' })
    for (const name of ['1', '2', '3', '4']) await client.update(apiKey.id, { name })
    const events: AuditEvent[] = []
    for await (const event of client.auditAll({ keyId: apiKey.id, limit: 2 })) events.push(event)
    expect(events).toHaveLength(5)
    expect(new Set(events.map(({ id }) => id)).size).toBe(5)
    expect(server.seen.filter(({ url }) => url.startsWith('/audit'))).toHaveLength(3)
  })
})

describe('Usage by the client', () => {
  it('is told of one key, of one owner, and of one’s own', async () => {
    const { apiKey } = await client.create({ name: 'k' })
    const other = await server.client(bob).create({ name: 'other' })
    const expireAt = new Date(Date.now() + 3_600_000)
    const hour = Date.UTC(2026, 10, 25) / 3_600_000
    await store.addUsage(
      [apiKey, other.apiKey].map(({ id, owner, organizationId }, i) => ({
        ...{ keyId: id, owner, organizationId, hour, expireAt },
        counts: { accepted: 10 ** i },
      })),
    )
    const asked = { from: '2026-11-25', to: new Date(Date.UTC(2026, 10, 26)) }
    const totals = async (face: KeyClient, query: Parameters<KeyClient['usage']>[0]) =>
      (await face.usage({ ...asked, ...query })).data.map(({ total }) => total)
    expect(await client.usage({ ...asked, keyId: apiKey.id })).toEqual({
      data: [
        {
          from: '2026-11-25T00:00:00.000Z',
          to: '2026-11-26T00:00:00.000Z',
          total: 1,
          outcomes: { accepted: 1 },
        },
      ],
    })
    expect(await totals(client, {})).toEqual([1])
    expect(await totals(server.client(root), { all: true })).toEqual([11])
    expect(await totals(server.client(root), { owner: { id: 'bob' } })).toEqual([10])
    expect(await totals(client, { by: 'month', timeZone: 'Europe/Berlin' })).toEqual([1])
    expect((await client.usage()).data.length).toBeGreaterThanOrEqual(30)
  })

  it('names what is wrong', async () => {
    const { errors } = await failure(client.usage({ timeZone: 'Mars' }))
    expect(errors).toMatchObject([{ path: 'timeZone' }])
    expect(await failure(client.usage({ keyId: 'x' }))).toMatchObject({ status: 0, code: 'INVALID_INPUT' })
  })
})
