/** Express 4 and 5. Thin: the router and the checks are in this folder's other files. */
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { SidekeyError } from '../errors.js'
import { internalsOf, withoutCatalogue } from '../internals.js'
import type { ManagementPermission, Requirement } from '../key/permission.js'
import type { ApiKey } from '../key/record.js'
import type { ApiKeys } from '../sidekey.js'
import { nodeBody } from './body.js'
import { enter, setHeaders, trustsProxy, viewOf } from './express-request.js'
import { type GateOptions, gate, type Passage } from './gate.js'
import { handle, splitUrl } from './handler.js'
import { userOf } from './login.js'
import { type Answer, problemAnswer, textOf } from './problem.js'
import { type RouterOptions as RouterOptionsOf, routerSettings } from './router-options.js'

export type { LeakPolicy } from '../manage/leaks.js'
export type { LeakOptions, PublishedKey, PublishedKeys } from './leak-options.js'
export type { ThemeProperty, UiOptions } from './ui-options.js'

declare global {
  namespace Express {
    interface Request {
      /** The key that the request was made with. */
      apiKey?: ApiKey | undefined
    }
  }
}

/**
 * The options of {@link keyRouter}.
 * @interface
 */
export type RouterOptions = RouterOptionsOf<Request>

/**
 * What a route may ask besides permissions.
 * @interface
 */
export type RequireOptions = GateOptions<Request>

/**
 * Lets requests in that are made with a key which meets the requirement. Sets `req.apiKey`, and `req.user` to what the
 * option `user` loads. Everyone else is answered with a problem document: 401, 403, 503.
 *
 * @param requirement a permission, an array (all of them), `{ any }` or `{ all }`; none: any valid key will do
 *
 * @example
 * ```ts
 * app.get('/reports', requireKey(keys, 'reports:read'), (req, res) => res.json(reportsOf(req.user)))
 * ```
 */
export function requireKey<P extends string>(
  keys: ApiKeys<P>,
  requirement?: Requirement<NoInfer<P> | ManagementPermission>,
  options: RequireOptions = {},
): RequestHandler {
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
): RequestHandler {
  return guard(gate(withoutCatalogue(keys), 'optional', requirement, options))
}

/**
 * Lets in the app's own logged-in user, or a request made with a key that meets the requirement. A key that is
 * presented counts, whoever is logged in. Takes the place of Passport's `['session', 'api-key']`, in which the session
 * strategy always passes and the key is never asked.
 */
export function requireUserOrKey<P extends string>(
  keys: ApiKeys<P>,
  requirement?: Requirement<NoInfer<P> | ManagementPermission>,
  options: RequireOptions = {},
): RequestHandler {
  return guard(gate(withoutCatalogue(keys), 'userOrKey', requirement, options))
}

/**
 * The REST API of keys, for owners, organisations' admins and admins. Mount it after the app's own session or Passport
 * middleware: it tells who asks by `req.user`, and by the key where the request was made with one.
 *
 * @example
 * ```ts
 * app.use('/api-keys', keyRouter(keys))
 * ```
 */
export function keyRouter<P extends string>(keys: ApiKeys<P>, options: RouterOptions = {}): RequestHandler {
  const plain = withoutCatalogue(keys)
  internalsOf(keys)
  const settings = routerSettings(options)
  return (request, response, next) => {
    const [path, query] = pathAndQuery(request)
    handle(plain, {
      ...viewOf(request),
      method: request.method,
      user: userOf(request),
      path,
      query: new URLSearchParams(query),
      base: request.baseUrl,
      hosts: hostsOf(request),
      settings,
      // Sessions and Passport leave their marks on each request that they have seen.
      sawLogin: ['session', 'user', 'isAuthenticated'].some(mark => mark in request),
      body: () => nodeBody(request, request.body),
    })
      .then(answer => send(response, answer, request.method))
      .catch(next)
  }
}

/**
 * Answers sidekey's errors as problem documents, where they come through an app's own handlers or Passport; passes all
 * others on. Use it after the routes.
 */
export function problemHandler(): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (!(error instanceof SidekeyError) || response.headersSent) return next(error)
    send(response, problemAnswer(error), request.method)
  }
}

function guard(pass: ReturnType<typeof gate<Request>>): RequestHandler {
  return (request, response, next) => {
    const go = (passage: Passage) => {
      if (passage.is === 'refused') return send(response, passage.answer, request.method)
      if (passage.is === 'in') enter(request, passage.apiKey, passage.user)
      setHeaders(response, passage.headers)
      next()
    }
    const passage = pass(request, viewOf(request), () => userOf(request))
    if (passage instanceof Promise) passage.then(go, next)
    else go(passage)
  }
}

/** What is below the mount. Express 4 cuts a mount off with the slash behind it, so that `//me` would pass for `/me`. */
function pathAndQuery({ url, originalUrl, baseUrl }: Request): [path: string, query: string] {
  const [path, query] = splitUrl(url)
  const lost = originalUrl.startsWith(`${baseUrl}//`) && !path.startsWith('//')
  return [lost ? `/${path}` : path, query]
}

function hostsOf(request: Request): string[] {
  // Of several proxies the first has seen the host that the client has asked for.
  const forwarded = trustsProxy(request) ? request.headers['x-forwarded-host'] : undefined
  const [first] = [forwarded].flat().join(',').split(',')
  return [request.headers.host ?? '', first?.trim() ?? ''].filter(host => host !== '')
}

function send(response: Response, answer: Answer, method: string): void {
  // A time-out of the app's, say, may have answered meanwhile.
  if (response.headersSent) return
  response.statusCode = answer.status
  setHeaders(response, answer.headers)
  const text = method === 'HEAD' ? null : textOf(answer)
  if (text === null) response.end()
  else response.end(text)
}
