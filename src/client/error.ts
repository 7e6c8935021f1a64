/** The error that every method of the client rejects with. */
import type { ErrorCode, FieldError } from '../errors.js'

/**
 * The server's codes, and two of the client's own: `NETWORK_ERROR` where no answer came, `UNEXPECTED_ANSWER`
 * where one came that is not sidekey's (a proxy's page, a redirect to a login).
 */
export type KeyClientErrorCode = ErrorCode | 'NETWORK_ERROR' | 'UNEXPECTED_ANSWER'

/** What is told of an error. */
export interface KeyClientErrorFacts {
  readonly status: number
  readonly code: KeyClientErrorCode
  readonly title: string
  readonly detail: string
  readonly errors?: readonly FieldError[] | undefined
  readonly retryAfter?: number | undefined
  readonly cause?: unknown
}

/**
 * A call that failed. `code` is stable, and `status` the HTTP status of the answer (0 where there was none);
 * `errors` names the fields of bad input; `retryAfter` is in seconds. Never holds a token.
 *
 * @example
 * ```ts
 * try {
 *   await client.update(id, { name: 'CI' }, { ifVersion: 3 })
 * } catch (error) {
 *   if (error instanceof KeyClientError && error.code === 'VERSION_MISMATCH') await reload()
 * }
 * ```
 */
export class KeyClientError extends Error {
  override readonly name = 'KeyClientError'
  readonly status: number
  readonly code: KeyClientErrorCode
  readonly title: string
  readonly detail: string
  readonly errors: readonly FieldError[] | undefined
  readonly retryAfter: number | undefined

  constructor({ status, code, title, detail, errors, retryAfter, cause }: KeyClientErrorFacts) {
    super(detail, cause === undefined ? undefined : { cause })
    this.status = status
    this.code = code
    this.title = title
    this.detail = detail
    this.errors = errors
    this.retryAfter = retryAfter
  }
}

/** Input that is not worth sending: in the server's words. */
export function refusedInput(path: string, message: string): KeyClientError {
  return new KeyClientError({
    status: 0,
    code: 'INVALID_INPUT',
    title: 'The request has a field that is not valid',
    detail: `${path}: ${message}`,
    errors: [{ path, message }],
  })
}

/** No answer, or one that broke off. */
export function networkError(cause: unknown): KeyClientError {
  return new KeyClientError({
    status: 0,
    code: 'NETWORK_ERROR',
    title: 'The server could not be reached',
    detail: 'The server could not be reached, or its answer broke off.',
    cause,
  })
}

/** An answer that is not sidekey's. What is in it is not told: it may repeat the request. */
export function unexpectedAnswer(status: number, retryAfter: number | undefined): KeyClientError {
  return new KeyClientError({
    status,
    code: 'UNEXPECTED_ANSWER',
    title: 'Something else than sidekey has answered',
    detail: `The answer (status ${status}) is not one of sidekey's: is keyRouter mounted at baseUrl?`,
    retryAfter,
  })
}
