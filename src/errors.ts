/** One error class, and the table of its codes: status, title, and where its cause and cure are told. */

/** A field that was refused, by its path (`permissions.1`), and what it takes. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

interface CodeFacts {
  readonly status: number
  readonly title: string
}

/** Every code that sidekey answers with. Codes are stable: they may be added to, never renamed. */
const CODES = {
  KEY_MISSING: { status: 401, title: 'An API key is required' },
  KEY_INVALID: { status: 401, title: 'The API key is not valid' },
  KEY_REVOKED: { status: 401, title: 'The API key has been revoked' },
  KEY_DISABLED: { status: 401, title: 'The API key is disabled' },
  KEY_EXPIRED: { status: 401, title: 'The API key has expired' },
  KEY_NOT_YET_VALID: { status: 401, title: 'The API key is not valid yet' },
  OWNER_INACTIVE: { status: 401, title: 'The owner of the API key is switched off' },
  IP_NOT_ALLOWED: { status: 403, title: 'The API key may not be used from this address' },
  ORIGIN_NOT_ALLOWED: { status: 403, title: 'The API key may not be used from this origin' },
  INSUFFICIENT_PERMISSIONS: { status: 403, title: 'The API key does not carry the permission' },
  RATE_LIMITED: { status: 429, title: 'The API key has reached its limit' },
  CREDITS_EXHAUSTED: { status: 429, title: 'The API key has no credits left for this' },
  STORE_UNAVAILABLE: { status: 503, title: 'Keys cannot be checked right now' },
  MULTIPLE_KEYS: { status: 400, title: 'More than one API key was presented' },

  INVALID_OPTION: { status: 500, title: 'An option of sidekey is wrong' },
  INVALID_INPUT: { status: 400, title: 'The request has a field that is not valid' },
  UNAUTHENTICATED: { status: 401, title: 'A login is required' },
  REAUTHENTICATION_REQUIRED: { status: 401, title: 'A fresh login is required' },
  FORBIDDEN: { status: 403, title: 'This is not allowed' },
  CROSS_ORIGIN: { status: 403, title: 'The request came from another origin' },
  NOT_FOUND: { status: 404, title: 'There is no such key' },
  ROUTE_NOT_FOUND: { status: 404, title: 'There is no such route' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The method is not allowed here' },
  ALREADY_REVOKED: { status: 409, title: 'A revoked key cannot be changed' },
  KEY_LIMIT_REACHED: { status: 409, title: 'The owner has as many keys as allowed' },
  CONFLICT: { status: 409, title: 'The key is in use by another change' },
  VERSION_MISMATCH: { status: 412, title: 'The key has changed since it was read' },
  IDEMPOTENCY_IN_PROGRESS: { status: 409, title: 'The same request is under way' },
  SIGNATURE_INVALID: { status: 403, title: 'The message is not signed by a published key' },
  TOO_MANY_REQUESTS: { status: 429, title: 'Too many requests' },
  RAW_BODY_REQUIRED: { status: 500, title: 'The body was parsed before its signature could be checked' },
  NOT_ACCEPTABLE: { status: 406, title: 'The answer is JSON' },
  CSRF_TOKEN_REQUIRED: { status: 403, title: 'The CSRF token is missing or wrong' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body must be JSON' },
  IDEMPOTENCY_MISMATCH: { status: 422, title: 'The idempotency key was used for another request' },
  PRECONDITION_REQUIRED: { status: 428, title: 'The version of the key must be named' },
  INTERNAL_ERROR: { status: 500, title: 'Something went wrong' },
} as const satisfies Record<string, CodeFacts>

/**
 * The codes of {@link SidekeyError}, of {@link Verification}, and of problem documents.
 * @useDeclaredType
 */
export type ErrorCode = keyof typeof CODES

/** All codes, for documents and tests. */
export const ERROR_CODES = Object.keys(CODES) as readonly ErrorCode[] // keys of a const object

/** The codes with which a verification refuses. */
export type RefusalCode =
  | 'KEY_MISSING'
  | 'KEY_INVALID'
  | 'KEY_REVOKED'
  | 'KEY_DISABLED'
  | 'KEY_EXPIRED'
  | 'KEY_NOT_YET_VALID'
  | 'OWNER_INACTIVE'
  | 'IP_NOT_ALLOWED'
  | 'ORIGIN_NOT_ALLOWED'
  | 'INSUFFICIENT_PERMISSIONS'
  | 'RATE_LIMITED'
  | 'CREDITS_EXHAUSTED'
  | 'STORE_UNAVAILABLE'
  | 'MULTIPLE_KEYS'

/** What an error may carry besides code and message. */
export interface ErrorDetails {
  readonly errors?: readonly FieldError[]
  /** Seconds after which it is worth trying again. */
  readonly retryAfter?: number
  /** The methods that a route takes, for `Allow`. */
  readonly allow?: string
  readonly cause?: unknown
}

/** The HTTP status of a code. */
export function statusOf(code: ErrorCode): number {
  return CODES[code].status
}

/** The title of a code, in a few plain words. */
export function titleOf(code: ErrorCode): string {
  return CODES[code].title
}

/** Where a code's cause and cure are told. */
export function helpFor(code: ErrorCode): string {
  return `docs/errors.md#${code.toLowerCase()}`
}

/**
 * The error that every method of sidekey rejects with.
 *
 * `code` is stable and `status` is its HTTP status; `errors` names the fields of bad input; `retryAfter` is in
 * seconds; `help` tells where the code is explained. Never holds a token or a hash.
 *
 * @example
 * ```ts
 * try {
 *   await keys.create({ name: '', owner: { id: 'alice' } })
 * } catch (error) {
 *   if (error instanceof SidekeyError && error.code === 'INVALID_INPUT') console.log(error.errors)
 * }
 * ```
 */
export class SidekeyError extends Error {
  override readonly name = 'SidekeyError'
  readonly code: ErrorCode
  readonly status: number
  readonly title: string
  readonly help: string
  readonly errors: readonly FieldError[] | undefined
  readonly retryAfter: number | undefined
  readonly allow: string | undefined
  /** What Express sends of an error that no handler of the app's takes. */
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.status = CODES[code].status
    this.title = CODES[code].title
    this.help = helpFor(code)
    this.errors = details.errors
    this.retryAfter = details.retryAfter
    this.allow = details.allow
    this.headers = details.retryAfter === undefined ? {} : { 'retry-after': String(details.retryAfter) }
  }
}

/** Bad input: one message that names each field and what it takes. */
export function invalidInput(errors: readonly FieldError[]): SidekeyError {
  return new SidekeyError('INVALID_INPUT', listed(errors), { errors })
}

/** A wrong option of `apiKeys()` or of a middleware: an error of the program, told where it is made. */
export function invalidOption(errors: readonly FieldError[]): SidekeyError {
  return new SidekeyError('INVALID_OPTION', `sidekey: ${listed(errors)}`, { errors })
}

function listed(errors: readonly FieldError[]): string {
  return errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
}
