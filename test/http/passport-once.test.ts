import type { RequestHandler } from 'express'
import { HeaderAPIKeyStrategy } from 'passport-headerapikey'
import { memoryStore } from 'sidekey'
import { keyRouter, optionalKey, requireKey, requireUserOrKey } from 'sidekey/express'
import { type KeyStrategyOptions, keyStrategy, verifyCallback } from 'sidekey/passport'
import request from 'supertest'
import { type TestKeys, testKeys, userOf } from '../support/keys.js'
import { type AppPassport, FRAMEWORKS, issue, newPassport } from './passport-support.js'

/** Keys that count what a verification costs. */
function counting() {
  const inner = memoryStore()
  const counts = { finds: 0, users: 0 }
  const keys = testKeys({
    store: {
      ...inner,
      find: id => {
        counts.finds += 1
        return inner.find(id)
      },
    },
    user: owner => {
      counts.users += 1
      return userOf(owner)
    },
  })
  return { keys, counts }
}

describe.each(FRAMEWORKS)('one verification a request ($name)', ({ express }) => {
  /** Every way to ask for a key, one after the other, and the router at the end. */
  function chain(keys: TestKeys, ...authenticate: RequestHandler[]) {
    const rest = [requireKey(keys, 'reports:read'), optionalKey(keys), requireUserOrKey(keys)]
    return express().use('/api-keys', ...authenticate, ...rest, keyRouter(keys))
  }

  /** Goes on whatever comes of it, as an app's own callback may. */
  const goOn =
    (passport: AppPassport): RequestHandler =>
    (req, res, next) =>
      passport.authenticate('api-key', () => next())(req, res, next)

  it.each<[string, KeyStrategyOptions, (token: string) => Record<string, string>]>([
    ['X-API-Key', {}, token => ({ 'X-API-Key': token })],
    ['Authorization', {}, token => ({ Authorization: `Bearer ${token}` })],
    ['both headers', {}, token => ({ Authorization: `Bearer ${token}`, 'X-API-Key': token })],
    ['a header of its own', { header: 'X-Machine' }, token => ({ 'X-Machine': token })],
    [
      'a prefix of its own',
      { header: 'Authorization', prefix: 'Api-Key ' },
      token => ({ Authorization: `Api-Key ${token}` }),
    ],
  ])('is all that the strategy, the middlewares and the router need: %s', async (_, options, headers) => {
    const { keys, counts } = counting()
    const passport = newPassport()
    passport.use(keyStrategy(keys, options))
    const twice = [passport.authenticate('api-key', { session: false }), passport.authenticate('api-key')]
    const { id, token } = await issue(keys)
    const app = chain(keys, ...twice)
    const { body } = await request(app).get('/api-keys/me').set(headers(token)).expect(200)
    expect(body.id).toBe(id)
    expect(counts).toEqual({ finds: 1, users: 1 })
  })

  it('is all that verifyCallback and the middlewares need', async () => {
    const { keys, counts } = counting()
    const passport = newPassport()
    const header = { header: 'Authorization', prefix: 'Api-Key ' }
    passport.use(new HeaderAPIKeyStrategy(header, true, verifyCallback(keys)))
    const { token } = await issue(keys)
    const app = chain(keys, passport.authenticate('headerapikey', { session: false }))
    await request(app).get('/api-keys/me').set('Authorization', `Api-Key ${token}`).expect(200)
    expect(counts).toEqual({ finds: 1, users: 1 })
  })

  it.each<[string, KeyStrategyOptions, string]>([
    ['X-API-Key', {}, 'X-API-Key'],
    ['a header of its own', { header: 'X-Machine' }, 'X-Machine'],
  ])('is all that a bad key costs, though it is asked for again: %s', async (_, options, header) => {
    const { keys, counts } = counting()
    const passport = newPassport()
    passport.use(keyStrategy(keys, options))
    const { id, token } = await issue(keys)
    await keys.revoke(id)
    counts.finds = 0

    const app = chain(keys, goOn(passport), passport.authenticate('api-key', { session: false }))
    await request(app).get('/api-keys/me').set(header, token).expect(401)
    expect(counts).toEqual({ finds: 1, users: 0 })
  })

  it('refuses a second, different key that another header brings, by whichever check sees it', async () => {
    const { keys } = counting()
    const passport = newPassport()
    passport.use(keyStrategy(keys, { header: 'X-Machine' }))
    const [one, other] = [await issue(keys), await issue(keys)]
    const app = chain(keys, passport.authenticate('api-key', { session: false }))
    const { body } = await request(app)
      .get('/api-keys/me')
      .set({ 'X-Machine': one.token, 'X-API-Key': other.token })
      .expect(400)
    expect(body.code).toBe('MULTIPLE_KEYS')
  })

  it('is done anew for each request', async () => {
    const { keys, counts } = counting()
    const passport = newPassport()
    passport.use(keyStrategy(keys))
    const { id, token } = await issue(keys)
    const app = chain(keys, passport.authenticate('api-key', { session: false }))
    await request(app).get('/api-keys/me').set('X-API-Key', token).expect(200)
    await keys.revoke(id)
    counts.finds = 0
    await request(app).get('/api-keys/me').set('X-API-Key', token).expect(401)
    expect(counts.finds).toBe(1)
  })
})
