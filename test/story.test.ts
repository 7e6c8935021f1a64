/** The story that sidekey was made for, over HTTP: an app with a login of its own, and keys beside it. */
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import type { Owner, Store } from 'sidekey'
import { apiKeys } from 'sidekey'
import { keyRouter, requireUserOrKey } from 'sidekey/express'
import request from 'supertest'
import { quiet } from './support/keys.js'
import { overEveryStore } from './support/stores.js'

interface AppUser {
  readonly id: string
  readonly role: string
  readonly memberships: readonly { readonly id: string; readonly role: string }[]
}

/** The app's own users; who leaves the organisation is taken out of its memberships. */
function appUsers() {
  const acme = (role: string) => [{ id: 'acme', role }]
  const users = new Map<string, AppUser>(
    [
      { id: 'alice', role: 'user', memberships: acme('member') },
      { id: 'bob', role: 'user', memberships: acme('member') },
      { id: 'carol', role: 'user', memberships: acme('admin') },
      { id: 'root', role: 'admin', memberships: [] },
    ].map(user => [user.id, user]),
  )
  return users
}

/** An existing app: passport-local, express-session, one business route. Keys are the lines that name them. */
function existingApp(store: Store, users: Map<string, AppUser>) {
  const keys = apiKeys({
    prefix: 'acme_live',
    store,
    permissions: ['reports:read', 'reports:write'],
    actor: (user: AppUser) => ({
      id: user.id,
      admin: user.role === 'admin',
      organizations: user.memberships,
    }),
    user: owner => users.get(owner.id),
    grants: (owner: Owner) => (owner.type === 'organization' || users.has(owner.id) ? ['*'] : null),
    logger: quiet,
  })
  const own = new passport.Passport()
  own.use(new LocalStrategy((id, _password, done) => done(null, users.get(id) ?? false)))
  own.serializeUser((user, done) => done(null, (user as AppUser).id)) // the app's own users only
  own.deserializeUser((id: string, done) => done(null, users.get(id) ?? false))

  const app = express()
  app.use(express.json())
  app.use(session({ secret: 'test', resave: false, saveUninitialized: false }))
  app.use(own.session())
  app.use('/api-keys', keyRouter(keys))
  app.post('/login', own.authenticate('local'), (_req, res) => void res.json({ ok: true }))
  app.get('/reports', requireUserOrKey(keys, 'reports:read'), (req, res) => {
    res.json({ reportsOf: (req.user as AppUser | undefined)?.id ?? null }) // as the app's handlers have it
  })
  return { app, keys }
}

async function asUser(app: express.Express, username: string) {
  const agent = request.agent(app)
  await agent.post('/login').send({ username, password: 'x' }).expect(200)
  return agent
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

overEveryStore('keys beside an existing Passport app', store => {
  it('a user creates, lists, updates and deletes her keys by her session alone', async () => {
    const { app } = existingApp(store(), appUsers())
    const alice = await asUser(app, 'alice')
    const made = await alice.post('/api-keys').send({ name: 'script', permissions: ['reports:read'] })
    expect(made.status).toBe(201)
    const { token, apiKey } = made.body
    const used = await request(app).get('/reports').set(bearer(token))
    expect([used.status, used.body]).toEqual([200, { reportsOf: 'alice' }])

    const listed = await alice.get('/api-keys').expect(200)
    expect(listed.body.data.map((key: { id: string }) => key.id)).toEqual([apiKey.id])
    const patched = await alice.patch(`/api-keys/${apiKey.id}`).send({ name: 'renamed' }).expect(200)
    expect(patched.body.name).toBe('renamed')
    await alice.delete(`/api-keys/${apiKey.id}`).expect(204)
    expect((await alice.get('/api-keys').expect(200)).body.data).toEqual([])
    await request(app).get('/reports').set(bearer(token)).expect(401)
  })

  it("an admin lists, revokes and deletes another user's keys by his session", async () => {
    const { app } = existingApp(store(), appUsers())
    const alice = await asUser(app, 'alice')
    const root = await asUser(app, 'root')
    const input = { name: 'script', permissions: ['reports:read'] }
    const first = (await alice.post('/api-keys').send(input)).body
    const second = (await alice.post('/api-keys').send(input)).body

    const listed = await root.get('/api-keys?ownerId=alice').expect(200)
    expect(listed.body.data).toHaveLength(2)
    expect((await root.get('/api-keys?all=true').expect(200)).body.data).toHaveLength(2)
    const revoked = await root
      .post(`/api-keys/${first.apiKey.id}/revoke`)
      .send({ reason: 'leaked' })
      .expect(200)
    expect(revoked.body.revoked).toMatchObject({ by: 'root', reason: 'leaked' })
    await root.delete(`/api-keys/${second.apiKey.id}`).expect(204)
    for (const { token } of [first, second]) await request(app).get('/reports').set(bearer(token)).expect(401)

    const bob = await asUser(app, 'bob')
    await bob.get(`/api-keys/${first.apiKey.id}`).expect(404)
    await bob.post(`/api-keys/${first.apiKey.id}/revoke`).expect(404)
    await bob.get('/api-keys?ownerId=alice').expect(403)
  })

  it('a compromised key is found by its token and revoked', async () => {
    const { app } = existingApp(store(), appUsers())
    const alice = await asUser(app, 'alice')
    const root = await asUser(app, 'root')
    const { token } = (await alice.post('/api-keys').send({ name: 'x', permissions: ['reports:read'] })).body
    const found = await root.post('/api-keys/lookup').send({ token }).expect(200)
    expect(found.body.owner).toEqual({ type: 'user', id: 'alice' })
    await root
      .post(`/api-keys/${found.body.id}/revoke`)
      .send({ reason: 'in a public repository' })
      .expect(200)
    const refused = await request(app).get('/reports').set(bearer(token)).expect(401)
    expect(refused.body.code).toBe('KEY_REVOKED')
  })

  it('an owner leaves, and all keys of that owner in that organisation stop working', async () => {
    const { app } = existingApp(store(), appUsers())
    const [alice, bob, carol] = await Promise.all(['alice', 'bob', 'carol'].map(name => asUser(app, name)))
    if (!alice || !bob || !carol) throw new Error('three have logged in')
    const inAcme = { name: 'x', permissions: ['reports:read'], organizationId: 'acme' }
    const leaving = [
      (await alice.post('/api-keys').send(inAcme)).body.token,
      (await alice.post('/api-keys').send(inAcme)).body.token,
    ]
    const staying = [
      (await alice.post('/api-keys').send({ name: 'x', permissions: ['reports:read'] })).body.token,
      (await bob.post('/api-keys').send(inAcme)).body.token,
    ]
    const body = { ownerId: 'alice', organizationId: 'acme', reason: 'left' }
    expect((await carol.post('/api-keys/revoke').send(body).expect(200)).body).toEqual({ revoked: 2 })
    for (const token of leaving) await request(app).get('/reports').set(bearer(token)).expect(401)
    for (const token of staying) await request(app).get('/reports').set(bearer(token)).expect(200)
    // bob, a mere member, cannot.
    await bob.post('/api-keys/revoke').send(body).expect(403)
  })

  it('an owner who is switched off in the app has no working keys from the moment that the app says so', async () => {
    const users = appUsers()
    const { app, keys } = existingApp(store(), users)
    const alice = await asUser(app, 'alice')
    const { token } = (await alice.post('/api-keys').send({ name: 'x', permissions: ['reports:read'] })).body
    await request(app).get('/reports').set(bearer(token)).expect(200)
    users.delete('alice')
    await keys.forget({ id: 'alice' })
    const refused = await request(app).get('/reports').set(bearer(token)).expect(401)
    expect(refused.body.code).toBe('OWNER_INACTIVE')
  })

  it('a key cannot create, widen or revoke other keys', async () => {
    const { app } = existingApp(store(), appUsers())
    const alice = await asUser(app, 'alice')
    const { token, apiKey } = (
      await alice.post('/api-keys').send({ name: 'x', permissions: ['reports:read'] })
    ).body
    const other = (await alice.post('/api-keys').send({ name: 'y', permissions: ['reports:*'] })).body.apiKey
    const send = (method: 'post' | 'patch', path: string, body: object) =>
      request(app)[method](`/api-keys${path}`).set(bearer(token)).send(body)
    await send('post', '', { name: 'child' }).expect(403)
    await send('patch', `/${apiKey.id}`, { permissions: ['reports:write'] }).expect(403)
    await send('patch', `/${other.id}`, { enabled: false }).expect(403)
    await send('post', `/${other.id}/revoke`, {}).expect(403)
    await send('post', `/${other.id}/rotate`, {}).expect(403)
    // Not with the session's cookie beside it either: the key counts.
    await alice.post('/api-keys').set(bearer(token)).send({ name: 'child' }).expect(403)
    expect((await alice.get('/api-keys')).body.data).toHaveLength(2)
  })

  it("an organisation's admin cannot come by a token that acts as a member", async () => {
    const { app } = existingApp(store(), appUsers())
    const alice = await asUser(app, 'alice')
    const carol = await asUser(app, 'carol')
    const { apiKey, token } = (
      await alice.post('/api-keys').send({ name: 'x', permissions: ['reports:read'], organizationId: 'acme' })
    ).body
    await carol.post(`/api-keys/${apiKey.id}/rotate`).send({}).expect(403)
    await carol
      .post(`/api-keys/${apiKey.id}/transfer`)
      .send({ owner: { id: 'carol' } })
      .expect(403)
    await carol
      .post('/api-keys')
      .send({ name: 'x', owner: { id: 'alice' }, organizationId: 'acme' })
      .expect(403)
    await carol
      .patch(`/api-keys/${apiKey.id}`)
      .send({ permissions: ['reports:write'] })
      .expect(403)
    await request(app).get('/reports').set(bearer(token)).expect(200)
    // What she may do is end it.
    await carol.post(`/api-keys/${apiKey.id}/revoke`).send({}).expect(200)
    await request(app).get('/reports').set(bearer(token)).expect(401)
  })

  it('an owner cannot enable again what an admin disabled', async () => {
    const { app } = existingApp(store(), appUsers())
    const alice = await asUser(app, 'alice')
    const root = await asUser(app, 'root')
    const { apiKey, token } = (
      await alice.post('/api-keys').send({ name: 'x', permissions: ['reports:read'] })
    ).body
    await root.patch(`/api-keys/${apiKey.id}`).send({ enabled: false }).expect(200)
    const refused = await request(app).get('/reports').set(bearer(token)).expect(401)
    expect(refused.body.code).toBe('KEY_DISABLED')
    await alice.patch(`/api-keys/${apiKey.id}`).send({ enabled: true }).expect(403)
    await request(app).get('/reports').set(bearer(token)).expect(401)
    await root.patch(`/api-keys/${apiKey.id}`).send({ enabled: true }).expect(200)
    await request(app).get('/reports').set(bearer(token)).expect(200)
  })
})
