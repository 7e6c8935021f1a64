/** Koa 2 and 3. Thin: the router and the checks are in this folder's other files. */
import type { Context, Middleware } from 'koa'
import { SidekeyError } from '../errors.js'
import { internalsOf, withoutCatalogue } from '../internals.js'
import type { ManagementPermission, Requirement } from '../key/permission.js'
import type { ApiKeys } from '../sidekey.js'
import { nodeBody } from './body.js'
import { type GateOptions, gate } from './gate.js'
import { below, handle, splitUrl } from './handler.js'
import { enterKoa, koaView } from './koa-request.js'
import { type Answer, problemAnswer, textOf } from './problem.js'
import { type MountOptions as MountOptionsOf, mountSettings } from './router-options.js'
import { mergedVary } from './vary.js'

export type { LeakPolicy } from '../manage/leaks.js'
export type { LeakOptions, PublishedKey, PublishedKeys } from './leak-options.js'
export type { ThemeProperty, UiOptions } from './ui-options.js'

/**
 * The options of {@link keyRouter}.
 * @interface
 */
export type MountOptions = MountOptionsOf<Context>

/**
 * What a route may ask besides permissions.
 * @interface
 */
export type RequireOptions = GateOptions<Context>

/**
 * Lets requests in that are made with a key which meets the requirement. Sets `ctx.state.apiKey`, and `ctx.state.user` to
 * what the option `user` loads. Everyone else is answered with a problem document: 401, 403, 503.
 *
 * @param requirement a permission, an array (all of them), `{ any }` or `{ all }`; none: any valid key will do
 *
 * @example
 * ```ts
 * router.get('/reports', requireKey(keys, 'reports:read'), ctx => { ctx.body = reportsOf(ctx.state.user) })
 * ```
 */
export function requireKey<P extends string>(
  keys: ApiKeys<P>,
  requirement?: Requirement<NoInfer<P> | ManagementPermission>,
  options: RequireOptions = {},
): Middleware {
  return guard(gate(withoutCatalogue(keys), 'key', requirement, options))
}

/**
 * Lets requests without a key pass as they are; a key that is presented must be valid, and meet the requirement if there
 * is one. A `Bearer` token that is not one of ours is left to the app.
 */
export function optionalKey<P extends string>(
  keys: ApiKeys<P>,
  requirement?: Requirement<NoInfer<P> | ManagementPermission>,
  options: RequireOptions = {},
): Middleware {
  return guard(gate(withoutCatalogue(keys), 'optional', requirement, options))
}

/**
 * Lets in the app's own logged-in user (`ctx.state.user`), or a request made with a key that meets the requirement. A key
 * that is presented counts, whoever is logged in.
 */
export function requireUserOrKey<P extends string>(
  keys: ApiKeys<P>,
  requirement?: Requirement<NoInfer<P> | ManagementPermission>,
  options: RequireOptions = {},
): Middleware {
  return guard(gate(withoutCatalogue(keys), 'userOrKey', requirement, options))
}

/**
 * The REST API of keys, for owners, organisations' admins and admins. Mount it after the app's own login: it tells who asks
 * by `ctx.state.user`, and by the key where the request was made with one.
 *
 * @param options `path` says where it is mounted; without it, mount it by koa-mount
 *
 * @example
 * ```ts
 * app.use(keyRouter(keys, { path: '/api-keys' }))
 * ```
 */
export function keyRouter<P extends string>(keys: ApiKeys<P>, options: MountOptions = {}): Middleware {
  const plain = withoutCatalogue(keys)
  internalsOf(keys)
  const { mount, settings } = mountSettings(options)
  return async (ctx, next) => {
    const path = below(mount, ctx.path)
    if (path === null) return next()
    const answer = await handle(plain, {
      ...koaView(ctx),
      method: ctx.method,
      user: ctx.state.user,
      path,
      query: new URLSearchParams(ctx.querystring),
      base: baseOf(ctx.originalUrl, path) ?? mount,
      settings,
      hosts: [ctx.headers.host, ctx.host].filter(host => host !== undefined),
      body: () => nodeBody(ctx.req, Reflect.get(ctx.request, 'body'), Reflect.get(ctx.request, 'rawBody')),
    })
    send(ctx, answer)
  }
}

/**
 * Answers sidekey's errors as problem documents, where they come through an app's own handlers; throws all others on. Use
 * it before the routes.
 */
export function problemHandler(): Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      if (!(error instanceof SidekeyError) || ctx.headerSent) throw error
      send(ctx, problemAnswer(error))
    }
  }
}

function guard(pass: ReturnType<typeof gate<Context>>): Middleware {
  return async (ctx, next) => {
    const passage = await pass(ctx, koaView(ctx), () => ctx.state.user)
    if (passage.is === 'refused') return send(ctx, passage.answer)
    if (passage.is === 'in') enterKoa(ctx, passage.apiKey, passage.user)
    setHeaders(ctx, passage.headers)
    return next()
  }
}

/** What is before the path below the mount, whoever has taken off how much of it. */
function baseOf(originalUrl: string, path: string): string | null {
  const [whole] = splitUrl(originalUrl)
  // koa-mount makes a slash of nothing.
  const rest = path === '/' && !whole.endsWith('/') ? '' : path
  return whole.endsWith(rest) ? whole.slice(0, whole.length - rest.length) : null
}

function setHeaders(ctx: Context, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    ctx.set(name, name === 'vary' ? mergedVary(ctx.response.headers.vary, value) : value)
  }
}

function send(ctx: Context, answer: Answer): void {
  if (ctx.headerSent) return
  ctx.status = answer.status
  setHeaders(ctx, answer.headers)
  ctx.body = textOf(answer)
}
