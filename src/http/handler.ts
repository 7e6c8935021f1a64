/** The router without a framework: finds the route, tells who asks, answers. */
import { invalidInput, invalidOption, SidekeyError } from '../errors.js'
import { internalsOf } from '../internals.js'
import { isNobody } from '../manage/actor.js'
import type { ChangeOptions } from '../manage/change.js'
import { checkedId } from '../manage/find.js'
import type { ApiKeys } from '../sidekey.js'
import { tellOnce } from '../tell.js'
import { parseInput } from '../validation.js'
import { admit, identify } from './authenticate.js'
import { type Body, readJson } from './body.js'
import { conditionIn } from './condition.js'
import { refuseCrossOrigin } from './cross-origin.js'
import { type Answer, noRoute, problemAnswer, refusalAnswer } from './problem.js'
import { ROUTES, type Route, type RouteAnswer } from './routes.js'
import { sunsetOf } from './sunset.js'
import type { RequestView } from './view.js'

/** The options of a router that is mounted by the framework. */
export interface RouterOptions {
  /**
   * Changes of a record must name its version by `If-Match`, or say `*`: 428 where they do not. So nobody undoes what
   * they have not seen. Default: `false`.
   */
  readonly requireIfMatch?: boolean
}

/** The options of a router that is told where it is mounted. */
export interface MountOptions extends RouterOptions {
  /** Where it is mounted, such as `/api-keys`. Default: what mounts it takes its own path off (koa-mount does). */
  readonly path?: string
}

/** @throws SidekeyError `INVALID_OPTION` */
export function checkRouterOptions({ requireIfMatch, ...unknown }: RouterOptions): void {
  refuseUnknown(unknown)
  if (requireIfMatch !== undefined && typeof requireIfMatch !== 'boolean') {
    throw invalidOption([{ path: 'requireIfMatch', message: 'takes true or false' }])
  }
}

/**
 * The mount of a router.
 * @throws SidekeyError `INVALID_OPTION`
 */
export function mountOf({ path = '', ...options }: MountOptions): string {
  checkRouterOptions(options)
  if (path !== '' && !/^(?:\/[A-Za-z0-9._~-]+)+$/.test(path)) {
    throw invalidOption([{ path: 'path', message: 'takes a path such as "/api-keys"' }])
  }
  return path
}

function refuseUnknown(options: object): void {
  const faults = Object.keys(options).map(path => ({ path, message: 'is not a known option' }))
  if (faults.length > 0) throw invalidOption(faults)
}

/** A request to the router. */
export interface RouterRequest extends RequestView {
  /** The app's user, as its own login has set it. */
  readonly user: unknown
  /** The path below the mount, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Where the router is mounted. */
  readonly base: string
  /** The hosts by which this server is addressed. */
  readonly hosts: readonly string[]
  /** Whether changes of a record must name its version. Default: no. */
  readonly requireIfMatch?: boolean
  /** Whether the app's login has seen the request before; `undefined`: it cannot be told. */
  readonly sawLogin?: boolean
  body(): Body
}

/** Path and query as they came: nothing is resolved or decoded, so what a guard of the app's saw is what is served. */
export function splitUrl(url: string): [path: string, query: string] {
  const mark = url.indexOf('?')
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}

/**
 * The path below a mount, or `null` where it is not below it.
 * @param mount such as `/api-keys`; empty: everything is below it
 */
export function below(mount: string, path: string): string | null {
  if (!path.startsWith(mount)) return null
  const rest = path.slice(mount.length)
  return rest === '' || rest.startsWith('/') ? rest : null
}

/** Answers a request to the router. Never rejects: what goes wrong is a problem document. */
export async function handle(keys: ApiKeys, request: RouterRequest): Promise<Answer> {
  try {
    return await route(keys, request)
  } catch (error) {
    const answer = problemAnswer(error)
    if (answer.status >= 500) {
      internalsOf(keys).config.logger.error({ err: error }, 'a request to the router failed')
    }
    return answer
  }
}

async function route(keys: ApiKeys, request: RouterRequest): Promise<Answer> {
  const { found, id } = match(request.method, request.path)
  // The body comes before the key is looked at: one that is held back must not keep a key's acceptance alive.
  const arrived = await settled(takesBody(found) ? bodyOf(keys, request) : Promise.resolve(undefined))
  const identified = await identify(keys, request)
  const admitted = identified.ok === null ? null : await admit(keys, identified, {})
  if (admitted?.ok === false) return refusalAnswer(admitted)
  if (admitted === null) refuseNobody(keys, found, request)
  if (admitted === null) refuseOtherOrigins(keys, request)
  if ('error' in arrived) throw arrived.error
  if (found.path.startsWith('/:id')) checkedId(id)

  const answer = json(
    await found.handle({
      keys: keys.as(request.user, request.native),
      madeBy: admitted?.accepted.apiKey ?? null,
      id,
      query: parseInput(found.query, parameters(request.query)),
      body: parseInput(found.body, arrived.value),
      condition: conditionFor(found, request),
      base: request.base,
    }),
  )
  const headers = admitted === null ? {} : sunsetOf(admitted.accepted)
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

/** Who is nobody is told so before anything that they sent is looked at. */
function refuseNobody(keys: ApiKeys, { by }: Route, { user, sawLogin, header }: RouterRequest): void {
  if (by === 'key') throw new SidekeyError('KEY_MISSING', 'This tells a key who it is: present one.')
  if (!isNobody(user)) return
  if (sawLogin === false && header('cookie') !== undefined) {
    const message = 'nobody is logged in, and no session has been looked at: mount keyRouter after the login'
    tellOnce(internalsOf(keys).config, 'router-before-login', message)
  }
  throw new SidekeyError('UNAUTHENTICATED', 'Log in first.')
}

function bodyOf(keys: ApiKeys, request: RouterRequest): Promise<unknown> {
  const body = request.body()
  if (body.present && body.lost) {
    const message = 'a body was read before keyRouter by something that has left nothing of it on the request'
    tellOnce(internalsOf(keys).config, 'body-already-read', message)
  }
  return readJson(body)
}

/** Only a change of one record can be bound to its version. */
function conditionFor(
  { method, path }: Route,
  { header, requireIfMatch = false }: RouterRequest,
): ChangeOptions {
  const changesOne = method !== 'GET' && path.startsWith('/:id')
  return changesOne ? conditionIn(header('if-match'), { required: requireIfMatch }) : {}
}

function takesBody({ method }: Route): boolean {
  return method === 'POST' || method === 'PATCH'
}

async function settled<T>(promise: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await promise }
  } catch (error) {
    return { error }
  }
}

function refuseOtherOrigins(keys: ApiKeys, { method, header, hosts }: RouterRequest): void {
  const facts = { method, hosts, origin: header('origin'), fetchSite: header('sec-fetch-site') }
  refuseCrossOrigin(facts, internalsOf(keys).config.trustedOrigins)
}

function match(method: string, path: string): { found: Route; id: string } {
  const wanted = method === 'HEAD' ? 'GET' : method
  const segments = path === '' || path === '/' ? [] : path.slice(1).replace(/\/$/, '').split('/')
  const [first = '', ...rest] = segments
  const named = ROUTES.filter(({ path: own }) => own === `/${segments.join('/')}`)
  const byId = first === '' ? [] : ROUTES.filter(({ path: own }) => own === ['/:id', ...rest].join('/'))
  const candidates = named.length > 0 && !segments.includes('') ? named : byId
  if (candidates.length === 0) throw noRoute()
  const found = candidates.find(candidate => candidate.method === wanted)
  if (found === undefined) {
    const allowed = candidates.map(candidate => candidate.method).join(', ')
    throw new SidekeyError('METHOD_NOT_ALLOWED', `Takes ${allowed}.`, { allow: allowed })
  }
  return { found, id: first }
}

/** The query's parameters; one that is given twice has no one meaning. */
function parameters(query: URLSearchParams): Record<string, string> {
  const seen = new Map<string, string>()
  for (const [name, value] of query) {
    if (seen.has(name)) throw invalidInput([{ path: name, message: 'is given twice' }])
    seen.set(name, value)
  }
  return Object.fromEntries(seen)
}

function json({ status, headers = {}, body }: RouteAnswer): Answer {
  // Records and tokens are for whoever asked: no cache keeps them.
  const common = { 'cache-control': 'no-store', ...headers }
  if (body === undefined) return { status, headers: common, body: null }
  return { status, headers: { 'content-type': 'application/json', ...common }, body }
}
