/**
 * Whether a key has ended since nobody has used it. Memory knows that a key may be used until some time; later uses, by other
 * processes, are looked up only once that time has come, and then at most once a second.
 */
import type { Moment } from '../clock.js'
import { idleUntil, longestUnused } from '../key/idle.js'
import type { StoredKey } from '../key/record.js'
import type { Soon } from '../soon.js'
import type { LastUse } from '../usage/last-use.js'

/** What memory knows of the end of a key that ends when it is not used. */
export interface KnownIdle {
  /** How long it may go unused, in ms. */
  readonly ms: number
  /** It has not ended before this (ms since the epoch). */
  until: number
  /** Uses are not looked up again before this, by the monotonic clock. */
  askAgainAt: number
  /** The look-up that is under way. */
  asking: Promise<boolean> | null
}

const ASKED_EVERY_MS = 1_000

/** `null`: it may go unused for ever, or its record tells when it has ended. */
export function knownIdle({ idle, notBefore }: Pick<StoredKey, 'idle' | 'notBefore'>): KnownIdle | null {
  if (idle === null || idle.endedAt !== null) return null
  const until = idleUntil({ idle, notBefore })
  return { ms: longestUnused(idle), until, askAgainAt: Number.NEGATIVE_INFINITY, asking: null }
}

/** A use at `at` (ms) puts the end off. */
export function prolong(idle: KnownIdle, at: number): void {
  idle.until = Math.max(idle.until, at + idle.ms)
}

/** Whether a key has ended so. */
export type IsUnused = (keyId: string, idle: KnownIdle, at: Moment) => Soon<boolean>

export function createIsUnused(uses: Pick<LastUse, 'here' | 'of'>): IsUnused {
  async function ask(keyId: string, idle: KnownIdle, at: Moment): Promise<boolean> {
    try {
      const last = (await uses.of([keyId])).get(keyId)
      if (last !== undefined) prolong(idle, last.at.getTime())
      idle.askAgainAt = at.monotonic + ASKED_EVERY_MS
      return at.wall >= idle.until
    } finally {
      idle.asking = null
    }
  }

  return (keyId, idle, at) => {
    const here = uses.here(keyId)
    if (here !== undefined) prolong(idle, here)
    if (at.wall < idle.until) return false
    if (at.monotonic < idle.askAgainAt) return true
    idle.asking ??= ask(keyId, idle, at)
    return idle.asking
  }
}
