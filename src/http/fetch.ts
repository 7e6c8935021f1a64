/**
 * Requests and answers of the Fetch standard: Hono, Next, SvelteKit, and whatever else hands a `Request` to a function.
 * Thin: the router and the checks are in this folder's other files.
 */
import { internalsOf, withoutCatalogue } from '../internals.js'
import type { ManagementPermission, Requirement } from '../key/permission.js'
import { noteAddress } from '../manage/request-facts.js'
import type { ApiKeys } from '../sidekey.js'
import type { Accepted, Refused } from '../verify/verification.js'
import { admit, identify } from './authenticate.js'
import { fetchBody } from './body.js'
import { asks, type GateOptions, missing } from './gate.js'
import { below, handle } from './handler.js'
import { keyHeaders } from './key-headers.js'
import { type Answer, noRoute, problemAnswer, refusalAnswer, textOf } from './problem.js'
import { checkRequirement, checkRequireOptions } from './requirement.js'
import { type MountOptions as MountOptionsOf, mountSettings } from './router-options.js'
import type { RequestView } from './view.js'

export type { LeakPolicy } from '../manage/leaks.js'
export type { LeakOptions, PublishedKey, PublishedKeys } from './leak-options.js'
export type { ThemeProperty, UiOptions } from './ui-options.js'

/**
 * The options of {@link keyHandler}.
 * @interface
 */
export type MountOptions = MountOptionsOf<Request>

/** What a `Request` does not tell. */
export interface FetchContext {
  /** The user whom the app's own login has found; none: nobody is logged in. */
  readonly user?: unknown
  /** The client's address. A key with an address rule is refused without one. */
  readonly ip?: string
}

/**
 * The REST API of keys as one function from request to answer.
 *
 * @param options `path` says where it is mounted; without it, whoever calls takes the path off (Hono's `app.mount` does)
 *
 * @example
 * ```ts
 * const handler = keyHandler(keys, { path: '/api-keys' })
 * app.all('/api-keys/*', c => handler(c.req.raw, { user: c.get('user') }))
 * ```
 */
export function keyHandler<P extends string>(
  keys: ApiKeys<P>,
  options: MountOptions = {},
): (request: Request, context?: FetchContext) => Promise<Response> {
  const plain = withoutCatalogue(keys)
  internalsOf(keys)
  const { mount, settings } = mountSettings(options)
  return async (request, { user, ip } = {}) => {
    const url = new URL(request.url)
    noteAddress(request, ip)
    const path = below(mount, url.pathname)
    if (path === null) return responseOf(problemAnswer(noRoute()), request.method)
    const answer = await handle(plain, {
      ...viewOf(request, ip),
      method: request.method,
      user,
      path,
      query: url.searchParams,
      base: mount,
      settings,
      hosts: [url.host],
      body: () => fetchBody(request),
    })
    return responseOf(answer, request.method)
  }
}

/** What `verifyRequest` is told besides the requirement. */
export interface VerifyRequestOptions extends GateOptions<Request> {
  /** The client's address. A key with an address rule is refused without one. */
  readonly ip?: string
}

/**
 * A request whose key was accepted, with the owner's user (`undefined`: the key has none); or the answer that refuses it,
 * ready to be sent.
 */
export type VerifiedRequest =
  | (Accepted & {
      readonly user: unknown
      /** What the answer should have, whoever makes it: `vary`, and `sunset` for a token that was rotated away. */
      readonly headers: Readonly<Record<string, string>>
    })
  | (Refused & { readonly response: Response })

/**
 * Verifies the key of a request, once however often it is asked.
 *
 * @param requirement a permission, an array (all of them), `{ any }` or `{ all }`; none: any valid key will do
 *
 * @example
 * ```ts
 * const verified = await verifyRequest(keys, request, 'reports:read')
 * if (!verified.ok) return verified.response
 * return Response.json(reportsOf(verified.user), { headers: verified.headers })
 * ```
 */
export async function verifyRequest<P extends string>(
  keys: ApiKeys<P>,
  request: Request,
  requirement?: Requirement<NoInfer<P> | ManagementPermission>,
  { ip, ...options }: VerifyRequestOptions = {},
): Promise<VerifiedRequest> {
  const internals = internalsOf(keys)
  const { config } = internals
  checkRequirement(requirement, config)
  checkRequireOptions(options, config)
  noteAddress(request, ip)
  const view = viewOf(request, ip)
  const identified = await identify(internals, view)
  const judged = identified.ok === null ? missing(internals, 'key', identified) : identified
  const admitted = await admit(internals, view, judged, asks(requirement, options)(request))
  const vary = config.headers.join(', ')
  if (admitted.ok) {
    const { accepted, user } = admitted
    return { ...accepted, user, headers: { vary, ...keyHeaders(accepted) } }
  }
  const response = responseOf(refusalAnswer(admitted), request.method)
  response.headers.set('vary', vary)
  return { ...admitted, response }
}

function viewOf(request: Request, ip: string | undefined): RequestView {
  return {
    native: request,
    identity: request,
    ip: () => ip,
    header: name => request.headers.get(name) ?? undefined,
  }
}

function responseOf(answer: Answer, method: string): Response {
  const { status, headers } = answer
  return new Response(method === 'HEAD' ? null : textOf(answer), { status, headers })
}
