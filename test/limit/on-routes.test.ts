/** Limits on routes of every framework: what is drawn, once a request, and what clients are told. */
import { createServer, type RequestListener } from 'node:http'
import express5 from 'express'
import express4 from 'express4'
import Koa from 'koa'
import passport from 'passport'
import { keyRouter, requireKey } from 'sidekey/express'
import { verifyRequest } from 'sidekey/fetch'
import { requireKey as requireKeyOnKoa } from 'sidekey/koa'
import { keyStrategy } from 'sidekey/passport'
import request from 'supertest'
import { type TestKeys, testKeys } from '../support/keys.js'

const LIMITS = { requests: { points: 10, per: '24d' }, exports: { points: 5, per: '1d' } }
const WINDOW = 24 * 86_400

type Costed = { readonly query: { readonly rows?: unknown } }
const rows = ({ query }: Costed) => Number(query.rows ?? 1)

/** `/plain` names no limit, `/exports` costs two, `/rows` what it says, `/twice` asks twice. */
const APPS: readonly { readonly name: string; readonly listener: (keys: TestKeys) => RequestListener }[] = [
  ...[
    ['Express 5', express5],
    ['Express 4', express4 as unknown as typeof express5], // they differ in corners that the tests do not touch
  ].map(([name, express]) => ({
    name: name as string,
    listener: (keys: TestKeys) => {
      const app = (express as typeof express5)()
      const ok = (_request: unknown, response: { json(body: object): void }) => response.json({ ok: true })
      app.get('/plain', requireKey(keys), ok)
      app.get('/exports', requireKey(keys, 'reports:read', { limit: 'exports', cost: 2 }), ok)
      app.get('/rows', requireKey(keys, 'reports:read', { limit: 'exports', cost: rows }), ok)
      app.use('/twice', requireKey(keys), requireKey(keys))
      app.get('/twice', requireKey(keys, 'reports:read', { limit: 'exports' }), ok)
      app.use('/api-keys', keyRouter(keys))
      return app
    },
  })),
  {
    name: 'Koa',
    listener: keys => {
      const app = new Koa()
      const guards = [
        ['/plain', requireKeyOnKoa(keys)],
        ['/exports', requireKeyOnKoa(keys, 'reports:read', { limit: 'exports', cost: 2 })],
        ['/rows', requireKeyOnKoa(keys, 'reports:read', { limit: 'exports', cost: rows })],
        ['/twice', requireKeyOnKoa(keys)],
        ['/twice', requireKeyOnKoa(keys, 'reports:read', { limit: 'exports' })],
      ] as const
      for (const [path, guard] of guards) {
        app.use((ctx, next) => (ctx.path === path ? guard(ctx, next) : next()))
      }
      app.use(ctx => {
        ctx.body = { ok: true }
      })
      return app.callback()
    },
  },
  {
    name: 'Passport',
    listener: keys => {
      const own = new passport.Passport()
      own.use(keyStrategy(keys))
      const app = express5()
      const ok = (_request: unknown, response: { json(body: object): void }) => response.json({ ok: true })
      const login = own.authenticate('api-key', { session: false })
      app.get('/plain', login, ok)
      app.get('/exports', login, requireKey(keys, 'reports:read', { limit: 'exports', cost: 2 }), ok)
      app.get('/rows', login, requireKey(keys, 'reports:read', { limit: 'exports', cost: rows }), ok)
      app.get('/twice', login, requireKey(keys, 'reports:read', { limit: 'exports' }), ok)
      return app
    },
  },
  {
    name: 'Fetch',
    listener: keys => async (incoming, outgoing) => {
      const url = new URL(incoming.url ?? '', 'http://localhost')
      const asked = new Request(url, { headers: { authorization: incoming.headers.authorization ?? '' } })
      if (url.pathname === '/twice') await verifyRequest(keys, asked)
      const options = {
        '/exports': { limit: 'exports', cost: 2 },
        '/rows': { limit: 'exports', cost: () => Number(url.searchParams.get('rows')) },
        '/twice': { limit: 'exports' },
      }[url.pathname]
      const verified = await verifyRequest(keys, asked, 'reports:read', options ?? {}).catch(() => null)
      if (verified === null) return void outgoing.writeHead(500).end()
      const headers = verified.ok ? verified.headers : Object.fromEntries(verified.response.headers)
      outgoing.writeHead(verified.ok ? 200 : verified.status, headers)
      outgoing.end(verified.ok ? '{"ok":true}' : await verified.response.text())
    },
  },
]

/** What is left, by name. */
function leftIn({ headers }: request.Response): string[] {
  const items = (headers.ratelimit ?? '').split(', ')
  return items.map((item: string) => item.replace(/;t=\d+$/, '')).sort()
}

describe.each(APPS)('Limits on routes ($name)', ({ name, listener }) => {
  let keys: TestKeys
  let get: (path: string) => request.Test
  beforeEach(async () => {
    // Without a user every key's request goes on with none, which Passport does not take for a login.
    keys = testKeys({ logger: { warn: () => {}, error: () => {} } })
    const { token } = await keys.create({
      name: 'k',
      owner: { id: 'alice' },
      permissions: ['reports:read'],
      limits: LIMITS,
    })
    const http = request(createServer(listener(keys)))
    get = path => http.get(path).set('Authorization', `Bearer ${token}`)
  })

  it('tells of every limit that was drawn on, let in or not', async () => {
    const first = await get('/plain')
    expect(first.status).toBe(200)
    expect(first.headers['ratelimit-policy']).toBe(`"requests";q=10;w=${WINDOW}`)
    const [, left, seconds] = /^"requests";r=(\d+);t=(\d+)$/.exec(first.headers.ratelimit ?? '') ?? []
    expect(left).toBe('9')
    expect(Number(seconds)).toBeGreaterThan(0)
    expect(Number(seconds)).toBeLessThanOrEqual(WINDOW)

    expect(leftIn(await get('/exports'))).toEqual(['"exports";r=3', '"requests";r=8'])
    expect(leftIn(await get('/exports'))).toEqual(['"exports";r=1', '"requests";r=7'])
    const refused = await get('/exports')
    expect(refused.status).toBe(429)
    expect(refused.headers.ratelimit).toMatch(/"exports";r=1;t=\d+/)
    expect(refused.headers['ratelimit-policy']).toContain('"exports";q=5;w=86400')
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    if (name !== 'Passport') expect(refused.body.code).toBe('RATE_LIMITED')
    expect((await get('/plain')).headers.ratelimit).toMatch(/^"requests";r=[56];/)
  })

  it('draws what a function of the request works out, and lets nobody by where that is no cost', async () => {
    expect((await get('/rows?rows=4')).headers.ratelimit).toMatch(/"exports";r=1;/)
    expect((await get('/rows?rows=2')).status).toBe(429)
    expect((await get('/rows?rows=1')).status).toBe(200)
    for (const rows of ['-3', 'x', '0.5']) expect((await get(`/rows?rows=${rows}`)).status).toBe(500)
  })

  it('draws on each limit once a request, however many ask', async () => {
    expect((await get('/twice')).headers.ratelimit).toMatch(/"exports";r=4;/)
    expect((await get('/plain')).headers.ratelimit).toMatch(/^"requests";r=8;/)
  })
})

it('draws nothing for requests to the router: a key may always look at itself, and revoke itself', async () => {
  const keys = testKeys()
  const { token, apiKey } = await keys.create({
    name: 'k',
    owner: { id: 'alice' },
    limits: { requests: { points: 2, per: '24d' } },
    credits: { balance: 0 },
  })
  const app = express5().use('/api-keys', keyRouter(keys)).use(requireKey(keys))
  const ask = (path: string, method: 'get' | 'post' = 'get') =>
    request(app)[method](path).set('x-api-key', token)
  expect((await ask('/')).body.code).toBe('CREDITS_EXHAUSTED')
  expect(await keys.verify(token, { cost: 3 })).toMatchObject({ code: 'RATE_LIMITED' })
  for (let i = 0; i < 3; i++) {
    const me = await ask('/api-keys/me')
    expect([me.status, me.headers.ratelimit]).toEqual([200, expect.stringMatching(/^"requests";r=2;t=\d+$/)])
  }
  expect((await ask(`/api-keys/${apiKey.id}/revoke`, 'post')).status).toBe(200)
  const { data } = await keys.usage({ keyId: apiKey.id, by: 'day' })
  expect(data.at(-1)?.outcomes).toEqual({ accepted: 4, CREDITS_EXHAUSTED: 1, RATE_LIMITED: 1 })
})

it.each([{ limit: '' }, { limit: [] }, { limit: ['a b'] }, { cost: -1 }, { cost: 0.5 }, { cost: '1' }])(
  'refuses a route that asks %j',
  options => {
    expect(() => requireKey(testKeys(), undefined, options as object)).toThrow(/options?|limit|cost/)
  },
)
