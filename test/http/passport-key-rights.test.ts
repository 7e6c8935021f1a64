import { HeaderAPIKeyStrategy } from 'passport-headerapikey'
import { keyRouter } from 'sidekey/express'
import { keyStrategy, verifyCallback } from 'sidekey/passport'
import request from 'supertest'
import { type TestKeys, testKeys } from '../support/keys.js'
import { type AppPassport, answer, browserOf, FRAMEWORKS, issue, loginApp } from './passport-support.js'

/** The ways in by Passport, each with its strategy's name and what a client sends. */
const WAYS_IN: readonly {
  readonly name: string
  readonly strategy: string
  readonly use: (passport: AppPassport, keys: TestKeys) => void
  readonly headers: (token: string) => Record<string, string>
}[] = [
  {
    name: 'keyStrategy',
    strategy: 'api-key',
    use: (passport, keys) => passport.use(keyStrategy(keys)),
    headers: token => ({ 'X-API-Key': token }),
  },
  {
    name: 'keyStrategy with a header that the router does not read',
    strategy: 'api-key',
    use: (passport, keys) => passport.use(keyStrategy(keys, { header: 'X-Machine', prefix: 'Key ' })),
    headers: token => ({ 'X-Machine': `Key ${token}` }),
  },
  {
    name: 'verifyCallback with a prefix that the router does not read',
    strategy: 'headerapikey',
    use: (passport, keys) => {
      const header = { header: 'Authorization', prefix: 'Api-Key ' }
      passport.use(new HeaderAPIKeyStrategy(header, true, verifyCallback(keys)))
    },
    headers: token => ({ Authorization: `Api-Key ${token}` }),
  },
]

const MANAGEMENT: readonly {
  readonly title: string
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  readonly path: (ids: { own: string; other: string }) => string
  readonly body?: object
  /** 404 where the key may not even see what it asks for. */
  readonly status?: number
}[] = [
  { title: 'create a key', method: 'post', path: () => '/', body: { name: 'more', permissions: [] } },
  { title: 'list keys', method: 'get', path: () => '/' },
  { title: "list everyone's keys", method: 'get', path: () => '/?all=true' },
  { title: 'look at another key', method: 'get', path: ({ other }) => `/${other}`, status: 404 },
  { title: 'update itself', method: 'patch', path: ({ own }) => `/${own}`, body: { name: 'new' } },
  { title: 'update another key', method: 'patch', path: ({ other }) => `/${other}`, body: { name: 'new' } },
  { title: 'rotate itself', method: 'post', path: ({ own }) => `/${own}/rotate` },
  { title: 'rotate another key', method: 'post', path: ({ other }) => `/${other}/rotate` },
  { title: 'revoke another key', method: 'post', path: ({ other }) => `/${other}/revoke` },
  { title: 'revoke many', method: 'post', path: () => '/revoke', body: { ownerId: 'alice' } },
  { title: 'delete itself', method: 'delete', path: ({ own }) => `/${own}` },
  { title: 'delete another key', method: 'delete', path: ({ other }) => `/${other}` },
  {
    title: 'give itself to another owner',
    method: 'post',
    path: ({ own }) => `/${own}/transfer`,
    body: { owner: { id: 'bob' } },
  },
]

describe.each(FRAMEWORKS)('what a key may do by keyRouter ($name)', ({ express }) => {
  describe.each(WAYS_IN)('in by $name', ({ strategy, use, headers }) => {
    /** The router behind Passport, two keys of the admin root, and what the client sends of the first. */
    async function open(session?: false) {
      const keys = testKeys()
      const { app, passport } = loginApp({ express })
      use(passport, keys)
      const options = session === undefined ? {} : { session }
      app.get('/who', passport.authenticate(strategy, options), answer)
      app.use('/api-keys', passport.authenticate(strategy, options), keyRouter(keys))
      const { id: own, token } = await issue(keys, { owner: { id: 'root' } })
      const { id: other } = await issue(keys, { owner: { id: 'root' } })
      return { app, keys, own, other, sent: headers(token) }
    }

    it.each(MANAGEMENT)("an admin's key cannot $title, though req.user is the admin", async route => {
      const { app, keys, own, other, sent } = await open(false)
      const { body: who } = await request(app).get('/who').set(sent).expect(200)
      expect(who.user).toBe('root')

      /** What management changes: that the key is used shows beside the record. */
      const records = async () => (await keys.list()).data.map(({ lastUsedAt, ...record }) => record)
      const before = await records()
      const call = request(app)[route.method](`/api-keys${route.path({ own, other })}`)
      await call
        .set(sent)
        .send(route.body)
        .expect(route.status ?? 403)
      expect(await records()).toEqual(before)
    })

    it("has a key's rights also beside an admin's login, and where session: false is forgotten", async () => {
      const { app, keys, other, sent } = await open()
      const browser = await browserOf(app, 'root')
      await browser.post('/api-keys').set(sent).send({ name: 'more' }).expect(403)
      await browser.delete(`/api-keys/${other}`).set(sent).expect(403)
      expect((await keys.list()).data).toHaveLength(2)
    })

    it('may look at itself and revoke itself', async () => {
      const { app, own, sent } = await open(false)
      const me = await request(app).get('/api-keys/me').set(sent).expect(200)
      expect(me.body.id).toBe(own)
      await request(app).get(`/api-keys/${own}`).set(sent).expect(200)
      const revoked = await request(app).post(`/api-keys/${own}/revoke`).set(sent).expect(200)
      expect(revoked.body.status).toBe('revoked')
      await request(app).get('/api-keys/me').set(sent).expect(401)
    })
  })

  it('counts a key of another keys object for no login, whoever its owner is', async () => {
    const keys = testKeys()
    const others = testKeys({ prefix: 'other_test' })
    const { app, passport } = loginApp({ express })
    passport.use(keyStrategy(others))
    app.use('/api-keys', passport.authenticate('api-key', { session: false }), keyRouter(keys))
    const { token } = await issue(others, { owner: { id: 'root' } })
    const { body } = await request(app).get('/api-keys').auth(token, { type: 'bearer' }).expect(403)
    expect(body.code).toBe('FORBIDDEN')
  })

  it("stays a key's request where a later middleware sets another user", async () => {
    const keys = testKeys()
    const { app, passport } = loginApp({ express })
    passport.use(keyStrategy(keys))
    app.use('/api-keys', passport.authenticate('api-key'), passport.session(), keyRouter(keys))
    const { token } = await issue(keys)
    const browser = await browserOf(app, 'root')
    await browser.get('/api-keys?all=true').set('X-API-Key', token).expect(403)
  })
})
