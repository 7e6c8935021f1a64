/** The router without a framework: finds the route, tells who asks, answers. */
import { invalidInput, SidekeyError } from '../errors.js'
import { internalsOf } from '../internals.js'
import { isKeyId } from '../key/token.js'
import type { ApiKeys } from '../sidekey.js'
import { identify } from './authenticate.js'
import { refuseCrossOrigin } from './cross-origin.js'
import { type Answer, problemAnswer, refusalAnswer } from './problem.js'
import { ROUTES, type Route, type RouteAnswer } from './routes.js'
import type { RequestView } from './view.js'

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
  /** Reads and parses the body; `undefined` where there is none. Rejects with `SidekeyError`. */
  body(): Promise<unknown>
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
  const identified = await identify(keys, request)
  if (identified.ok === false) return refusalAnswer(identified)
  const madeBy = identified.ok ? identified.apiKey : null
  if (madeBy === null) refuseOtherOrigins(keys, request)

  const answer = await found.handle({
    keys: keys.as(request.user, request.native),
    madeBy,
    id,
    query: parameters(request.query),
    body: found.method === 'GET' || found.method === 'DELETE' ? undefined : await request.body(),
    ifMatch: request.header('if-match'),
    base: request.base,
  })
  return json(answer)
}

function refuseOtherOrigins(keys: ApiKeys, { method, header, hosts }: RouterRequest): void {
  const facts = { method, hosts, origin: header('origin'), fetchSite: header('sec-fetch-site') }
  refuseCrossOrigin(facts, internalsOf(keys).config.trustedOrigins)
}

function match(method: string, path: string): { found: Route; id: string } {
  const wanted = method === 'HEAD' ? 'GET' : method
  const [first = '', ...rest] = path.split('/').filter(segment => segment !== '')
  const literal = ['', first, ...rest].join('/')
  const named = ROUTES.filter(({ path: own }) => own === literal)
  const byId = ROUTES.filter(({ path: own }) => own === ['/:id', ...rest].join('/'))
  const candidates = named.length > 0 ? named : first === '' ? [] : byId
  if (candidates.length === 0) throw new SidekeyError('ROUTE_NOT_FOUND', 'There is no such route.')
  const found = candidates.find(candidate => candidate.method === wanted)
  if (found === undefined) {
    const allowed = candidates.map(candidate => candidate.method).join(', ')
    throw new SidekeyError('METHOD_NOT_ALLOWED', `Takes ${allowed}.`, { allow: allowed })
  }
  if (found.path.startsWith('/:id') && !isKeyId(first)) {
    throw invalidInput([{ path: 'id', message: "takes a key's id: 16 letters and digits" }])
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
