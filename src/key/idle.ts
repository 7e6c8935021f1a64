/** Keys that end when nobody uses them: how long that takes, and from when it counts. Pure. */
import { parseDurationWithin } from './duration.js'

/** What a record holds of it. When the key was last used is kept beside the record. */
export interface Idle {
  /** Unused for so long, the key ends: a duration with a unit, as it was given. */
  readonly after: string
  /** It counts from here, or from the last use where that was later. */
  readonly since: Date
  /** When the sweep looks at it next. */
  readonly checkAt: Date
  /** When it ended by this; `null`: it has not, as far as the record knows. */
  readonly endedAt: Date | null
}

const SHORTEST_MS = 60_000
const LONGEST_MS = 3660 * 86_400_000
export const TAKES_IDLE = 'takes a duration from "1m" to "10y", such as "90d"'

/** In ms; `null`: a key cannot end after that. */
export function idleMs(after: string): number | null {
  return parseDurationWithin(after, SHORTEST_MS, LONGEST_MS)
}

/** How long a key may go unused, in ms; its text was checked when it was given. */
export function longestUnused({ after }: Idle): number {
  return idleMs(after) ?? LONGEST_MS
}

/** Counts from `now` (ms); the sweep finds out by itself when to look again. */
export function idleFrom(after: string, now: number): Idle {
  return { after, since: new Date(now), checkAt: new Date(now), endedAt: null }
}

/** Counts anew from `now` (ms), where it has not ended: for what brings a key to work again. */
export function restarted(idle: Idle | null, now: number): Idle | null {
  return idle === null || idle.endedAt !== null ? idle : idleFrom(idle.after, now)
}

/**
 * Until when a key may go unused, in ms since the epoch; infinite: for ever.
 * @param usedAt when it was last used (ms), as far as is known
 */
export function idleUntil(
  { idle, notBefore }: { readonly idle: Idle | null; readonly notBefore: Date | null },
  usedAt = 0,
): number {
  if (idle === null) return Number.POSITIVE_INFINITY
  const from = Math.max(idle.since.getTime(), notBefore?.getTime() ?? 0, usedAt)
  return from + longestUnused(idle)
}
