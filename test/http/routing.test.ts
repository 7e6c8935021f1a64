import { keyRouter } from 'sidekey/express'
import request from 'supertest'
import { alice, type TestKeys, testKeys } from '../support/keys.js'
import {
  type Agent,
  appWith,
  createOver,
  expectFields,
  expectProblem,
  loggedIn,
  NO_ID,
  overExpress,
  routerApp,
} from './support.js'

overExpress('The routes of keyRouter', express => {
  let keys: TestKeys
  let agent: Agent
  beforeEach(async () => {
    keys = testKeys()
    agent = await loggedIn(routerApp(express, keys), alice)
  })

  it.each(['/a/b/c', `/${NO_ID}/nope`, `/${NO_ID}/rotate/now`, '/revoke/x', '/me/x', '/lookup/x'])(
    'answers 404 for %s, which is no route',
    async path => {
      expectProblem(await agent.get(`/api-keys${path}`), 404, 'ROUTE_NOT_FOUND')
      expectProblem(await agent.post(`/api-keys${path}`), 404, 'ROUTE_NOT_FOUND')
    },
  )

  it.each([
    ['put', '/', 'POST, GET'],
    ['delete', '/', 'POST, GET'],
    ['options', '/', 'POST, GET'],
    ['post', '/me', 'GET'],
    ['get', '/revoke', 'POST'],
    ['get', '/lookup', 'POST'],
    ['head', '/lookup', 'POST'],
    ['put', `/${NO_ID}`, 'GET, PATCH, DELETE'],
    ['post', `/${NO_ID}`, 'GET, PATCH, DELETE'],
    ['get', `/${NO_ID}/rotate`, 'POST'],
    ['get', `/${NO_ID}/revoke`, 'POST'],
    ['delete', `/${NO_ID}/restore`, 'POST'],
    ['patch', `/${NO_ID}/transfer`, 'POST'],
  ] as const)('answers 405 and Allow for %s %s', async (method, path, allow) => {
    const answer = await agent[method](`/api-keys${path}`)
    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe(allow)
    if (method !== 'head') expectProblem(answer, 405, 'METHOD_NOT_ALLOWED')
  })

  it('answers HEAD as GET, without the body', async () => {
    const { apiKey } = await createOver(agent, { name: 'CI' })
    for (const path of ['/api-keys', `/api-keys/${apiKey.id}`, `/api-keys/${NO_ID}`]) {
      const [get, head] = [await agent.get(path), await agent.head(path)]
      expect(head.status).toBe(get.status)
      expect(head.headers['content-type']).toBe(get.headers['content-type'])
      expect(head.headers.etag).toBe(get.headers.etag)
      expect(head.text).toBeUndefined()
    }
  })

  it.each([
    'x',
    '%24gt',
    '[object%20Object]',
    '{"$gt":""}',
    NO_ID.slice(1),
    `${NO_ID}0`,
    '%E0%A4%A',
    '..%2Fme',
  ])('refuses %s, which is no id, on every route', async id => {
    const path = `/api-keys/${id}`
    expectFields(await agent.get(path), 'id')
    expectFields(await agent.patch(path).send({ name: 'x' }), 'id')
    expectFields(await agent.delete(path), 'id')
    for (const tail of ['rotate', 'revoke', 'restore', 'transfer']) {
      expectFields(await agent.post(`${path}/${tail}`), 'id')
    }
  })

  it('takes a trailing slash', async () => {
    await agent.get('/api-keys/').expect(200)
    const { apiKey } = await createOver(agent, { name: 'CI' })
    await agent.get(`/api-keys/${apiKey.id}/`).expect(200)
  })
})

overExpress('keyRouter, mounted', express => {
  it.each(['/', '/api-keys', '/v1/me/keys', '/organizations/:organization/keys'])('at %s', async mount => {
    const keys = testKeys()
    const app = appWith(express, app => app.use(mount, keyRouter(keys)))
    const base = mount.replace(':organization', 'acme').replace(/\/$/, '')
    const agent = await loggedIn(app, alice)
    const created = await agent.post(`${base}/`).send({ name: 'CI' }).expect(201)
    expect(created.headers.location).toBe(`${base}/${created.body.apiKey.id}`)
    await agent.get(`${created.headers.location}`).expect(200)
    await agent.post(`${created.headers.location}/revoke`).expect(200)
    const list = await agent.get(`${base}/?status=revoked`).expect(200)
    expect(list.body.data).toHaveLength(1)
    expectProblem(await agent.get(`${base}/me`), 401, 'KEY_MISSING')
  })

  it('in a Router in a Router', async () => {
    const app = appWith(express, app => {
      const inner = express.Router().use('/keys', keyRouter(testKeys()))
      app.use('/api', express.Router().use('/v1', inner))
    })
    const agent = await loggedIn(app, alice)
    const created = await agent.post('/api/v1/keys').send({ name: 'CI' }).expect(201)
    expect(created.headers.location).toBe(`/api/v1/keys/${created.body.apiKey.id}`)
    await agent.get(`${created.headers.location}`).expect(200)
  })

  it('in an app in an app', async () => {
    const inner = express().use('/keys', keyRouter(testKeys()))
    const agent = await loggedIn(
      appWith(express, app => app.use('/inner', inner)),
      alice,
    )
    const created = await agent.post('/inner/keys').send({ name: 'CI' }).expect(201)
    expect(created.headers.location).toBe(`/inner/keys/${created.body.apiKey.id}`)
  })

  it('twice, over two sorts of key that know nothing of each other', async () => {
    const [one, two] = [testKeys({ prefix: 'one' }), testKeys({ prefix: 'two' })]
    const app = appWith(express, app => {
      app.use('/one', keyRouter(one))
      app.use('/two', keyRouter(two))
    })
    const { token } = await one.create({ name: 'CI', owner: { id: 'alice' } })
    await request(app).get('/one/me').set('Authorization', `Bearer ${token}`).expect(200)
    const other = await request(app).get('/two/me').set('Authorization', `Bearer ${token}`)
    expectProblem(other, 401, 'KEY_MISSING')
  })
})
