import { SidekeyError } from '../../errors.js'

/** Runs an operation within a bounded time, and tells a database that is away from everything else. */
export type Guard = <T>(operation: () => Promise<T>) => Promise<T>

/**
 * A guard with a bound of `timeoutMs`. An operation that is given up may still take effect on the server: callers are
 * told `STORE_UNAVAILABLE`, and repeating is safe.
 */
export function guardFor(timeoutMs: number): Guard {
  return operation =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(unavailable(`no answer within ${timeoutMs} ms`)), timeoutMs)
      operation().then(
        result => {
          clearTimeout(timer)
          resolve(result)
        },
        error => {
          clearTimeout(timer)
          const isAway = isFromDatabase(error) && !isDuplicate(error)
          reject(isAway ? unavailable('the database does not serve', error) : error)
        },
      )
    })
}

/** Whether a unique index refused a write. */
export function isDuplicate(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11_000
}

/** The database cannot be reached. */
export function unavailable(why: string, cause?: unknown): SidekeyError {
  return new SidekeyError('STORE_UNAVAILABLE', `Keys cannot be reached: ${why}.`, { retryAfter: 1, cause })
}

/**
 * The driver's and mongoose's errors, told by name, and the socket's own: a write that waits for `drain` while the server goes
 * away gets that one, which the driver does not wrap.
 */
function isFromDatabase(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code } = error as { readonly code?: unknown }
  return /^Mongo/.test(nameOf(error)) || OF_SOCKETS.test(String(code))
}

/** What an error calls itself: the app's copy of the driver need not be the one seen here. */
export function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : ''
}

/** Codes of Node's errors of sockets and of names that do not resolve. */
const OF_SOCKETS =
  /^(?:EPIPE|ECONN(?:RESET|REFUSED|ABORTED)|ETIMEDOUT|E(?:HOST|NET)UNREACH|ENOTFOUND|EAI_AGAIN|ERR_(?:STREAM|SOCKET)_\w+)$/
