/** The router without a framework: finds the route, tells who asks, answers. */
import { invalidInput, SidekeyError } from '../errors.js'
import { internalsOf } from '../internals.js'
import { isNobody } from '../manage/actor.js'
import { auditActor } from '../manage/audit.js'
import { callerOf } from '../manage/caller.js'
import type { ChangeOptions } from '../manage/change.js'
import { checkedId } from '../manage/find.js'
import type { ApiKeys } from '../sidekey.js'
import { tellOnce } from '../tell.js'
import { parseInput, toldName } from '../validation.js'
import { accepts, preferred } from './accept.js'
import { admit, identify } from './authenticate.js'
import { type Body, readJson } from './body.js'
import { conditionIn } from './condition.js'
import { isSafe, refuseCrossOrigin } from './cross-origin.js'
import { CSV_TYPE } from './csv.js'
import { keyHeaders } from './key-headers.js'
import { readMessage } from './leaks.js'
import { type Answer, noRoute, problemAnswer, refusalAnswer } from './problem.js'
import { changesOne, type MediaType, offersOf, type RouteContext } from './route.js'
import type { RouterSettings } from './router-options.js'
import { ROUTES, type Route, type RouteAnswer } from './routes.js'
import { uiAnswer } from './ui.js'
import { mergedVary, varyOf } from './vary.js'
import type { RequestView } from './view.js'

/** A request to the router. */
export interface RouterRequest extends RequestView {
  readonly method: string
  /** The app's user, as its own login has set it. */
  readonly user: unknown
  /** The path below the mount, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Where the router is mounted. */
  readonly base: string
  /** The hosts by which this server is addressed. */
  readonly hosts: readonly string[]
  readonly settings: RouterSettings
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
  const { ui } = request.settings
  const page = ui === null ? null : uiAnswer(ui, request)
  if (page !== null) return page
  const answer = await route(keys, request).catch(error => failed(keys, error))
  const vary = mergedVary(answer.headers.vary, varyOf(internalsOf(keys).config))
  return { ...answer, headers: { ...answer.headers, vary } }
}

function failed(keys: ApiKeys, error: unknown): Answer {
  const answer = problemAnswer(error)
  if (answer.status >= 500) {
    internalsOf(keys).config.logger.error({ err: error }, 'a request to the router failed')
  }
  return answer
}

/** A key that is limited, or has no credits left, may still be looked at and revoked with itself. */
const FREE = { cost: 0 } as const

async function route(keys: ApiKeys, request: RouterRequest): Promise<Answer> {
  const { found, id } = match(request)
  const mediaType = wantedOf(found, request)
  if (found.by === 'partner') return answerOf(found, await found.handle(await fromPartner(keys, request)))
  // The body comes before the key is looked at: one that is held back must not keep a key's acceptance alive.
  const arrived = await settled(takesBody(found) ? bodyOf(keys, request) : Promise.resolve(undefined))
  const internals = internalsOf(keys)
  const identified = await identify(internals, request)
  const admitted = identified.ok === null ? null : await admit(internals, request, identified, FREE)
  if (admitted?.ok === false) return refusalAnswer(admitted)
  if (admitted === null) refuseNobody(keys, found, request)
  if (admitted === null) await refuseForged(keys, request)
  if ('error' in arrived) throw arrived.error
  if (found.path.startsWith('/:id')) checkedId(id)

  const answer = answerOf(
    found,
    await found.handle({
      keys: keys.as(request.user, request.native),
      who: () => nameOf(keys, request),
      madeBy: admitted?.accepted.apiKey ?? null,
      id,
      query: parseInput(found.query, parameters(request.query)),
      body: parseInput(found.body, arrived.value),
      condition: conditionFor(found, request),
      idempotencyKey: idempotencyKeyIn(request),
      base: request.base,
      settings: request.settings,
      mediaType,
      report: reporter(keys, request),
      goesOn: operation => void operation.catch(error => failed(keys, error)),
    }),
  )
  const headers = admitted === null ? {} : keyHeaders(admitted.accepted)
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

/** What a partner has signed. Neither a key nor a login of the request is looked at: it has no more rights by them. */
async function fromPartner(keys: ApiKeys, request: RouterRequest): Promise<RouteContext> {
  const { settings, base, native } = request
  if (settings.leaks === null) throw noRoute()
  const body = await readMessage(settings.leaks, internalsOf(keys).config, request)
  return {
    keys: keys.as(undefined, native),
    who: async () => 'partner',
    madeBy: null,
    id: '',
    query: {},
    body,
    condition: {},
    idempotencyKey: undefined,
    base,
    settings,
    mediaType: 'application/json',
    report: reporter(keys, request),
    goesOn: operation => void operation.catch(error => failed(keys, error)),
  }
}

function reporter(keys: ApiKeys, { settings: { leaks }, native }: RouterRequest): RouteContext['report'] {
  return found => {
    if (leaks === null) throw noRoute()
    return internalsOf(keys).reportLeaks(native, found, leaks.policyOf)
  }
}

/** Who is nobody is told so before anything that they sent is looked at. */
function refuseNobody(keys: ApiKeys, { by }: Route, { user, sawLogin, header }: RouterRequest): void {
  if (by === 'public') return
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
function conditionFor(route: Route, { header, settings: { requireIfMatch } }: RouterRequest): ChangeOptions {
  return changesOne(route) ? conditionIn(header('if-match'), { required: requireIfMatch }) : {}
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

/** Refuses what a page elsewhere may have made the browser of somebody who is logged in send. */
async function refuseForged(keys: ApiKeys, request: RouterRequest): Promise<void> {
  const { method, header, hosts, settings, native } = request
  const facts = { method, hosts, origin: header('origin'), fetchSite: header('sec-fetch-site') }
  refuseCrossOrigin(facts, internalsOf(keys).config.trustedOrigins)
  if (settings.csrf === null || isSafe(method) || (await settings.csrf(native)) === true) return
  throw new SidekeyError('CSRF_TOKEN_REQUIRED', "Send the app's CSRF token, as its other routes want it.")
}

async function nameOf(keys: ApiKeys, { user, native }: RouterRequest): Promise<string> {
  return JSON.stringify(auditActor(await callerOf(internalsOf(keys).config, user, native)))
}

/** What is answered where all is well; whoever takes no more than problems is answered JSON. */
function wantedOf(route: Route, { header }: RouterRequest): MediaType {
  const accept = header('accept')
  const offers = offersOf(route)
  const wanted = preferred(accept, offers)
  if (wanted !== null) return wanted
  if (accepts(accept, 'application/problem+json')) return 'application/json'
  const told = `The answer is ${offers.join(' or ')}; take it, or send no Accept.`
  throw new SidekeyError('NOT_ACCEPTABLE', told)
}

/** Bare, or in quotes as the IETF's draft has it. */
function idempotencyKeyIn({ header }: RouterRequest): string | undefined {
  return header('idempotency-key')
    ?.trim()
    .replace(/^"(.*)"$/, '$1')
}

function match({ method, path, settings }: RouterRequest): { found: Route; id: string } {
  const wanted = method === 'HEAD' ? 'GET' : method
  const segments = path === '' || path === '/' ? [] : path.slice(1).replace(/\/$/, '').split('/')
  const [first = '', ...rest] = segments
  const named = ROUTES.filter(({ path: own }) => own === `/${segments.join('/')}`)
  const byId = first === '' ? [] : ROUTES.filter(({ path: own }) => own === ['/:id', ...rest].join('/'))
  const candidates = named.length > 0 && !segments.includes('') ? named : byId
  const isOff = settings.leaks === null && candidates.some(({ by }) => by === 'partner')
  if (candidates.length === 0 || isOff) throw noRoute()
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
    if (seen.has(name)) throw invalidInput([{ path: toldName(name), message: 'is given twice' }])
    seen.set(name, value)
  }
  return Object.fromEntries(seen)
}

function answerOf(route: Route, { status, headers = {}, body, csv }: RouteAnswer): Answer {
  const vary = offersOf(route).length > 1 && { vary: 'accept' }
  // Records and tokens are for whoever asked: no cache keeps them. A name that somebody chose is not for a browser to guess a
  // type of.
  const common = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...vary, ...headers }
  if (csv !== undefined)
    return { status, headers: { 'content-type': CSV_TYPE, ...common }, body: null, text: csv }
  if (body === undefined) return { status, headers: common, body: null }
  return { status, headers: { 'content-type': 'application/json', ...common }, body }
}
