import type { Express } from 'express'
import type { Created } from 'sidekey'
import { keyRouter, optionalKey, requireKey, requireUserOrKey } from 'sidekey/express'
import request from 'supertest'
import { alice, bob, type TestKeys, testKeys } from '../support/keys.js'
import { expectProblem, jwtLogin, jwtOf, loggedIn, overExpress, routerApp, whoami } from './support.js'

overExpress('Where keys are read from', express => {
  let keys: TestKeys
  let app: Express
  let key: Created
  let other: Created
  beforeEach(async () => {
    keys = testKeys()
    app = express()
    app.use(express.json(), express.urlencoded({ extended: false }))
    app.all('/required', requireKey(keys), whoami)
    app.all('/optional', optionalKey(keys), whoami)
    app.use('/api-keys', keyRouter(keys))
    key = await keys.create({ name: 'CI', owner: { id: 'alice' } })
    other = await keys.create({ name: 'CD', owner: { id: 'alice' } })
  })

  it.each([
    ['X-API-Key', (token: string) => token],
    ['x-api-key', (token: string) => `  ${token}  `],
    ['Authorization', (token: string) => `Bearer ${token}`],
    ['Authorization', (token: string) => `bearer   ${token}`],
    ['Authorization', (token: string) => `BEARER ${token}`],
  ])('takes %s', async (header, value) => {
    const answer = await request(app).get('/required').set(header, value(key.token)).expect(200)
    expect(answer.body.apiKey).toBe(key.apiKey.id)
  })

  it.each(['Basic', 'Token', 'ApiKey', 'Digest'])(
    'leaves the scheme %s alone: it is not ours',
    async scheme => {
      const header = `${scheme} ${key.token}`
      expectProblem(await request(app).get('/required').set('Authorization', header), 401, 'KEY_MISSING')
      const answer = await request(app).get('/optional').set('Authorization', header).expect(200)
      expect(answer.body.apiKey).toBeNull()
    },
  )

  it('never reads a token from the query, the body or a cookie', async () => {
    const { token } = key
    const names = ['api_key', 'apiKey', 'token', 'access_token', 'x-api-key', 'authorization']
    for (const name of names) {
      const answers = [
        await request(app).get(`/required?${name}=${token}`),
        await request(app)
          .post('/required')
          .send({ [name]: token }),
        await request(app)
          .post('/required')
          .type('form')
          .send({ [name]: token }),
        await request(app).get('/required').set('Cookie', `${name}=${token}`),
      ]
      for (const answer of answers) expectProblem(answer, 401, 'KEY_MISSING')
      expectProblem(await request(app).get(`/api-keys/me?${name}=${token}`), 401, 'KEY_MISSING')
    }
  })

  it.each(['/required', '/optional', '/api-keys/me'])('refuses two different keys at %s: 400', async path => {
    const answer = await request(app)
      .get(path)
      .set('X-API-Key', key.token)
      .set('Authorization', `Bearer ${other.token}`)
    expectProblem(answer, 400, 'MULTIPLE_KEYS')
  })

  it('refuses a key of ours beside a broken one: which is meant cannot be told', async () => {
    const answer = await request(app)
      .get('/required')
      .set('X-API-Key', key.token)
      .set('Authorization', 'Bearer acme_test_x')
    expectProblem(answer, 400, 'MULTIPLE_KEYS')
  })

  it('takes the same key twice', async () => {
    const answer = await request(app)
      .get('/required')
      .set('X-API-Key', key.token)
      .set('Authorization', `Bearer ${key.token}`)
      .expect(200)
    expect(answer.body.apiKey).toBe(key.apiKey.id)
  })

  it('takes empty headers for none', async () => {
    for (const value of ['', ' ']) {
      expectProblem(await request(app).get('/required').set('X-API-Key', value), 401, 'KEY_MISSING')
      expectProblem(
        await request(app).get('/required').set('Authorization', `Bearer${value}`),
        401,
        'KEY_MISSING',
      )
    }
  })

  it('reads other headers by option, and then no longer the usual ones', async () => {
    const own = testKeys({ headers: ['X-Acme-Key'] })
    const { token } = await own.create({ name: 'CI', owner: { id: 'alice' } })
    const ownApp = express().get('/', requireKey(own), whoami)
    await request(ownApp).get('/').set('X-Acme-Key', token).expect(200)
    expectProblem(await request(ownApp).get('/').set('X-API-Key', token), 401, 'KEY_MISSING')
  })
})

overExpress("A JWT of the app's own", express => {
  let keys: TestKeys
  let app: Express
  beforeEach(() => {
    keys = testKeys()
    app = express()
    app.use(jwtLogin())
    app.get('/optional', optionalKey(keys), whoami)
    app.get('/either', requireUserOrKey(keys), whoami)
    app.get('/required', requireKey(keys), whoami)
    app.use('/api-keys', keyRouter(keys))
  })

  it.each(['/optional', '/either'])('passes %s untouched', async path => {
    const answer = await request(app)
      .get(path)
      .set('Authorization', `Bearer ${jwtOf(bob)}`)
    expect(answer.body).toEqual({ user: bob, hasUser: true, apiKey: null })
  })

  it.each(['/optional', '/either', '/required'])('beside an X-API-Key leaves %s to the key', async path => {
    const { apiKey, token } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
    const answer = await request(app)
      .get(path)
      .set('Authorization', `Bearer ${jwtOf(bob)}`)
      .set('X-API-Key', token)
    expect(answer.body).toEqual({ user: alice, hasUser: true, apiKey: apiKey.id })
  })

  it('does not save an X-API-Key that is not valid', async () => {
    const answer = await request(app)
      .get('/optional')
      .set('Authorization', `Bearer ${jwtOf(bob)}`)
      .set('X-API-Key', 'acme_test_x')
    expectProblem(answer, 401, 'KEY_INVALID')
  })

  it('is no key: requireKey refuses it', async () => {
    const answer = await request(app)
      .get('/required')
      .set('Authorization', `Bearer ${jwtOf(bob)}`)
    expectProblem(answer, 401, 'KEY_INVALID')
  })

  it('logs in to nothing where the app did not take it', async () => {
    const answer = await request(app).get('/either').set('Authorization', 'Bearer not.a.jwt')
    expectProblem(answer, 401, 'KEY_MISSING')
  })

  it("logs in to keyRouter as the app's user", async () => {
    const authorization = `Bearer ${jwtOf(alice)}`
    const created = await request(app)
      .post('/api-keys')
      .set('Authorization', authorization)
      .send({ name: 'CI' })
      .expect(201)
    expect(created.body.apiKey.owner).toEqual({ type: 'user', id: 'alice' })
    await request(app).get('/api-keys').set('Authorization', authorization).expect(200)
  })

  it("gives a key's request at keyRouter none of the JWT's rights", async () => {
    const { token } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
    const answer = await request(app)
      .get('/api-keys')
      .set('Authorization', `Bearer ${jwtOf(alice)}`)
      .set('X-API-Key', token)
    expectProblem(answer, 403, 'FORBIDDEN')
  })
})

overExpress('Addresses and origins of a key', express => {
  it('takes the address from req.ip: the proxy that the app trusts is believed, no other', async () => {
    const keys = testKeys()
    const app = (trust: boolean | string): Express =>
      express().set('trust proxy', trust).get('/', requireKey(keys), whoami)
    const restrictions = { ips: ['203.0.113.0/24'] }
    const { token } = await keys.create({ name: 'CI', owner: { id: 'alice' }, restrictions })
    const from = (trust: boolean | string, ip: string) =>
      request(app(trust)).get('/').set('X-API-Key', token).set('X-Forwarded-For', ip)
    await from('loopback', '203.0.113.9').expect(200)
    expectProblem(await from('loopback', '198.51.100.1'), 403, 'IP_NOT_ALLOWED')
    expectProblem(await from(false, '203.0.113.9'), 403, 'IP_NOT_ALLOWED')
  })

  it('takes an IPv4 address in its IPv6 form, as Node tells it', async () => {
    const keys = testKeys()
    const app = routerApp(express, keys)
    const restrictions = { ips: ['127.0.0.1', '::1'] }
    const { token } = await keys.create({ name: 'CI', owner: { id: 'alice' }, restrictions })
    await request(app).get('/api-keys/me').set('X-API-Key', token).expect(200)
  })

  it('holds a key to its origins, at routes and at the router', async () => {
    const keys = testKeys()
    const app = routerApp(express, keys).get('/', requireKey(keys), whoami)
    const restrictions = { origins: ['https://*.example.com'] }
    const { token } = await keys.create({ name: 'CI', owner: { id: 'alice' }, restrictions })
    for (const path of ['/', '/api-keys/me']) {
      const ask = () => request(app).get(path).set('X-API-Key', token)
      await ask().set('Origin', 'https://app.example.com').expect(200)
      expectProblem(await ask().set('Origin', 'https://example.org'), 403, 'ORIGIN_NOT_ALLOWED')
      expectProblem(await ask(), 403, 'ORIGIN_NOT_ALLOWED')
    }
  })

  it('is not softened by a login in the same request', async () => {
    const keys = testKeys()
    const app = routerApp(express, keys)
    const restrictions = { ips: ['203.0.113.0/24'] }
    const { token } = await keys.create({ name: 'CI', owner: { id: 'alice' }, restrictions })
    const agent = await loggedIn(app, alice)
    expectProblem(await agent.get('/api-keys').set('X-API-Key', token), 403, 'IP_NOT_ALLOWED')
  })
})
