/** One app, over every framework: a login of its own (a header), the router, and routes that take keys. */
import type http from 'node:http'
import { Readable } from 'node:stream'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import express5 from 'express'
import express4 from 'express4'
import Koa3 from 'koa'
import mount from 'koa-mount'
import type { KeyManagement } from 'sidekey'
import * as onExpress from 'sidekey/express'
import { type FetchContext, keyHandler, verifyRequest } from 'sidekey/fetch'
import * as onKoa from 'sidekey/koa'
import '../http/documented.js'
import type { RouterOptions } from '../../src/http/router-options.js'
import { type TestKeys, type TestUser, USERS } from '../support/keys.js'

// Its types are those of Koa 3, of which only what both have is used here.
const Koa2 = require('koa2') as typeof Koa3

/** What the routes of the app tell of who came in. */
export interface Seen {
  readonly user: string | null
  readonly apiKey: string | null
}

export interface Framework {
  readonly name: string
  /** The app, as what a server calls. */
  readonly app: (keys: TestKeys, options?: RouterOptions<object>) => http.RequestListener
  /** A header of the framework's own request, read as its apps do. */
  readonly headerOf: (request: object, name: string) => string | null
}

const userNamed = (name: unknown): TestUser | undefined => USERS.find(({ id }) => id === name)
const seenOf = (user: unknown, apiKey: { id: string } | undefined): Seen => ({
  user: (user as TestUser | undefined)?.id ?? null, // the app's own user
  apiKey: apiKey?.id ?? null,
})
/** What a handler of the app's own sees through `keys.as`. */
const ownKeys = async (face: KeyManagement<never>) => (await face.list()).data.map(({ name }) => name)
const PROJECT = { kind: 'secret' } as const

function overExpress(express: typeof express5, parser: boolean): Framework['app'] {
  return (keys, options = {}) => {
    const app = express()
    app.use((req, _res, next) => {
      const user = userNamed(req.headers['x-user'])
      if (user !== undefined) Reflect.set(req, 'user', user)
      next()
    })
    // As a route needs it that looks at a body as it was sent.
    const verify = (req: object, _res: object, bytes: Buffer) => void Reflect.set(req, 'rawBody', bytes)
    if (parser) app.use(express.json({ verify }))
    const tell: express5.RequestHandler = (req, res) =>
      void res.json(seenOf(Reflect.get(req, 'user'), req.apiKey))
    const { keyRouter, optionalKey, problemHandler, requireKey, requireUserOrKey } = onExpress
    app.use('/api-keys', keyRouter(keys, options))
    app.get('/reports', requireKey(keys, 'reports:read'), requireKey(keys), tell)
    app.get('/optional', optionalKey(keys), tell)
    app.get('/either', requireUserOrKey(keys, 'reports:read'), tell)
    app.get(
      '/things/:id',
      requireKey(keys, 'reports:read', { ...PROJECT, resource: req => `thing:${req.params.id}` }),
      tell,
    )
    app.get('/own', optionalKey(keys), (req, res, next) => {
      ownKeys(keys.as(Reflect.get(req, 'user'), req)).then(names => res.json(names), next)
    })
    app.use(problemHandler())
    return app
  }
}

function overKoa(
  Koa: typeof Koa3,
  { parser, mounted }: { readonly parser: boolean; readonly mounted: boolean },
): Framework['app'] {
  return (keys, options = {}) => {
    const app = new Koa()
    app.silent = true
    const router = new Router()
    const { keyRouter, optionalKey, problemHandler, requireKey, requireUserOrKey } = onKoa
    app.use(problemHandler())
    app.use((ctx, next) => {
      ctx.state.user = userNamed(ctx.headers['x-user'])
      return next()
    })
    if (parser) app.use(bodyParser())
    app.use(
      mounted
        ? mount('/api-keys', keyRouter(keys, options))
        : keyRouter(keys, { ...options, path: '/api-keys' }),
    )
    const tell: Koa3.Middleware = ctx => {
      ctx.body = seenOf(ctx.state.user, ctx.state.apiKey)
    }
    router.get('/reports', requireKey(keys, 'reports:read'), requireKey(keys), tell)
    router.get('/optional', optionalKey(keys), tell)
    router.get('/either', requireUserOrKey(keys, 'reports:read'), tell)
    const resource = (ctx: Koa3.Context) => `thing:${ctx.params.id}`
    router.get('/things/:id', requireKey(keys, 'reports:read', { ...PROJECT, resource }), tell)
    router.get('/own', optionalKey(keys), async ctx => {
      ctx.body = await ownKeys(keys.as(ctx.state.user, ctx))
    })
    app.use(router.routes())
    return app.callback()
  }
}

/** A server's view of a function from request to answer, as Hono and others have it. */
function overFetch(keys: TestKeys, options: RouterOptions<object> = {}): http.RequestListener {
  const handler = keyHandler(keys, { ...options, path: '/api-keys' })
  const serve = async (request: Request, context: FetchContext): Promise<Response> => {
    const { pathname } = new URL(request.url)
    if (pathname === '/api-keys' || pathname.startsWith('/api-keys/')) return handler(request, context)
    const has =
      request.headers.has('x-api-key') || request.headers.get('authorization')?.includes('acme_test_')
    const session = Response.json(seenOf(context.user, undefined))
    if (pathname === '/optional' && !has) return session
    if (pathname === '/either' && !has && context.user !== undefined) return session
    const thing = /^\/things\/(.+)$/.exec(pathname)?.[1]
    const about = thing === undefined ? {} : { ...PROJECT, resource: `thing:${thing}` }
    const asks = pathname === '/optional' || pathname === '/own' ? undefined : 'reports:read'
    const verified = await verifyRequest(keys, request, asks, {
      ...(context.ip && { ip: context.ip }),
      ...about,
    })
    if (!verified.ok) return verified.response
    // Once more, as a second check in a real app would: it is verified once all the same.
    await verifyRequest(keys, request)
    if (pathname === '/own') return Response.json(await ownKeys(keys.as(verified.user, request)))
    const sunset = verified.tokenEndsAt?.toUTCString()
    return Response.json(
      seenOf(verified.user, verified.apiKey),
      sunset === undefined ? {} : { headers: { sunset } },
    )
  }
  return (req, res) => {
    const headers = Object.entries(req.headers).map(
      ([name, value]) => [name, String(value)] as [string, string],
    )
    const withBody = req.method !== 'GET' && req.method !== 'HEAD'
    const has = req.headers['content-length'] !== undefined || req.headers['transfer-encoding'] !== undefined
    const request = new Request(`http://${req.headers.host}${req.url}`, {
      method: req.method ?? 'GET',
      headers,
      ...(withBody && has && { body: Readable.toWeb(req) as ReadableStream, duplex: 'half' }), // the same stream by two types
    })
    const user = userNamed(req.headers['x-user'])
    const ip = req.socket.remoteAddress
    serve(request, { ...(user && { user }), ...(ip && { ip }) }).then(
      async response => {
        res.writeHead(response.status, Object.fromEntries(response.headers))
        res.end(Buffer.from(await response.arrayBuffer()))
      },
      error => {
        res.statusCode = 500
        res.end(String(error))
      },
    )
  }
}

// Each is given its own framework's request.
const ofExpress: Framework['headerOf'] = (req, name) => (req as express5.Request).get(name) ?? null
const ofKoa: Framework['headerOf'] = (ctx, name) => (ctx as Koa3.Context).get(name)
const ofFetch: Framework['headerOf'] = (request, name) => (request as Request).headers.get(name)

export const FRAMEWORKS: readonly Framework[] = [
  { name: 'Express 5', app: overExpress(express5, false), headerOf: ofExpress },
  { name: 'Express 5 after express.json()', app: overExpress(express5, true), headerOf: ofExpress },
  // Only what both have is used.
  {
    name: 'Express 4',
    app: overExpress(express4 as unknown as typeof express5, false),
    headerOf: ofExpress,
  },
  { name: 'Koa 3', app: overKoa(Koa3, { parser: false, mounted: false }), headerOf: ofKoa },
  {
    name: 'Koa 3 by koa-mount, after a body parser',
    app: overKoa(Koa3, { parser: true, mounted: true }),
    headerOf: ofKoa,
  },
  { name: 'Koa 2', app: overKoa(Koa2, { parser: false, mounted: false }), headerOf: ofKoa },
  { name: 'fetch', app: overFetch, headerOf: ofFetch },
]
