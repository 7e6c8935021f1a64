import { HeaderAPIKeyStrategy } from 'passport-headerapikey'
import { memoryStore, type Owner, SidekeyError, type Store } from 'sidekey'
import { problemHandler } from 'sidekey/express'
import { type KeyStrategyOptions, keyStrategy } from 'sidekey/passport'
import request from 'supertest'
import { alice, type TestKeys, testKeys } from '../support/keys.js'
import { FRAMEWORKS, guarded, issue, newPassport, OPAQUE } from './passport-support.js'

describe.each(FRAMEWORKS)('keyStrategy ($name)', ({ express }) => {
  /** A route behind the strategy, as most apps have it. */
  function appWith(keys: TestKeys, options: KeyStrategyOptions = {}) {
    const passport = newPassport()
    passport.use(keyStrategy(keys, options))
    return guarded(express, passport.authenticate(options.name ?? 'api-key', { session: false }))
  }

  describe('letting a key in', () => {
    it('is named api-key, and leaves a HeaderAPIKeyStrategy that an app has in its place', async () => {
      const keys = testKeys()
      const { token } = await issue(keys)
      const passport = newPassport()
      const own = new HeaderAPIKeyStrategy({ header: 'X-Own', prefix: '' }, false, (sent, done) =>
        done(null, sent === OPAQUE ? alice : undefined),
      )
      passport.use(own)
      passport.use(keyStrategy(keys))

      const before = guarded(express, passport.authenticate(own.name, { session: false }))
      await request(before).get('/').set('X-Own', OPAQUE).expect(200)
      await request(before).get('/').set('X-API-Key', token).expect(401)
      const added = guarded(express, passport.authenticate('api-key', { session: false }))
      await request(added).get('/').set('X-API-Key', token).expect(200)
    })

    it('takes a token from Authorization: Bearer', async () => {
      const keys = testKeys()
      const { id, token } = await issue(keys)
      const { body } = await request(appWith(keys)).get('/').auth(token, { type: 'bearer' }).expect(200)
      expect(body.apiKey).toBe(id)
    })

    it('takes a token from X-API-Key', async () => {
      const keys = testKeys()
      const { id, token } = await issue(keys)
      const { body } = await request(appWith(keys)).get('/').set('X-API-Key', token).expect(200)
      expect(body.apiKey).toBe(id)
    })

    it('sets req.user to what the option user loads, req.authInfo.scope to what the key may do', async () => {
      const loaded: string[] = []
      const keys = testKeys({
        grants: () => ['reports:read'],
        user: owner => {
          loaded.push(owner.id)
          return { id: `loaded ${owner.id}` }
        },
      })
      const { id, token } = await issue(keys, { permissions: ['reports:read', 'reports:write'] })
      const { body } = await request(appWith(keys)).get('/').set('X-API-Key', token).expect(200)
      expect(body).toMatchObject({ user: 'loaded alice', apiKey: id, info: { scope: ['reports:read'] } })
      expect(loaded).toEqual(['alice'])
    })

    it('tells the holder of a token that was rotated away when it ends (Sunset)', async () => {
      const keys = testKeys()
      const { id, token: old } = await issue(keys)
      const { token } = await keys.rotate(id, { grace: '1h' })
      const app = appWith(keys)
      const { headers } = await request(app).get('/').set('X-API-Key', old).expect(200)
      expect(headers.sunset).toMatch(/ GMT$/)
      expect((await request(app).get('/').set('X-API-Key', token).expect(200)).headers.sunset).toBeUndefined()
    })

    it('tells whoever has reached a limit where they stand, and when to try again', async () => {
      const keys = testKeys()
      const { token } = await issue(keys, { limits: { requests: { points: 1, per: '1h' } } })
      const app = appWith(keys)
      const first = await request(app).get('/').set('X-API-Key', token).expect(200)
      expect(first.headers.ratelimit).toMatch(/^"requests";r=0;t=\d+$/)
      const { headers } = await request(app).get('/').set('X-API-Key', token).expect(429)
      expect(headers.ratelimit).toMatch(/^"requests";r=0;t=\d+$/)
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    })

    it('counts a request without a key, as the other ways in do', async () => {
      const keys = testKeys()
      const before = keys.metrics().verifications
      await request(appWith(keys)).get('/').expect(401)
      expect(keys.metrics().verifications.KEY_MISSING).toBe((before.KEY_MISSING ?? 0) + 1)
    })

    it('goes by the name that the option says', async () => {
      const keys = testKeys()
      const { token } = await issue(keys)
      await request(appWith(keys, { name: 'machine' }))
        .get('/')
        .set('X-API-Key', token)
        .expect(200)
    })

    it('needs no session middleware, also where session: false is forgotten', async () => {
      const keys = testKeys()
      const passport = newPassport()
      passport.use(keyStrategy(keys))
      const { token } = await issue(keys)
      const app = guarded(express, passport.authenticate('api-key'))
      await request(app).get('/').set('X-API-Key', token).expect(200)
    })

    it('keeps requests apart when the strategy is passed by itself and shared', async () => {
      const keys = testKeys({ user: aliceAfterBob() })
      const shared = keyStrategy(keys)
      const app = guarded(express, newPassport().authenticate(shared, { session: false }))
      const [alices, bobs] = await Promise.all([issue(keys), issue(keys, { owner: { id: 'bob' } })])
      const answers = await Promise.all(
        [alices, bobs, alices, bobs].map(({ token }) => request(app).get('/').set('X-API-Key', token)),
      )
      expect(answers.map(({ body }) => body.user)).toEqual(['alice', 'bob', 'alice', 'bob'])
    })
  })

  describe('a header of its own', () => {
    it('reads it in place of the others', async () => {
      const keys = testKeys()
      const { token } = await issue(keys)
      const app = appWith(keys, { header: 'X-Machine-Token' })
      await request(app).get('/').set('X-Machine-Token', token).expect(200)
      await request(app).get('/').set('X-API-Key', token).expect(401)
      await request(app).get('/').auth(token, { type: 'bearer' }).expect(401)
    })

    it.each(['Api-Key ', 'Key(.*)+ ', '[x] ', '\\d ', '^$|', '((( '])(
      'takes the prefix %j as plain text',
      async prefix => {
        const keys = testKeys()
        const { token } = await issue(keys)
        const app = appWith(keys, { header: 'Authorization', prefix })
        await request(app).get('/').set('Authorization', `${prefix}${token}`).expect(200)
        await request(app).get('/').set('Authorization', token).expect(401)
        await request(app).get('/').set('Authorization', `5 ${token}`).expect(401)
        await request(app).get('/').set('Authorization', `x ${token}`).expect(401)
        await request(app).get('/').set('Authorization', prefix).expect(401)
      },
    )
  })

  describe('refusing', () => {
    it('answers 401 with a challenge to a request without a key', async () => {
      const { headers } = await request(appWith(testKeys())).get('/').expect(401)
      expect(headers['www-authenticate']).toBe('Bearer realm="api"')
    })

    it('answers 401 with a challenge that says invalid_token to a key that is not valid', async () => {
      const { headers } = await request(appWith(testKeys()))
        .get('/')
        .set('X-API-Key', 'acme_test_nonsense')
        .expect(401)
      expect(headers['www-authenticate']).toContain('error="invalid_token"')
    })

    it('answers 401 to a revoked key', async () => {
      const keys = testKeys()
      const { id, token } = await issue(keys)
      await keys.revoke(id)
      const { headers } = await request(appWith(keys)).get('/').set('X-API-Key', token).expect(401)
      expect(headers['www-authenticate']).toContain('revoked')
    })

    it("answers 401 where the owner's user is gone", async () => {
      const keys = testKeys({ user: () => null })
      const { token } = await issue(keys)
      await request(appWith(keys)).get('/').set('X-API-Key', token).expect(401)
    })

    it('answers 403, without a challenge, to a key from an address that is not allowed', async () => {
      const keys = testKeys()
      const { token } = await issue(keys, { restrictions: { ips: ['203.0.113.0/24'] } })
      const { headers } = await request(appWith(keys)).get('/').set('X-API-Key', token).expect(403)
      expect(headers).not.toHaveProperty('www-authenticate')
    })

    it('answers 400 to two different keys in one request', async () => {
      const keys = testKeys()
      const [one, other] = [await issue(keys), await issue(keys)]
      await request(appWith(keys))
        .get('/')
        .auth(one.token, { type: 'bearer' })
        .set('X-API-Key', other.token)
        .expect(400)
    })

    it("answers 503 with Retry-After by Express's own error handler while the store is away", async () => {
      const { keys, token } = await keysOfAwayStore()
      const { headers } = await request(appWith(keys)).get('/').set('X-API-Key', token).expect(503)
      expect(headers['retry-after']).toBe('1')
    })

    it('answers 503 as a problem document by problemHandler while the store is away', async () => {
      const { keys, token } = await keysOfAwayStore()
      const app = appWith(keys)
      app.use(problemHandler())
      const { headers, body } = await request(app).get('/').set('X-API-Key', token).expect(503)
      expect(headers).toMatchObject({ 'retry-after': '1', 'content-type': 'application/problem+json' })
      expect(body).toMatchObject({ code: 'STORE_UNAVAILABLE', status: 503 })
    })

    it("answers 503 where the owner's user cannot be loaded", async () => {
      const keys = testKeys({ user: () => Promise.reject(new Error('the users are away')) })
      const { token } = await issue(keys)
      await request(appWith(keys)).get('/').set('X-API-Key', token).expect(503)
    })
  })
})

describe('the options of keyStrategy', () => {
  it.each([
    ['an unknown one', { realm: 'x' }, 'realm'],
    ['a name that is no text', { name: 7 }, 'name'],
    ['a header that is no text', { header: ['X-API-Key'] }, 'header'],
    ['a prefix without a header', { prefix: 'Api-Key ' }, 'header'],
  ])('are refused at once: %s', (_, options, path) => {
    // Wrong on purpose: what the types already forbid.
    const make = () => keyStrategy(testKeys(), options as unknown as KeyStrategyOptions)
    expect(make).toThrow(SidekeyError)
    expect(make).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', errors: [{ path, message: expect.any(String) }] }),
    )
  })
})

/** Keys whose store goes away once a key is made. */
async function keysOfAwayStore(): Promise<{ keys: TestKeys; token: string }> {
  const inner = memoryStore()
  let away = false
  const store: Store = {
    ...inner,
    find: async id => {
      if (away) throw new SidekeyError('STORE_UNAVAILABLE', 'The database does not answer.')
      return inner.find(id)
    },
  }
  const keys = testKeys({ store })
  const { token } = await issue(keys)
  away = true
  return { keys, token }
}

/** Loads alice only once bob has been loaded, so that their requests overlap. */
function aliceAfterBob(): (owner: Owner) => Promise<{ id: string }> {
  let loaded = () => {}
  const bobIsLoaded = new Promise<void>(resolve => {
    loaded = resolve
  })
  return async ({ id }) => {
    if (id === 'alice') await bobIsLoaded
    else loaded()
    return { id }
  }
}
