import jwt from 'jsonwebtoken'
import { ExtractJwt, Strategy as JwtStrategy } from 'passport-jwt'
import { keyStrategy } from 'sidekey/passport'
import request from 'supertest'
import { alice, bob, type TestKeys, testKeys, USERS } from '../support/keys.js'
import { FRAMEWORKS, guarded, issue, newPassport, OPAQUE, teach } from './passport-support.js'

const SECRET = 'the-secret-of-the-app-for-its-own-tokens'
const bobsJwt = jwt.sign({ sub: 'bob' }, SECRET)
const FORGED = jwt.sign({ sub: 'alice' }, 'another-secret-that-is-not-of-the-app')

const LISTS = [
  ['jwt', 'api-key'],
  ['api-key', 'jwt'],
] as const

describe.each(FRAMEWORKS)('a list with another credential strategy ($name)', ({ express }) => {
  function appWith(keys: TestKeys, list: readonly string[]) {
    const passport = newPassport()
    teach(passport)
    passport.use(
      new JwtStrategy(
        { secretOrKey: SECRET, jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken() },
        ({ sub }, done) => done(null, USERS.find(user => user.id === sub) ?? false),
      ),
    )
    passport.use(keyStrategy(keys))
    return guarded(express, passport.authenticate([...list], { session: false }))
  }

  describe.each(LISTS)('[%s, %s]', (...list) => {
    it('lets a JWT in by jwt, and makes no key of it', async () => {
      const app = appWith(testKeys(), list)
      const { body } = await request(app).get('/').auth(bobsJwt, { type: 'bearer' }).expect(200)
      expect(body).toMatchObject({ user: bob.id, apiKey: null })
    })

    it('lets a key in by api-key, from either header', async () => {
      const keys = testKeys()
      const { id, token } = await issue(keys)
      const app = appWith(keys, list)
      const byBearer = await request(app).get('/').auth(token, { type: 'bearer' }).expect(200)
      const byHeader = await request(app).get('/').set('X-API-Key', token).expect(200)
      expect(byBearer.body).toMatchObject({ user: alice.id, apiKey: id })
      expect(byHeader.body).toMatchObject({ user: alice.id, apiKey: id })
    })

    it('answers 401 with a challenge to a bad key', async () => {
      const keys = testKeys()
      const { id, token } = await issue(keys)
      await keys.revoke(id)
      const app = appWith(keys, list)
      const { headers } = await request(app).get('/').auth(token, { type: 'bearer' }).expect(401)
      expect(headers['www-authenticate']).toContain('Bearer realm="api", error="invalid_token"')
      await request(app).get('/').set('X-API-Key', 'acme_test_nonsense').expect(401)
    })

    it('answers 401 to a forged JWT, and to no credential at all', async () => {
      const app = appWith(testKeys(), list)
      await request(app).get('/').auth(FORGED, { type: 'bearer' }).expect(401)
      await request(app).get('/').expect(401)
    })

    it('keeps 403 and 400 apart from 401', async () => {
      const keys = testKeys()
      const elsewhere = await issue(keys, { restrictions: { ips: ['203.0.113.0/24'] } })
      const other = await issue(keys)
      const app = appWith(keys, list)
      await request(app).get('/').set('X-API-Key', elsewhere.token).expect(403)
      const both = request(app).get('/').auth(other.token, { type: 'bearer' })
      await both.set('X-API-Key', elsewhere.token).expect(400)
    })
  })

  it('reads no JWT as a second key: a JWT and a key in one request are not two keys', async () => {
    const keys = testKeys()
    const { id, token } = await issue(keys)
    const both = (list: readonly string[]) =>
      request(appWith(keys, list)).get('/').auth(bobsJwt, { type: 'bearer' }).set('X-API-Key', token)
    const keyFirst = await both(['api-key', 'jwt']).expect(200)
    expect(keyFirst.body).toMatchObject({ user: alice.id, apiKey: id })
    const jwtFirst = await both(['jwt', 'api-key']).expect(200)
    expect(jwtFirst.body).toMatchObject({ user: bob.id, apiKey: null })
  })

  it('lets an opaque token in by bearer, and a key by api-key: [bearer, api-key]', async () => {
    const keys = testKeys()
    const { id, token } = await issue(keys)
    const app = appWith(keys, ['bearer', 'api-key'])
    const opaque = await request(app).get('/').auth(OPAQUE, { type: 'bearer' }).expect(200)
    expect(opaque.body).toMatchObject({ user: alice.id, apiKey: null })
    const byKey = await request(app).get('/').auth(token, { type: 'bearer' }).expect(200)
    expect(byKey.body).toMatchObject({ user: alice.id, apiKey: id })
  })

  it('answers 401 with both challenges to a bad key: [bearer, api-key]', async () => {
    const app = appWith(testKeys(), ['bearer', 'api-key'])
    const { headers } = await request(app).get('/').auth('acme_test_nonsense', { type: 'bearer' }).expect(401)
    expect(headers['www-authenticate']).toContain('realm="Users"')
    expect(headers['www-authenticate']).toContain('realm="api"')
  })
})
