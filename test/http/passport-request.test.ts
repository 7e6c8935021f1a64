import type { RequestHandler } from 'express'
import { requireUserOrKey } from 'sidekey/express'
import { keyStrategy } from 'sidekey/passport'
import request from 'supertest'
import { testKeys } from '../support/keys.js'
import { answer, browserOf, credentialsOf, FRAMEWORKS, idOf, issue, loginApp } from './passport-support.js'

describe.each(FRAMEWORKS)("Passport's own functions on a key's request ($name)", ({ express }) => {
  async function open() {
    const keys = testKeys()
    const { app, passport, loggedIn } = loginApp({ express })
    passport.use(keyStrategy(keys))
    const { token } = await issue(keys)
    return { app, passport, loggedIn, sent: { 'X-API-Key': token } }
  }

  it('tell that it is authenticated', async () => {
    const { app, passport, sent } = await open()
    app.get('/', passport.authenticate('api-key', { session: false }), (req, res) => {
      res.json({ authenticated: req.isAuthenticated(), not: req.isUnauthenticated() })
    })
    const { body } = await request(app).get('/').set(sent).expect(200)
    expect(body).toEqual({ authenticated: true, not: false })
  })

  it('let it log out: the request has no user then, and the key works on', async () => {
    const { app, passport, loggedIn, sent } = await open()
    app.post('/logout', passport.authenticate('api-key'), (req, res, next) => {
      req.logout(error => (error ? next(error) : answer(req, res)))
    })
    app.get('/', passport.authenticate('api-key'), answer)
    const { body } = await request(app).post('/logout').set(sent).expect(200)
    expect(body.user).toBeNull()
    await request(app).get('/').set(sent).expect(200)
    expect(await loggedIn()).toEqual([])
  })

  it("leave the session of a cookie beside the key alone when it logs out: it is somebody's own", async () => {
    const { app, passport, loggedIn, sent } = await open()
    const logOut: RequestHandler = (req, res, next) => {
      req.logout(error => (error ? next(error) : answer(req, res)))
    }
    app.post('/logout', passport.authenticate('api-key'), logOut)
    const bob = await browserOf(app, 'bob')
    const { body } = await bob.post('/logout').set(sent).expect(200)
    expect(body.user).toBeNull()
    expect(await loggedIn()).toEqual(['bob'])
    expect((await bob.get('/account').expect(200)).body.user).toBe('bob')
  })

  it("give an app's own callback that throws its error, and do not end the process where it throws again", async () => {
    const logged: unknown[] = []
    const logger = { warn: () => {}, error: (details: object) => logged.push(details) }
    const keys = testKeys({ logger })
    const { app, passport } = loginApp({ express })
    passport.use(keyStrategy(keys))
    const { token } = await issue(keys)
    const seen: unknown[] = []
    const thrown = new Error('in the callback')
    app.get('/', (req, res, next) => {
      passport.authenticate('api-key', (error: unknown) => {
        seen.push(error)
        if (seen.length === 2) res.sendStatus(500)
        throw thrown
      })(req, res, next)
    })
    await request(app).get('/').set('X-API-Key', token).expect(500)
    expect(seen).toEqual([null, thrown])
    while (logged.length === 0) await new Promise(resolve => setImmediate(resolve))
    expect(logged).toEqual([{ err: thrown }])
  })

  it('know where the app has its user: passport.initialize({ userProperty })', async () => {
    const keys = testKeys()
    const { app, passport } = loginApp({
      express,
      before: (before, own) => before.use(own.initialize({ userProperty: 'account' })),
    })
    passport.use(keyStrategy(keys))
    const { token } = await issue(keys)
    app.get('/mine', requireUserOrKey(keys), (req, res) => res.json(idOf(Reflect.get(req, 'account'))))
    const bob = await browserOf(app, 'bob')
    expect((await bob.get('/mine').expect(200)).body).toBe('bob')
    expect((await bob.get('/mine').set('X-API-Key', token).expect(200)).body).toBe('alice')
  })

  it('leave a password login in the same request without a session, since a key came with it', async () => {
    const { app, passport, loggedIn, sent } = await open()
    app.post('/both', passport.authenticate('api-key'), passport.authenticate('local'), answer)
    const { body } = await request(app).post('/both').set(sent).send(credentialsOf('bob')).expect(200)
    expect(body.user).toBe('bob')
    expect(await loggedIn()).toEqual([])
  })
})
