import type { RequestHandler } from 'express'
import { HeaderAPIKeyStrategy } from 'passport-headerapikey'
import { requireKey } from 'sidekey/express'
import { keyStrategy, verifyCallback } from 'sidekey/passport'
import request from 'supertest'
import { testKeys } from '../support/keys.js'
import { answer, browserOf, FRAMEWORKS, issue, loginApp } from './passport-support.js'

describe.each(FRAMEWORKS)("an organisation's key by Passport ($name)", ({ express }) => {
  async function open() {
    const keys = testKeys()
    const { app, passport, serialized, loggedIn } = loginApp({ express })
    passport.use(keyStrategy(keys))
    passport.use(new HeaderAPIKeyStrategy({ header: 'X-API-Key', prefix: '' }, true, verifyCallback(keys)))
    const { id, token } = await issue(keys, { owner: { type: 'organization', id: 'acme' } })
    return { app, passport, keys, id, sent: { 'X-API-Key': token }, serialized, loggedIn }
  }

  it('is let in without a user, and without a session', async () => {
    const { app, passport, id, sent, serialized, loggedIn } = await open()
    app.get('/', passport.authenticate('api-key'), answer)
    const { body } = await request(app).get('/').set(sent).expect(200)
    expect(body).toMatchObject({ user: null, apiKey: id, info: { scope: ['reports:read'] } })
    expect({ serialized, loggedIn: await loggedIn() }).toEqual({ serialized: [], loggedIn: [] })
  })

  it('never acts as the user whose cookie is sent along, and leaves that login alone', async () => {
    const { app, passport, id, sent } = await open()
    app.get('/', passport.authenticate('api-key'), answer)
    const browser = await browserOf(app, 'bob')
    const byKey = await browser.get('/').set(sent).expect(200)
    expect(byKey.body).toMatchObject({ user: null, apiKey: id })
    const byLogin = await browser.get('/account').expect(200)
    expect(byLogin.body.user).toBe('bob')
  })

  it("never acts as that user where the app's own callback goes on without a login", async () => {
    const { app, passport, id, sent } = await open()
    const goOn: RequestHandler = (req, res, next) =>
      passport.authenticate('api-key', () => next())(req, res, next)
    app.get('/', goOn, answer)
    const browser = await browserOf(app, 'bob')
    const { body } = await browser.get('/').set(sent).expect(200)
    expect(body).toMatchObject({ user: null, apiKey: id })
  })

  it('goes on through requireKey, without a user there too', async () => {
    const { app, passport, keys, id, sent } = await open()
    const handlers = [passport.authenticate('api-key', { session: false }), requireKey(keys, 'reports:read')]
    app.get('/', ...handlers, answer)
    const { body } = await request(app).get('/').set(sent).expect(200)
    expect(body).toMatchObject({ user: null, apiKey: id })
  })

  it('is not authenticated to Passport, which asks for a user', async () => {
    const { app, passport, sent } = await open()
    app.get('/', passport.authenticate('api-key'), (req, res) => {
      res.json({ authenticated: req.isAuthenticated(), not: req.isUnauthenticated() })
    })
    const { body } = await request(app).get('/').set(sent).expect(200)
    expect(body).toEqual({ authenticated: false, not: true })
  })

  it("gives an app's own callback no user, so that one which asks for a user refuses", async () => {
    const { app, passport, sent } = await open()
    app.get('/', (req, res, next) => {
      passport.authenticate('api-key', (error: unknown, user: Express.User | false | undefined) => {
        res.status(user ? 200 : 401).json({ error, user: typeof user })
      })(req, res, next)
    })
    const { body } = await request(app).get('/').set(sent).expect(401)
    expect(body).toEqual({ error: null, user: 'undefined' })
  })

  it('is refused with 401 by verifyCallback, since the library knows no success without a user', async () => {
    const { app, passport, sent } = await open()
    app.get('/', passport.authenticate('headerapikey', { session: false }), answer)
    await request(app).get('/').set(sent).expect(401)
  })
})
