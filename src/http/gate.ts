/** The checks before a route, without a framework: whose key, may it do this, and what becomes of the request. */
import { type Internals, internalsOf } from '../internals.js'
import { isCost, TAKES_COST } from '../key/limit.js'
import type { Requirement } from '../key/permission.js'
import type { ApiKey } from '../key/record.js'
import { UNLIMITED } from '../limit/limiter.js'
import { isNobody } from '../manage/actor.js'
import { isMadeByKey } from '../manage/caller.js'
import type { ApiKeys } from '../sidekey.js'
import { andThen, type Soon } from '../soon.js'
import type { Refused, Verification } from '../verify/verification.js'
import { type Admitted, type Asked, admit, type Identified, identify, nobodys } from './authenticate.js'
import { keyHeaders } from './key-headers.js'
import { type Answer, refusalAnswer } from './problem.js'
import { checkRequirement, checkRequireOptions } from './requirement.js'
import { varyOf } from './vary.js'
import type { RequestView } from './view.js'

/** What a route may ask besides permissions; `R` is the framework's request. */
export interface GateOptions<R> {
  /** The thing that the request is about, for keys that are narrowed to some: `req => 'project:' + req.params.id`. */
  readonly resource?: string | ((request: R) => string)
  /** The kind, or kinds, of key that will do. */
  readonly kind?: string | readonly string[]
  /**
   * The limit, or limits, that `cost` is taken from; `requests` is drawn on besides. Default: `requests`, or where the key has
   * none of that name, all it has. Each limit is drawn on once a request.
   */
  readonly limit?: string | readonly string[]
  /** How many points the request takes: a whole number, or a function that works it out. Default: 1. */
  readonly cost?: number | ((request: R) => number)
}

/** Who is let by: whoever has a key; whoever has none or a good one; a logged-in user, or whoever has a key. */
export type Policy = 'key' | 'optional' | 'userOrKey'

/** What becomes of a request: let by as it is, let in by its key, or answered. */
export type Passage =
  | { readonly is: 'by'; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly is: 'in'
      readonly apiKey: ApiKey
      readonly user: unknown
      /** What the answer must have, whoever makes it. */
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly is: 'refused'; readonly answer: Answer }

/**
 * Makes the check of a route.
 * @throws SidekeyError `INVALID_OPTION` where requirement or options are wrong: at start, not at a request.
 */
export function gate<R>(
  keys: ApiKeys,
  policy: Policy,
  requirement?: Requirement,
  options: GateOptions<R> = {},
): (request: R, view: RequestView, user: () => unknown) => Soon<Passage> {
  const internals = internalsOf(keys)
  const { config } = internals
  checkRequirement(requirement, config)
  checkRequireOptions(options, config)

  // What the route answers depends on the key: a cache must not give it to others.
  const headers = { vary: policy === 'userOrKey' ? varyOf(config) : config.headers.join(', ') }
  const passage = (admitted: Admitted | Refused): Passage => {
    if (!admitted.ok) return { is: 'refused', answer: withHeaders(refusalAnswer(admitted), headers) }
    const { accepted, user } = admitted
    const isPlain = accepted.tokenEndsAt === null && accepted.limits === UNLIMITED
    return {
      is: 'in',
      apiKey: accepted.apiKey,
      user,
      headers: isPlain ? headers : { ...headers, ...keyHeaders(accepted) },
    }
  }
  const asked = asks(requirement, options)
  return (request, view, user) =>
    andThen(identify(internals, view), identified => {
      const judged = judge(internals, policy, identified, () => isLoggedIn(view.native, user()))
      if (judged === 'by') return { is: 'by', headers }
      return andThen(admit(internals, view, judged, asked(request)), passage)
    })
}

function withHeaders(answer: Answer, headers: Readonly<Record<string, string>>): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

/** A key that is presented counts, whatever the policy and whoever is logged in. */
function judge(
  internals: Internals,
  policy: Policy,
  identified: Identified,
  isLoggedIn: () => boolean,
): Verification | 'by' {
  if (identified.ok !== null) return identified
  if (policy === 'optional' || (policy === 'userOrKey' && isLoggedIn())) return 'by'
  return missing(internals, policy, identified)
}

/** Where there is no key: to a route that takes keys alone, a Bearer value that is not ours is a bad one. */
export function missing(
  internals: Internals,
  policy: Policy,
  { is }: { readonly is: 'none' | 'foreign' },
): Refused {
  return nobodys(internals, policy === 'key' && is === 'foreign' ? 'KEY_INVALID' : 'KEY_MISSING')
}

/** What a route asks of each request: mostly the same. */
export function asks<R>(
  requirement: Requirement | undefined,
  { resource, kind, limit, cost }: GateOptions<R>,
): (request: R) => Asked {
  const same: Asked = {
    ...(requirement !== undefined && { permissions: requirement }),
    ...(typeof resource === 'string' && { resource }),
    ...(kind !== undefined && { kind }),
    ...(limit !== undefined && { limit }),
    ...(typeof cost === 'number' && { cost }),
  }
  if (typeof resource !== 'function' && typeof cost !== 'function') return () => same
  return request => ({
    ...same,
    ...(typeof resource === 'function' && { resource: resource(request) }),
    ...(typeof cost === 'function' && { cost: checkedCost(cost(request)) }),
  })
}

/** A cost that the app has worked out: what is none must not let everybody by. */
function checkedCost(cost: number): number {
  if (isCost(cost)) return cost
  throw new TypeError(`cost: ${TAKES_COST}`)
}

/** A user whom the app's own login has set, not a key. */
function isLoggedIn(request: object, user: unknown): boolean {
  return !isNobody(user) && !isMadeByKey(request)
}
