/** Which codes a route may answer: those that follow from its method, path and `by`, and its own. */
import { ERROR_CODES, type ErrorCode, type RefusalCode } from '../errors.js'
import { changesOne, type Route } from './route.js'

/** All codes with which a verification refuses a key. */
const REFUSALS = {
  KEY_MISSING: true,
  KEY_INVALID: true,
  KEY_REVOKED: true,
  KEY_DISABLED: true,
  KEY_EXPIRED: true,
  KEY_NOT_YET_VALID: true,
  OWNER_INACTIVE: true,
  IP_NOT_ALLOWED: true,
  ORIGIN_NOT_ALLOWED: true,
  INSUFFICIENT_PERMISSIONS: true,
  RATE_LIMITED: true,
  CREDITS_EXHAUSTED: true,
  STORE_UNAVAILABLE: true,
  MULTIPLE_KEYS: true,
} satisfies Record<RefusalCode, true>
export const REFUSAL_CODES = Object.keys(REFUSALS) as readonly RefusalCode[] // keys of a const object

interface Rule {
  /** Of which routes it holds, in words. */
  readonly where: string
  readonly codes: readonly ErrorCode[]
  holds(route: Route): boolean
}

/** What a route has codes of its own for, and what the router draws nothing on. */
const NOT_OF_ANY_KEY: ReadonlySet<RefusalCode> = new Set([
  'KEY_MISSING',
  'INSUFFICIENT_PERMISSIONS',
  'RATE_LIMITED',
  'CREDITS_EXHAUSTED',
])
/** A key that is presented is looked at everywhere. */
const OF_ANY_KEY = REFUSAL_CODES.filter(code => !NOT_OF_ANY_KEY.has(code))

export const CODE_RULES: readonly Rule[] = [
  {
    where: 'Every route',
    codes: ['INVALID_INPUT', 'NOT_ACCEPTABLE', 'INTERNAL_ERROR'],
    holds: () => true,
  },
  {
    where: 'Every route but that for partners',
    codes: OF_ANY_KEY,
    holds: ({ by }) => by !== 'partner',
  },
  {
    where: 'Every route that is not for everybody',
    codes: ['UNAUTHENTICATED', 'REAUTHENTICATION_REQUIRED', 'FORBIDDEN'],
    holds: ({ by }) => by === 'anyone',
  },
  { where: 'Routes for keys alone', codes: ['KEY_MISSING'], holds: ({ by }) => by === 'key' },
  {
    where: '`POST`, `PATCH` and `DELETE`, but not that for partners',
    codes: ['CROSS_ORIGIN', 'CSRF_TOKEN_REQUIRED'],
    holds: ({ method, by }) => method !== 'GET' && by !== 'partner',
  },
  {
    where: '`POST` and `PATCH`',
    codes: ['BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
    holds: ({ method }) => method === 'POST' || method === 'PATCH',
  },
  { where: 'Routes with `:id`', codes: ['NOT_FOUND'], holds: ({ path }) => path.startsWith('/:id') },
  {
    where: 'Changes of one record',
    codes: ['VERSION_MISMATCH', 'PRECONDITION_REQUIRED'],
    holds: changesOne,
  },
]

/** What a path or a method is answered that no route has. */
export const CODES_WITHOUT_ROUTE = ['ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED'] as const satisfies ErrorCode[]

/** All codes that a route may answer, in the order of their table. */
export function codesOf(route: Route): ErrorCode[] {
  const own = route.operation.codes ?? []
  const codes = new Set([...own, ...CODE_RULES.filter(rule => rule.holds(route)).flatMap(rule => rule.codes)])
  return ERROR_CODES.filter(code => codes.has(code))
}
