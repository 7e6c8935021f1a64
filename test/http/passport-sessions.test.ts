import type { Express, Request } from 'express'
import type { SessionOptions } from 'express-session'
import { HeaderAPIKeyStrategy } from 'passport-headerapikey'
import { requireKey } from 'sidekey/express'
import { keyStrategy, verifyCallback } from 'sidekey/passport'
import request from 'supertest'
import { type TestKeys, testKeys } from '../support/keys.js'
import {
  type AppPassport,
  answer,
  browserOf,
  FRAMEWORKS,
  issue,
  loginApp,
  OPAQUE,
} from './passport-support.js'
import { logInAndAnswer, WAYS } from './passport-ways.js'

/** How sessions are kept, and how Passport is set up: each may bring a session about. */
const SETUPS: readonly {
  readonly name: string
  readonly session?: Partial<SessionOptions>
  readonly before?: (app: Express, passport: AppPassport) => void
}[] = [
  { name: 'plain' },
  { name: 'saveUninitialized', session: { saveUninitialized: true } },
  { name: 'resave', session: { resave: true } },
  { name: 'rolling', session: { rolling: true, saveUninitialized: true } },
  { name: 'passport.initialize()', before: (app, passport) => app.use(passport.initialize()) },
  {
    name: 'initialize({ compat: false })',
    before: (app, passport) => app.use(passport.initialize({ compat: false })),
  },
  { name: "an older Passport's logIn on every request", before: asInPassport04 },
]

describe.each(FRAMEWORKS)('no session from a key ($name)', ({ name, express }) => {
  const open = (setup: (typeof SETUPS)[number], keys: TestKeys = testKeys()) => {
    const parts = loginApp({ express, ...setup })
    parts.passport.use(keyStrategy(keys))
    parts.passport.use(
      new HeaderAPIKeyStrategy({ header: 'X-API-Key', prefix: '' }, true, verifyCallback(keys)),
    )
    return { ...parts, keys }
  }

  describe.each(['api-key', 'headerapikey'])('by %s', strategy => {
    // The whole cross once; what is left of it changes nothing about the others.
    const all = strategy === 'api-key' && name === 'Express 5'
    describe.each(SETUPS.slice(0, all ? undefined : 1))('$name', setup => {
      it.each(WAYS)('never comes of: $name', async ({ mount, status = 200 }) => {
        const { app, passport, keys, serialized, loggedIn } = open(setup)
        const { token } = await issue(keys)
        mount(app, passport, strategy)
        const client = request.agent(app)
        const { body } = await client.get('/way').set('X-API-Key', token).expect(status)
        if (status === 200) expect(body).toMatchObject({ apiKey: expect.any(String) })

        expect({ loggedIn: await loggedIn(), serialized }).toEqual({ loggedIn: [], serialized: [] })
        await client.get('/account').expect(401)
      })

      it.each(WAYS)("leaves another user's session as it was: $name", async ({ mount, status = 200 }) => {
        const { app, passport, keys, loggedIn } = open(setup)
        const { token } = await issue(keys)
        mount(app, passport, strategy)
        const browser = await browserOf(app, 'bob')
        await browser.get('/way').set('X-API-Key', token).expect(status)

        expect(await loggedIn()).toEqual(['bob'])
        const { body } = await browser.get('/account').expect(200)
        expect(body).toMatchObject({ user: 'bob', apiKey: null })
      })
    })
  })

  it.each(WAYS)('is what the test would see: an ordinary strategy gets one by $name', async way => {
    const { app, passport, loggedIn } = open({ name: 'plain' })
    way.mount(app, passport, 'bearer')
    await request(app)
      .get('/way')
      .auth(OPAQUE, { type: 'bearer' })
      .expect(way.status ?? 200)
    expect(await loggedIn()).toEqual(way.ordinarily === 'none' ? [] : ['alice'])
  })

  it.each(SETUPS)('is what the test would see: an ordinary strategy gets one with $name', async setup => {
    const { app, passport, loggedIn } = open(setup)
    app.get('/way', passport.authenticate('bearer'), answer)
    await request(app).get('/way').auth(OPAQUE, { type: 'bearer' }).expect(200)
    expect(await loggedIn()).toEqual(['alice'])
  })

  it('never comes of requireKey and a handler that calls req.login', async () => {
    const { app, keys, serialized, loggedIn } = open({ name: 'plain' })
    const { token } = await issue(keys)
    app.get('/way', requireKey(keys, 'reports:read'), logInAndAnswer('user'))
    const client = request.agent(app)
    const { body } = await client.get('/way').set('X-API-Key', token).expect(200)
    expect(body.user).toBe('alice')
    expect({ loggedIn: await loggedIn(), serialized }).toEqual({ loggedIn: [], serialized: [] })
    await client.get('/account').expect(401)
  })

  it('never comes of the strategy passed by itself', async () => {
    const { app, passport, keys, loggedIn } = open({ name: 'plain' })
    const { token } = await issue(keys)
    app.get('/way', passport.authenticate(keyStrategy(keys)), answer)
    const client = request.agent(app)
    await client.get('/way').set('X-API-Key', token).expect(200)
    expect(await loggedIn()).toEqual([])
    await client.get('/account').expect(401)
  })
})

/** What Passport 0.4 puts on the prototype of requests, where newer ones leave it; here only this app's. */
function asInPassport04(app: Express, passport: AppPassport): void {
  function logIn(
    this: Request,
    user: Express.User,
    options: unknown,
    done?: (error?: unknown) => void,
  ): void {
    const callback = typeof options === 'function' ? options : done
    this.user = user
    // The part of Passport that writes sessions; its types do not tell of it.
    const manager: { logIn(...args: unknown[]): void } = Reflect.get(passport, '_sm')
    manager.logIn(this, user, callback)
  }
  Object.assign(app.request, { login: logIn, logIn })
  app.use(passport.initialize())
}
