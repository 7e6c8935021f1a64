/**
 * Tokens that memory does not know, at a bounded rate: whoever sends well-formed tokens of no key must not have the
 * database asked as often as they like. A token bucket (as in RFC 2697) that only tokens of no key empty: what turns out
 * to be a key's gives its place back at once, so that a process that starts cold is not held up. Who finds no place waits
 * for one, a second at most.
 *
 * Tokens that were refused are remembered for a while, by their digest: a client that goes on with a token that was never
 * or is no longer any good asks the database once in a while.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.js'
import { SidekeyError } from '../errors.js'

/** So many at once. */
export const MISSES_AT_ONCE = 100
/** So many tokens of no key a second, once those are used up. */
export const MISSES_PER_SECOND = 50
const MOST_WAITING = 10_000
const LONGEST_WAIT_MS = 1_000
const REMEMBERED = 10_000
const REMEMBERED_MS = 10_000

/** Whether the token is a key's could not be told, and whoever sends more of them must not have it tried as often: it costs its place. */
export class Undecided extends SidekeyError {}

export interface MissGate {
  /** Whether the token with this digest was refused a short while ago. */
  isRefused(digest: string, now: number): boolean
  /**
   * Runs `look` when there is a place; `null` from it is a token of no key.
   * @throws SidekeyError `STORE_UNAVAILABLE` where no place is to be had.
   */
  pass<T>(digest: string, look: () => Promise<T | null>): Promise<T | null>
}

export function createMissGate(clock: Clock): MissGate {
  let places = MISSES_AT_ONCE
  let filledAt = clock.monotonic()
  let isTimed = false
  const waiting: { readonly go: () => void; readonly giveUp: () => void; readonly until: number }[] = []
  let refusedUntil: LRUCache<string, number> | null = null

  function refill(now: number): void {
    places = Math.min(MISSES_AT_ONCE, places + ((now - filledAt) / 1000) * MISSES_PER_SECOND)
    filledAt = now
  }

  /** Lets those in who wait, as far as there are places, and sends away who has waited too long. */
  function serve(): void {
    const now = clock.monotonic()
    refill(now)
    for (let next = waiting[0]; next !== undefined && (next.until <= now || places >= 1); next = waiting[0]) {
      waiting.shift()
      if (next.until <= now) next.giveUp()
      else {
        places--
        next.go()
      }
    }
    if (waiting.length === 0 || isTimed) return
    isTimed = true
    // Somebody waits: the process stays.
    void clock.sleep(1000 / MISSES_PER_SECOND).then(() => {
      isTimed = false
      serve()
    })
  }

  function place(): Promise<void> | undefined {
    const now = clock.monotonic()
    refill(now)
    if (places >= 1 && waiting.length === 0) {
      places--
      return
    }
    if (waiting.length >= MOST_WAITING) throw full()
    return new Promise((go, failed) => {
      waiting.push({ go, giveUp: () => failed(full()), until: now + LONGEST_WAIT_MS })
      serve()
    })
  }

  function giveBack(): void {
    places = Math.min(MISSES_AT_ONCE, places + 1)
    if (waiting.length > 0) serve()
  }

  return {
    isRefused(digest, now) {
      const until = refusedUntil?.get(digest)
      return until !== undefined && now < until
    },
    async pass(digest, look) {
      await place()
      const found = await look().catch(error => {
        // An error of the store is not the client's fault.
        if (!(error instanceof Undecided)) giveBack()
        throw error
      })
      if (found !== null) giveBack()
      else {
        refusedUntil ??= new LRUCache({ max: REMEMBERED })
        refusedUntil.set(digest, clock.monotonic() + REMEMBERED_MS)
      }
      return found
    },
  }
}

function full(): SidekeyError {
  return new SidekeyError('STORE_UNAVAILABLE', 'Too many tokens are looked up: try again.', { retryAfter: 1 })
}
