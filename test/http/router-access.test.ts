import type { Express } from 'express'
import { keyRouter } from 'sidekey/express'
import request, { type Response } from 'supertest'
import { alice, bob, type TestKeys, testKeys } from '../support/keys.js'
import {
  type Agent,
  createOver,
  expectProblem,
  loggedIn,
  namesOf,
  overExpress,
  routerApp,
} from './support.js'

type Method = 'get' | 'head' | 'post' | 'patch' | 'delete'

/** Every route about one key, with a body that it takes. */
const ON_A_KEY: readonly (readonly [Method, string, object | undefined])[] = [
  ['get', '', undefined],
  ['patch', '', { name: 'mine now' }],
  ['patch', '', { enabled: false }],
  ['delete', '', undefined],
  ['delete', '?purge=true', undefined],
  ['post', '/rotate', undefined],
  ['post', '/revoke', undefined],
  ['post', '/restore', undefined],
  ['post', '/transfer', { owner: { id: 'bob' } }],
]

overExpress('Who may use keyRouter', express => {
  let keys: TestKeys
  let app: Express
  beforeEach(() => {
    keys = testKeys()
    app = routerApp(express, keys)
  })

  it('asks for a login on every route: 401 with a challenge', async () => {
    const { apiKey, token } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
    const path = `/api-keys/${apiKey.id}`
    const agent = request(app)
    const answers: Response[] = [
      await agent.get('/api-keys'),
      await agent.post('/api-keys').send({ name: 'x' }),
      await agent.post('/api-keys/revoke').send({ ids: [apiKey.id] }),
      await agent.post('/api-keys/lookup').send({ token }),
    ]
    for (const [method, tail, body] of ON_A_KEY) answers.push(await agent[method](path + tail).send(body))
    for (const answer of answers) {
      expectProblem(answer, 401, 'UNAUTHENTICATED')
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="api"')
    }
    expect(await keys.get(apiKey.id)).toMatchObject({ status: 'active', version: 1 })
  })

  it('lets nobody in when it is mounted before the login', async () => {
    const early = express()
    early.use('/api-keys', keyRouter(keys))
    early.use(routerApp(express, keys))
    const agent = await loggedIn(early, alice)
    expectProblem(await agent.get('/api-keys'), 401, 'UNAUTHENTICATED')
  })

  it.each(ON_A_KEY)("hides alice's key from bob: %s /:id%s is 404", async (method, tail, body) => {
    const { apiKey } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
    const agent = await loggedIn(app, bob)
    expectProblem(await agent[method](`/api-keys/${apiKey.id}${tail}`).send(body), 404, 'NOT_FOUND')
    expect(await keys.get(apiKey.id)).toMatchObject({ name: 'CI', status: 'active', version: 1 })
  })

  it("hides alice's key from bob's look-up and bulk revoke", async () => {
    const { apiKey, token } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
    const agent = await loggedIn(app, bob)
    expectProblem(await agent.post('/api-keys/lookup').send({ token }), 404, 'NOT_FOUND')
    await agent
      .post('/api-keys/revoke')
      .send({ ids: [apiKey.id] })
      .expect(200, { revoked: 0, passedOver: [apiKey.id] })
    expect(await namesOf(agent)).toEqual([])
  })

  it('asks for a fresh login where authorize says so: 401', async () => {
    const strict = testKeys({
      authorize: (_, action) => (action === 'create' || action === 'rotate' ? 'reauthenticate' : undefined),
    })
    const agent = await loggedIn(routerApp(express, strict), alice)
    const answer = await agent.post('/api-keys').send({ name: 'CI' })
    expectProblem(answer, 401, 'REAUTHENTICATION_REQUIRED')
    expect(answer.headers['www-authenticate']).toContain('insufficient_user_authentication')
    expect(await namesOf(agent)).toEqual([])
  })
})

overExpress('A key at keyRouter', express => {
  let keys: TestKeys
  let app: Express
  beforeEach(() => {
    keys = testKeys()
    app = routerApp(express, keys)
  })

  /** Whoever presents a key of alice's with these permissions. */
  async function withKey(...permissions: ('reports:read' | 'api-keys:*')[]) {
    const { apiKey, token } = await keys.create({ name: 'acting', owner: { id: 'alice' }, permissions })
    const agent: Agent = request.agent(app)
    agent.set('X-API-Key', token)
    return { agent, apiKey }
  }

  it('may look at itself and revoke itself without any permission', async () => {
    const { agent, apiKey } = await withKey()
    await agent.get('/api-keys/me').expect(200)
    await agent.get(`/api-keys/${apiKey.id}`).expect(200)
    await agent.post(`/api-keys/${apiKey.id}/revoke`).expect(200)
    expectProblem(await agent.get('/api-keys/me'), 401, 'KEY_REVOKED')
  })

  it('may neither make, list, widen, rotate nor delete keys without the permission: 403', async () => {
    const { agent, apiKey } = await withKey('reports:read')
    const path = `/api-keys/${apiKey.id}`
    for (const answer of [
      await agent.post('/api-keys').send({ name: 'child' }),
      await agent.get('/api-keys'),
      await agent.patch(path).send({ permissions: ['*'] }),
      await agent.post(`${path}/rotate`),
      await agent.delete(path),
      await agent.post('/api-keys/revoke').send({ ids: [apiKey.id] }),
    ]) {
      expectProblem(answer, 403, 'FORBIDDEN')
    }
    expect((await keys.list()).data).toHaveLength(1)
  })

  it.each(ON_A_KEY)("may not touch its owner's other keys: %s /:id%s", async (method, tail, body) => {
    const other = await keys.create({ name: 'other', owner: { id: 'alice' } })
    const { agent } = await withKey('reports:read')
    const answer = await agent[method](`/api-keys/${other.apiKey.id}${tail}`).send(body)
    expectProblem(answer, method === 'get' ? 404 : 403, method === 'get' ? 'NOT_FOUND' : 'FORBIDDEN')
    expect(await keys.get(other.apiKey.id)).toMatchObject({ name: 'other', status: 'active', version: 1 })
  })

  it('with api-keys:* makes weaker keys, and none that is stronger', async () => {
    const { agent, apiKey } = await withKey('api-keys:*', 'reports:read')
    const { apiKey: child } = await createOver(agent, { name: 'child', permissions: ['reports:read'] })
    expect(child).toMatchObject({ parentId: apiKey.id, owner: { id: 'alice' } })
    const wider = await agent.post('/api-keys').send({ name: 'wide', permissions: ['reports:write'] })
    expectProblem(wider, 403, 'FORBIDDEN')
  })

  it("with api-keys:* sees nothing of another owner's keys: 404", async () => {
    const theirs = await keys.create({ name: 'theirs', owner: { id: 'bob' } })
    const { agent } = await withKey('api-keys:*')
    expectProblem(await agent.get(`/api-keys/${theirs.apiKey.id}`), 404, 'NOT_FOUND')
    expectProblem(await agent.post(`/api-keys/${theirs.apiKey.id}/revoke`), 404, 'NOT_FOUND')
    expectProblem(await agent.get('/api-keys?ownerId=bob'), 403, 'FORBIDDEN')
  })

  it("gets no admin's rights from an admin who owns it", async () => {
    const { token } = await keys.create({ name: 'root', owner: { id: 'root' }, permissions: ['*'] })
    const theirs = await keys.create({ name: 'theirs', owner: { id: 'bob' } })
    const agent = request.agent(app).set('X-API-Key', token)
    expectProblem(await agent.get('/api-keys?all=true'), 403, 'FORBIDDEN')
    expectProblem(await agent.post(`/api-keys/${theirs.apiKey.id}/revoke`), 404, 'NOT_FOUND')
  })

  it("never gets the rights of a session in the same request, not even its own owner's", async () => {
    const { token } = await keys.create({ name: 'weak', owner: { id: 'alice' } })
    const mine = await keys.create({ name: 'mine', owner: { id: 'alice' } })
    const agent = await loggedIn(app, alice)
    await agent.get('/api-keys').expect(200)
    for (const answer of [
      await agent.get('/api-keys').set('X-API-Key', token),
      await agent.post('/api-keys').set('X-API-Key', token).send({ name: 'x' }),
      await agent.post(`/api-keys/${mine.apiKey.id}/revoke`).set('X-API-Key', token),
    ]) {
      expectProblem(answer, 403, 'FORBIDDEN')
    }
    expect(await keys.get(mine.apiKey.id)).toMatchObject({ status: 'active' })
  })

  it("is refused when it is not valid, also where a user's session came with it", async () => {
    const { apiKey, token } = await keys.create({ name: 'weak', owner: { id: 'alice' } })
    await keys.revoke(apiKey.id)
    const agent = await loggedIn(app, alice)
    expectProblem(await agent.get('/api-keys').set('X-API-Key', token), 401, 'KEY_REVOKED')
    expectProblem(await agent.get('/api-keys').set('X-API-Key', 'acme_test_x'), 401, 'KEY_INVALID')
  })

  it('never starts a session', async () => {
    const { agent } = await withKey('api-keys:*')
    for (const answer of [await agent.get('/api-keys'), await agent.post('/api-keys').send({ name: 'x' })]) {
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
  })
})
