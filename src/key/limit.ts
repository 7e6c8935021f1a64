/** Limits of a key: how many points may be taken a window, and who shares them. Pure. */
import { parseDurationWithin } from './duration.js'

/** Who draws on one counter: the key alone, all keys of its owner, or all keys in its organisation's context. */
export type LimitScope = 'key' | 'owner' | 'organization'
export const LIMIT_SCOPES: readonly LimitScope[] = ['key', 'owner', 'organization']

/** So many points a window. */
export interface Limit {
  /** How many a window: a request takes one, or what it costs. */
  readonly points: number
  /** How long a window is: `'1m'`; from a second to 24 days. Windows begin at whole multiples of it, in UTC. */
  readonly per: string
  /** Who shares it. Default: `key`. */
  readonly by?: LimitScope
}

/** A key's limits, by name. */
export type Limits = Readonly<Record<string, Limit>>

export const NO_LIMITS: Limits = Object.freeze({})
/** The limit that a request draws on which names none. */
export const DEFAULT_LIMIT = 'requests'

export const MOST_POINTS = 1_000_000_000
const SHORTEST_WINDOW_MS = 1_000
/** Counters in memory go by timers, which hold no longer. */
const LONGEST_WINDOW_MS = 24 * 86_400_000
export const MOST_LIMITS = 10

/** Whether a text can name a limit: it stands in the headers of answers. */
export function isLimitName(text: string): boolean {
  return /^[a-z][a-zA-Z0-9_-]{0,31}$/.test(text)
}

/** The length of a window in ms; `null`: it is none. */
export function windowMs(per: string): number | null {
  return parseDurationWithin(per, SHORTEST_WINDOW_MS, LONGEST_WINDOW_MS)
}

export const TAKES_COST = 'takes a whole number from 0'

/** Whether a value can be what a request costs. */
export function isCost(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 // no other type has safe integers
}
