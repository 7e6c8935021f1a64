/** What a verification is asked, and what it answers. */
import { type FieldError, invalidInput, type RefusalCode, statusOf } from '../errors.js'
import { isCost, isLimitName, TAKES_COST } from '../key/limit.js'
import { isRequirement, type ManagementPermission, namedBy, type Requirement } from '../key/permission.js'
import type { ApiKey, KeyStatus, Owner } from '../key/record.js'
import type { LimitStates } from '../limit/limiter.js'
import { toldName } from '../validation.js'

/** What is known of the request that presents a token, and what it asks for. */
export interface VerifyRequest<P extends string = string> {
  /** What the key must be allowed: a permission, an array (all of them), `{ any }`, `{ all }`, nested. */
  readonly permissions?: Requirement<P | ManagementPermission>
  /** The thing that the request is about (`project:42`), for keys that are narrowed to some. */
  readonly resource?: string
  /** The client's address. A key with an address rule is refused without one. */
  readonly ip?: string
  /** The `Origin` header. A key with an origin rule is refused without one. */
  readonly origin?: string
  /** The kind, or kinds, that will do. */
  readonly kind?: string | readonly string[]
  /** The limit, or limits, that `cost` is taken from. Default: `requests`, or where the key has none of that name, all it has. */
  readonly limit?: string | readonly string[]
  /** How many points the request takes: a whole number. Default: 1. */
  readonly cost?: number
}

/** Compared by identity for the most part, which a set would not do: this is on the way of every verification. */
function isField(name: string): boolean {
  return (
    name === 'permissions' ||
    name === 'ip' ||
    name === 'origin' ||
    name === 'resource' ||
    name === 'kind' ||
    name === 'limit' ||
    name === 'cost'
  )
}

const TAKES_REQUIREMENT = 'takes a permission, an array of them, { any: [...] } or { all: [...] }, none empty'

/**
 * Refuses a request that is not what its type says: a misspelt or empty requirement must not pass for none.
 * @throws SidekeyError `INVALID_INPUT`
 */
export function checkVerifyRequest(request: VerifyRequest, catalogue: ReadonlySet<string> | null): void {
  if (typeof request !== 'object' || request === null)
    throw invalidInput([{ path: 'request', message: 'takes an object' }])
  const faults: FieldError[] = []
  for (const name in request) {
    if (!isField(name)) faults.push({ path: toldName(name), message: 'is not a known field' })
    else if (TEXTS.has(name) && !isTextOrNone(request[name as keyof VerifyRequest]))
      faults.push({ path: name, message: 'takes text' })
  }
  const { permissions, kind, limit, cost } = request
  if (kind !== undefined && !isNameOrNames(kind)) {
    faults.push({ path: 'kind', message: 'takes the name of a kind, or a list of some' })
  }
  if (limit !== undefined && !isLimitOrLimits(limit)) {
    faults.push({ path: 'limit', message: 'takes the name of a limit, or a list of some' })
  }
  if (cost !== undefined && !isCost(cost)) faults.push({ path: 'cost', message: TAKES_COST })
  if (permissions !== undefined && !isKnownPermission(permissions, catalogue)) {
    if (!isRequirement(permissions)) faults.push({ path: 'permissions', message: TAKES_REQUIREMENT })
    else {
      const unknown = namedBy(permissions).find(name => catalogue?.has(name) === false)
      if (unknown !== undefined)
        faults.push({ path: 'permissions', message: `"${unknown}" is not in the catalogue` })
    }
  }
  if (faults.length > 0) throw invalidInput(faults)
}

const TEXTS: ReadonlySet<string> = new Set(['ip', 'origin', 'resource'] satisfies (keyof VerifyRequest)[])

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

/** The common case, on the way of every verification. */
function isKnownPermission(permissions: unknown, catalogue: ReadonlySet<string> | null): boolean {
  return typeof permissions === 'string' && catalogue?.has(permissions) === true
}

/** One name is the common case, on the way of every verification that is limited. */
function isLimitOrLimits(limit: unknown): boolean {
  if (typeof limit === 'string') return isLimitName(limit)
  const named: unknown[] = [limit].flat()
  return named.length > 0 && named.every(one => typeof one === 'string' && isLimitName(one))
}

function isNameOrNames(kind: unknown): boolean {
  const named: unknown[] = [kind].flat()
  return named.length > 0 && named.every(one => typeof one === 'string')
}

/**
 * A token that was accepted. `permissions` are what the key may do now, cut to what its owner may; `resources`
 * what it is narrowed to (`null`: all).
 */
export interface Accepted {
  readonly ok: true
  readonly apiKey: ApiKey
  readonly owner: Owner
  readonly permissions: readonly string[]
  readonly resources: readonly string[] | null
  /** Where the request stands with each limit that it has drawn on. */
  readonly limits: LimitStates
  /** What is left of the credits that it was paid from; `null`: it costs none. */
  readonly credits: { readonly balance: number } | null
  /** When the token that was presented ends, where it has been rotated away; `null`: it is the key's own. */
  readonly tokenEndsAt: Date | null
}

/** A token that was refused, with the code's HTTP status; `retryAfter` is in seconds. */
export interface Refused {
  readonly ok: false
  readonly code: RefusalCode
  readonly status: number
  readonly retryAfter?: number
  /** With `RATE_LIMITED`: where the key stands. */
  readonly limits?: LimitStates
}

/** What `verify` answers: `ok` tells which of the two it is. */
export type Verification = Accepted | Refused

/** What a key that is not active is refused with. */
export const REFUSAL_OF_STATUS: Readonly<Record<Exclude<KeyStatus, 'active'>, RefusalCode>> = {
  deleted: 'KEY_INVALID',
  revoked: 'KEY_REVOKED',
  disabled: 'KEY_DISABLED',
  scheduled: 'KEY_NOT_YET_VALID',
  expired: 'KEY_EXPIRED',
}

const RETRY_AFTER_STORE = 1
const REFUSED = new Map<RefusalCode, Refused>()

/** The refusal for a code: the same frozen one each time. */
export function refused(code: RefusalCode): Refused {
  let refusal = REFUSED.get(code)
  if (refusal === undefined) {
    const status = statusOf(code)
    refusal = Object.freeze(
      code === 'STORE_UNAVAILABLE'
        ? { ok: false, code, status, retryAfter: RETRY_AFTER_STORE }
        : { ok: false, code, status },
    )
    REFUSED.set(code, refusal)
  }
  return refusal
}
