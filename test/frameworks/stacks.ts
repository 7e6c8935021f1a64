/** Apps with something around the router: mounts in mounts, parsers, compression, CORS, proxies that are trusted. */
import type http from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import compression from 'compression'
import express5 from 'express'
import express4 from 'express4'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { cors } from 'hono/cors'
import Koa3 from 'koa'
import koaCompress from 'koa-compress'
import mount from 'koa-mount'
import * as onExpress from 'sidekey/express'
import { keyHandler, verifyRequest } from 'sidekey/fetch'
import * as onKoa from 'sidekey/koa'
import type { RouterOptions } from '../../src/http/router-options.js'
import { type TestKeys, type TestUser, USERS } from '../support/keys.js'
import '../http/documented.js'

// Its types are those of Koa 3, of which only what both have is used here.
const Koa2 = require('koa2') as typeof Koa3

/** What an app has before the router. */
export type Before = 'nothing' | 'json' | 'text' | 'bytes' | 'compression' | 'cors'

export interface Setup {
  /** Where the router is: each level is mounted in the one before. */
  readonly levels?: readonly string[]
  readonly before?: Before
  /** Whether the app believes the one proxy before it. */
  readonly trustsProxy?: boolean
  readonly options?: RouterOptions<object>
}

export interface Stack {
  readonly name: string
  /** Whether its apps read bodies before the router, and leave what they have read. */
  readonly parses: boolean
  /** The app: `/reports`, `/optional` and `/either` take keys, and answer more than 2 KiB. */
  readonly app: (keys: TestKeys, setup?: Setup) => http.RequestListener
}

/** The page whose origin the apps with CORS let in. */
export const PAGE = 'https://page.example.com'
const REPORT = { report: 'x'.repeat(2048) }
const userNamed = (name: unknown): TestUser | undefined => USERS.find(({ id }) => id === name)

function overExpress(express: typeof express5, nest: () => express5.IRouter): Stack['app'] {
  const before: Readonly<Record<Before, readonly express5.RequestHandler[]>> = {
    nothing: [],
    json: [express.json()],
    text: [express.text({ type: '*/*' })],
    bytes: [express.raw({ type: '*/*' })],
    compression: [compression({ threshold: 0 })],
    cors: [
      (_req, res, next) => {
        res.vary('Origin').set('Access-Control-Allow-Origin', PAGE)
        next()
      },
    ],
  }
  return (
    keys,
    { levels = ['/api-keys'], before: has = 'nothing', trustsProxy = false, options = {} } = {},
  ) => {
    const app = express()
    app.set('trust proxy', trustsProxy ? 1 : false)
    app.use((req, _res, next) => {
      Reflect.set(req, 'user', userNamed(req.headers['x-user']))
      next()
    })
    for (const handler of before[has]) app.use(handler)
    const { keyRouter, optionalKey, requireKey, requireUserOrKey } = onExpress
    const router: express5.RequestHandler = keyRouter(keys, options)
    app.use(levels.reduceRight<express5.RequestHandler>((inner, level) => nest().use(level, inner), router))
    const tell: express5.RequestHandler = (_req, res) => void res.json(REPORT)
    app.get('/reports', requireKey(keys, 'reports:read'), tell)
    app.get('/optional', optionalKey(keys), tell)
    app.get('/either', requireUserOrKey(keys), tell)
    return app
  }
}

/** How the router is put below its levels. */
type Nesting = (
  levels: readonly string[],
  router: (options: { path?: string }) => Koa3.Middleware,
) => Koa3.Middleware

const byMounts: Nesting = (levels, router) =>
  levels.reduceRight<Koa3.Middleware>((inner, level) => mount(level, inner), router({}))

const byRouters: Nesting = (levels, router) => {
  const [last = '', ...outer] = [...levels].reverse()
  const own = router({ path: levels.join('') }) as Parameters<Router['all']>[1] // a context that a router has made more of
  const innermost = new Router().all(`${last}{/*below}`, own)
  const all = outer.reduce((inner, level) => new Router().use(level, inner.routes()), innermost)
  return all.routes() as Koa3.Middleware // as above
}

function overKoa(Koa: typeof Koa3, nesting: Nesting): Stack['app'] {
  const before: Readonly<Record<Before, readonly Koa3.Middleware[]>> = {
    nothing: [],
    json: [bodyParser()],
    text: [bodyParser({ enableTypes: ['text'], extendTypes: { text: ['application/json'] } })],
    bytes: [
      async (ctx, next) => {
        Reflect.set(ctx.request, 'body', Buffer.concat(await ctx.req.toArray()))
        await next()
      },
    ],
    compression: [koaCompress({ threshold: 0 })],
    cors: [
      async (ctx, next) => {
        ctx.vary('Origin')
        ctx.set('Access-Control-Allow-Origin', PAGE)
        await next()
      },
    ],
  }
  return (
    keys,
    { levels = ['/api-keys'], before: has = 'nothing', trustsProxy = false, options = {} } = {},
  ) => {
    const app = new Koa({ proxy: trustsProxy, maxIpsCount: 1 })
    app.silent = true
    app.use((ctx, next) => {
      ctx.state.user = userNamed(ctx.headers['x-user'])
      return next()
    })
    for (const middleware of before[has]) app.use(middleware)
    const { keyRouter, optionalKey, requireKey, requireUserOrKey } = onKoa
    app.use(nesting(levels, where => keyRouter(keys, { ...options, ...where })))
    const guards: Readonly<Record<string, Koa3.Middleware>> = {
      '/reports': requireKey(keys, 'reports:read'),
      '/optional': optionalKey(keys),
      '/either': requireUserOrKey(keys),
    }
    app.use(async ctx => {
      await guards[ctx.path]?.(ctx, async () => {
        ctx.body = REPORT
      })
    })
    return app.callback()
  }
}

function overHono(): Stack['app'] {
  const before: Readonly<Record<Before, readonly MiddlewareHandler[]>> = {
    nothing: [],
    json: [],
    text: [],
    bytes: [],
    compression: [compress({ threshold: 0 })],
    cors: [cors({ origin: [PAGE] })],
  }
  return (
    keys,
    { levels = ['/api-keys'], before: has = 'nothing', trustsProxy = false, options = {} } = {},
  ) => {
    const app = new Hono()
    for (const middleware of before[has]) app.use(middleware)
    const handler = keyHandler(keys, { ...options, path: levels.join('') })
    const contextOf = (c: Context) => ({
      user: userNamed(c.req.header('x-user')),
      ip:
        (trustsProxy && c.req.header('x-forwarded-for')?.split(/, */).at(-1)) ||
        getConnInfo(c).remote.address ||
        '',
    })
    /** At the address that the proxy was asked at. */
    const requestOf = (c: Context) => {
      const [host] = (trustsProxy && c.req.header('x-forwarded-host')?.split(/, */)) || []
      const { pathname, search } = new URL(c.req.url)
      return host === undefined ? c.req.raw : new Request(`https://${host}${pathname}${search}`, c.req.raw)
    }
    const [last = '', ...outer] = [...levels].reverse()
    const innermost = new Hono()
    for (const path of [last, `${last}/*`]) innermost.all(path, c => handler(requestOf(c), contextOf(c)))
    const all = outer.reduce((inner, level) => new Hono().route(level, inner), innermost)
    app.route('/', all)
    app.get('/reports', async c => {
      const verified = await verifyRequest(keys, c.req.raw, 'reports:read', { ip: contextOf(c).ip })
      return verified.ok ? c.json(REPORT) : verified.response
    })
    return getRequestListener(app.fetch)
  }
}

const express4Typed = express4 as unknown as typeof express5 // only what both have is used

export const STACKS: readonly Stack[] = [
  { name: 'Express 5', parses: true, app: overExpress(express5, () => express5.Router()) },
  { name: 'Express 5, apps in apps', parses: true, app: overExpress(express5, () => express5()) },
  { name: 'Express 4', parses: true, app: overExpress(express4Typed, () => express4Typed.Router()) },
  { name: 'Koa 3, by koa-mount', parses: true, app: overKoa(Koa3, byMounts) },
  { name: 'Koa 3, by @koa/router', parses: true, app: overKoa(Koa3, byRouters) },
  { name: 'Koa 2, by @koa/router', parses: true, app: overKoa(Koa2, byRouters) },
  { name: 'fetch, by Hono', parses: false, app: overHono() },
]
