/** What is Koa's own: sessions by koa-session and koa-passport, mounts, proxies. */

import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import Koa3 from 'koa'
import mount from 'koa-mount'
import { KoaPassport } from 'koa-passport'
import session from 'koa-session'
import { Strategy as LocalStrategy } from 'passport-local'
import { memoryStore } from 'sidekey'
import { keyRouter, problemHandler, requireKey, requireUserOrKey } from 'sidekey/koa'
import { keyStrategy } from 'sidekey/passport'
import request from 'supertest'
import '../http/documented.js'
import { type TestUser, testKeys, USERS } from '../support/keys.js'

// Its types are those of Koa 3, of which only what both have is used here.
const Koa2 = require('koa2') as typeof Koa3

const idOf = (user: unknown): string | null => (user as TestUser | undefined | null)?.id ?? null // the app's own user
const tell: Koa3.Middleware = ctx => {
  ctx.body = { user: idOf(ctx.state.user), apiKey: ctx.state.apiKey?.id ?? null }
}

describe.each([
  { name: 'Koa 3', Koa: Koa3 },
  { name: 'Koa 2', Koa: Koa2 },
])('$name with koa-session and koa-passport', ({ Koa }) => {
  function open(strategy: Parameters<typeof keyStrategy>[1] = {}) {
    let reads = 0
    const store = memoryStore()
    const counting = {
      ...store,
      find: (id: string) => {
        reads++
        return store.find(id)
      },
    }
    const keys = testKeys({ store: counting })
    const passport = new KoaPassport()
    passport.serializeUser((user, done) => done(null, idOf(user)))
    passport.deserializeUser((id, done) => done(null, USERS.find(user => user.id === id) ?? false))
    passport.use(
      new LocalStrategy((id, _password, done) => done(null, USERS.find(user => user.id === id) ?? false)),
    )
    passport.use(keyStrategy(keys, strategy) as never) // its types are Express's
    const app = new Koa()
    app.silent = true
    app.keys = ['test']
    app.use(session({}, app))
    app.use(bodyParser())
    app.use(passport.initialize())
    app.use(passport.session())
    const router = new Router()
    router.post('/login', passport.authenticate('local'), tell)
    router.get('/account', ctx => {
      ctx.status = ctx.state.user ? 200 : 401
      ctx.body = { user: idOf(ctx.state.user) }
    })
    app.use(router.routes())
    return { keys, passport, app, router, reads: () => reads, http: () => request.agent(app.callback()) }
  }

  const issue = async ({ keys }: Pick<ReturnType<typeof open>, 'keys'>, owner = 'alice') =>
    keys.create({ name: 'k', owner: { id: owner }, permissions: ['reports:read'] })

  it('manages keys by the login of koa-passport, and tells it from a key', async () => {
    const opened = open()
    opened.app.use(keyRouter(opened.keys, { path: '/api-keys' }))
    opened.router.get('/either', requireUserOrKey(opened.keys, 'reports:read'), tell)
    const alice = opened.http()
    await alice.post('/login').send({ username: 'alice', password: 'x' }).expect(200)
    const made = await alice
      .post('/api-keys')
      .send({ name: 'k', permissions: ['reports:read'] })
      .expect(201)
    expect((await alice.get('/either').expect(200)).body).toEqual({ user: 'alice', apiKey: null })
    const program = await opened.http().get('/either').set('x-api-key', made.body.token).expect(200)
    expect(program.body).toEqual({ user: 'alice', apiKey: made.body.apiKey.id })
    const refused = await alice.post('/api-keys').set('x-api-key', made.body.token).send({ name: 'child' })
    expect(refused.status).toBe(403)
  })

  it.each([
    ['requireKey and a handler that calls ctx.login', {}],
    ['the strategy without session: false', {}],
    ['the strategy with a header of its own', { header: 'X-Token' }],
  ] as const)('makes no session of a key: %s', async (what, strategy) => {
    const opened = open(strategy)
    const { keys, passport, router, app } = opened
    app.use(keyRouter(keys, { path: '/api-keys' }))
    if (what.startsWith('requireKey')) {
      router.get('/in', requireKey(keys), async ctx => {
        await ctx.login(ctx.state.user)
        tell(ctx as never, async () => {}) // as a route calls it
      })
    } else router.get('/in', passport.authenticate('api-key'), tell)
    const { apiKey, token } = await issue(opened)
    const sent = { [strategy && 'header' in strategy ? strategy.header : 'x-api-key']: token }
    for (const before of [null, 'bob']) {
      const browser = opened.http()
      if (before !== null) await browser.post('/login').send({ username: before, password: 'x' }).expect(200)
      const seen = await browser.get('/in').set(sent).expect(200)
      expect(seen.body).toEqual({ user: 'alice', apiKey: apiKey.id })
      const after = await browser.get('/account')
      expect([after.status, after.body.user]).toEqual(before === null ? [401, null] : [200, 'bob'])
    }
  })

  it("gives a key that came in by the strategy a key's rights in the router, whatever header it was in", async () => {
    const opened = open({ header: 'X-Token' })
    const { keys, passport, app } = opened
    app.use(passport.authenticate('api-key', { session: false }))
    app.use(keyRouter(keys, { path: '/api-keys' }))
    const { token } = await issue(opened, 'root')
    const program = request(app.callback())
    expect((await program.get('/api-keys/me').set('x-token', token)).status).toBe(200)
    expect(opened.reads()).toBe(1)
    for (const path of ['/api-keys', '/api-keys?all=true']) {
      expect((await program.get(path).set('x-token', token)).status).toBe(403)
    }
    expect((await program.post('/api-keys').set('x-token', token).send({ name: 'x' })).status).toBe(403)
  })

  it('leaves the session of a cookie beside the key alone when the app logs out', async () => {
    const opened = open()
    opened.router.get('/out', requireKey(opened.keys), async ctx => {
      await ctx.logout()
      ctx.body = { user: idOf(ctx.state.user) }
    })
    const { token } = await issue(opened)
    const bob = opened.http()
    await bob.post('/login').send({ username: 'bob', password: 'x' }).expect(200)
    expect((await bob.get('/out').set('x-api-key', token).expect(200)).body.user).toBeNull()
    expect((await bob.get('/account').expect(200)).body.user).toBe('bob')
  })

  it('knows where it is mounted, twice over, and what is beside it', async () => {
    const { keys } = open()
    const inner = new Koa()
    inner.use((ctx, next) => {
      ctx.state.user = USERS[0]
      return next()
    })
    inner.use(keyRouter(keys, { path: '/api-keys' }))
    inner.use(ctx => {
      ctx.body = 'beside'
    })
    const app = new Koa().use(mount('/v1', mount('/acme', inner)))
    const http = request(app.callback())
    const made = await http.post('/v1/acme/api-keys').send({ name: 'k' }).expect(201)
    expect(made.headers.location).toMatch(/\/acme\/api-keys\/[0-9A-Za-z]{16}$/)
    expect((await http.get('/v1/acme/api-keys-too')).text).toBe('beside')
    expect((await http.get('/v1/acme/other')).text).toBe('beside')
  })

  it('believes a proxy about the address only where the app does', async () => {
    const { keys } = open()
    const { token } = await keys.create({
      name: 'k',
      owner: { id: 'alice' },
      restrictions: { ips: ['192.0.2.7'] },
    })
    for (const proxy of [false, true]) {
      const app = new Koa({ proxy }).use(requireKey(keys)).use(tell)
      const sent = { 'x-api-key': token, 'x-forwarded-for': '192.0.2.7' }
      expect((await request(app.callback()).get('/').set(sent)).status).toBe(proxy ? 200 : 403)
    }
  })

  it("answers sidekey's errors from the app's own handlers, and throws others on", async () => {
    const { keys } = open()
    const app = new Koa()
    app.silent = true
    app.use(problemHandler()).use(async ctx => {
      if (ctx.path === '/other') throw new Error('not ours')
      await keys.as(USERS[0], ctx).create({ name: '' })
    })
    const bad = await request(app.callback()).get('/')
    expect([bad.status, bad.body.code]).toEqual([400, 'INVALID_INPUT'])
    expect((await request(app.callback()).get('/other')).status).toBe(500)
  })
})

it('fails at once for a mount that is none, and for an option that is not there', () => {
  const keys = testKeys()
  for (const options of [
    { path: 'api-keys' },
    { path: '/api-keys/' },
    { path: '/' },
    { path: '/:id' },
    { prefix: '/x' },
  ]) {
    expect(() => keyRouter(keys, options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    ) // wrong on purpose
  }
})
