/** What a failed call means to whoever looks at the page. Pure. */
import type { FieldError, KeyClientErrorCode } from '../../src/client/index.js'
import { KeyClientError } from '../../src/client/index.js'

export type FailureKind =
  /** Nobody is logged in, or no longer. */
  | 'session'
  /** The app wants a fresh login before this. */
  | 'reauthenticate'
  /** No answer came. */
  | 'network'
  /** The service says: later. */
  | 'unavailable'
  /** There is no such thing, or not for this viewer. */
  | 'missing'
  /** Fields of the input are wrong. */
  | 'input'
  /** The server refuses, and says why by its code. */
  | 'refused'
  | 'unexpected'

export interface Failure {
  readonly kind: FailureKind
  readonly code: KeyClientErrorCode | 'UNKNOWN'
  /** What the server says, in English; empty where it says nothing that helps. */
  readonly detail: string
  readonly fields: readonly FieldError[]
  /** In seconds. */
  readonly retryAfter: number | null
}

const KINDS: Readonly<Partial<Record<KeyClientErrorCode, FailureKind>>> = {
  UNAUTHENTICATED: 'session',
  KEY_MISSING: 'session',
  KEY_INVALID: 'session',
  REAUTHENTICATION_REQUIRED: 'reauthenticate',
  NETWORK_ERROR: 'network',
  STORE_UNAVAILABLE: 'unavailable',
  RATE_LIMITED: 'unavailable',
  NOT_FOUND: 'missing',
  INVALID_INPUT: 'input',
  INTERNAL_ERROR: 'unexpected',
}

/** What the error of a call means. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof KeyClientError)) return { ...NOTHING, kind: 'unexpected', code: 'UNKNOWN' }
  const { code, detail, errors = [], retryAfter = null } = error
  return { kind: kindOf(error), code, detail, fields: errors, retryAfter }
}

const NOTHING = { detail: '', fields: [], retryAfter: null }

/** An app in front of the router answers in its own way: with 401, or by leading to its login (told as status 0). */
function kindOf({ code, status }: KeyClientError): FailureKind {
  if (code !== 'UNEXPECTED_ANSWER') return KINDS[code] ?? 'refused'
  if (status === 401 || status === 0) return 'session'
  return status === 502 || status === 503 || status === 504 ? 'unavailable' : 'unexpected'
}

/** What is wrong with one field: also with its parts (`permissions.1` of `permissions`). */
export function faultOf(fields: readonly FieldError[], path: string): string | null {
  const found = fields.filter(field => field.path === path || field.path.startsWith(`${path}.`))
  return found.length === 0 ? null : [...new Set(found.map(({ message }) => message))].join('; ')
}
