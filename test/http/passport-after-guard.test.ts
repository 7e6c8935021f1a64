import type { RequestHandler } from 'express'
import session, { MemoryStore } from 'express-session'
import { requireKey } from 'sidekey/express'
import request from 'supertest'
import { type TestKeys, testKeys } from '../support/keys.js'
import { FRAMEWORKS, issue, newPassport, teach } from './passport-support.js'
import { logInAndAnswer } from './passport-ways.js'

describe.each(FRAMEWORKS)('a login session, set up after the guard ($name)', ({ express }) => {
  let keys: TestKeys
  beforeEach(() => {
    keys = testKeys()
  })
  afterEach(() => keys.close())

  /** Guards and logins on both sides of a mounted app. */
  function open() {
    const passport = newPassport()
    const store = new MemoryStore()
    teach(passport)
    const login: RequestHandler[] = [
      session({ secret: 'test', resave: false, saveUninitialized: false, store }),
      passport.initialize(),
      (req, _res, next) => {
        req.user ??= { id: 'alice' } as Express.User
        next()
      },
      logInAndAnswer('user'),
    ]
    const guard = requireKey(keys, 'reports:read')
    const app = express()
    const mounted = express()
    mounted.get('/within', login)
    mounted.get('/above', guard)
    app.get('/mounted/within', guard)
    app.use('/mounted', mounted)
    app.get('/mounted/above', login)
    app.get('/beside', guard, login)
    app.get('/without-key', login)
    return { app, sessions: () => Object.keys(Reflect.get(store, 'sessions')).length }
  }

  it.each(['/beside', '/mounted/within', '/mounted/above'])('never comes of a key: %s', async path => {
    const { app, sessions } = open()
    const { token } = await issue(keys)
    await request(app).get(path).set('X-API-Key', token).expect(200)
    expect(sessions()).toBe(0)
  })

  it('comes of a login without a key, also where a key was there before', async () => {
    const { app, sessions } = open()
    const { token } = await issue(keys)
    await request(app).get('/beside').set('X-API-Key', token).expect(200)
    await request(app).get('/without-key').expect(200)
    expect(sessions()).toBe(1)
  })
})
