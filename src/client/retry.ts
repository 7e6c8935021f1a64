/** Tries again what failed for a while only. For calls that may be repeated without harm. */
import { KeyClientError } from './error.js'

/** How long a call waits at most, all its waits together. */
const LONGEST_WAIT_MS = 30_000
const FIRST_BACKOFF_MS = 200
/** With `Retry-After`: an idempotent request that is still under way, too many, and not just now. */
const PASSING: ReadonlySet<number> = new Set([409, 429, 503])

/** Calls `attempt` up to `retries` times more, while it fails in ways that pass. Rejects as the last one. */
export async function repeatedly<T>(
  attempt: () => Promise<T>,
  retries: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  let waited = 0
  for (let tries = 0; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      const wait = waitAfter(error, tries)
      waited += wait
      if (tries >= retries || waited > LONGEST_WAIT_MS) throw error
      await pause(wait, signal)
    }
  }
}

/** Milliseconds; infinite where trying again would not help. Full jitter: clients do not come back as one. */
function waitAfter(error: unknown, tries: number): number {
  if (!(error instanceof KeyClientError)) return Number.POSITIVE_INFINITY
  const { code, status, retryAfter } = error
  const backoff = Math.random() * FIRST_BACKOFF_MS * 2 ** tries
  if (code === 'NETWORK_ERROR') return backoff
  if (retryAfter !== undefined && PASSING.has(status)) return retryAfter * 1000 + backoff
  return Number.POSITIVE_INFINITY
}

/** Waits so many ms, none where they are negative; rejects with the signal's reason. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop)
  })
}
