/** Errors as RFC 9457 problem documents, with the headers that belong to them. */
import { type ErrorCode, type FieldError, SidekeyError, statusOf, titleOf } from '../errors.js'
import type { Refused } from '../verify/verification.js'
import { limitHeaders } from './key-headers.js'

/** The body of an error: `application/problem+json`. */
export interface Problem {
  /** A URN of the code; its cause and cure are in docs/errors.md under the code's name. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  readonly errors?: readonly FieldError[]
}

/** An answer ready to be sent by any framework. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON; `null`: no body. */
  readonly body: unknown
  /** In place of it: a body that is not JSON. */
  readonly text?: string
}

/** The body as it is sent; `null`: none. */
export function textOf({ body, text }: Answer): string | null {
  return text ?? (body === null ? null : JSON.stringify(body))
}

/** An error as an answer. What is not sidekey's own becomes `INTERNAL_ERROR`, without its message. */
export function problemAnswer(error: unknown): Answer {
  return error instanceof SidekeyError && error.code !== 'INVALID_OPTION'
    ? answer(error.code, error.message, error)
    : answer('INTERNAL_ERROR', titleOf('INTERNAL_ERROR'))
}

/** No route has this path. */
export function noRoute(): SidekeyError {
  return new SidekeyError('ROUTE_NOT_FOUND', 'There is no such route.')
}

/** A refused key as an answer: the same words whatever was wrong with an invalid one. */
export function refusalAnswer(refused: Refused): Answer {
  const { code } = refused
  const refusal = answer(code, `${titleOf(code)}.`)
  return { ...refusal, headers: { ...refusal.headers, ...standingHeaders(refused) } }
}

/** When a refused key may try again, and where it stands with its limits. */
export function standingHeaders({ retryAfter, limits }: Refused): Answer['headers'] {
  return { ...retryHeader(retryAfter), ...limitHeaders(limits, Date.now()) }
}

function retryHeader(retryAfter: number | undefined): Answer['headers'] {
  return retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
}

/** A refused key as an error, for an app's own error handler. */
export function refusalError({ code, retryAfter }: Refused): SidekeyError {
  return new SidekeyError(code, `${titleOf(code)}.`, retryAfter === undefined ? {} : { retryAfter })
}

/** The `WWW-Authenticate` of a code (RFC 6750, RFC 9470), or `null`. */
export function challengeFor(code: ErrorCode): string | null {
  const status = statusOf(code)
  if (code === 'KEY_MISSING' || code === 'UNAUTHENTICATED') return 'Bearer realm="api"'
  if (code === 'REAUTHENTICATION_REQUIRED')
    return 'Bearer realm="api", error="insufficient_user_authentication"'
  if (code === 'INSUFFICIENT_PERMISSIONS') return 'Bearer realm="api", error="insufficient_scope"'
  return status === 401
    ? `Bearer realm="api", error="invalid_token", error_description="${titleOf(code)}"`
    : null
}

type Extras = { readonly [K in 'errors' | 'retryAfter' | 'allow']?: SidekeyError[K] }

function answer(code: ErrorCode, detail: string, { errors, retryAfter, allow }: Extras = {}): Answer {
  const status = statusOf(code)
  const challenge = challengeFor(code)
  const body: Problem = {
    type: `urn:sidekey:error:${code}`,
    title: titleOf(code),
    status,
    detail,
    code,
    ...(errors !== undefined && { errors }),
  }
  return {
    status,
    body,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(challenge !== null && { 'www-authenticate': challenge }),
      ...(allow !== undefined && { allow }),
      ...retryHeader(retryAfter),
    },
  }
}
