/**
 * When credits come back. Refills of a rule are numbered: those by days since 1970, those by months since the year 0, those
 * by a duration from the rule's own beginning; so how many are due is a difference. All in UTC.
 */
import { parseDurationWithin } from './duration.js'

/** How often credits come back, and how many. */
export interface Refill {
  /** How many come each time. */
  readonly amount: number
  /**
   * `day`: at midnight. `month`: at midnight of the day of the month on which the rule was made, or of the month's last day
   * where it is shorter. A duration (`'6h'`): that long after the rule was made, and again each time. All in UTC.
   */
  readonly every: string
  /** They fill no higher than this; `null`: no bound. */
  readonly max: number | null
}

/** What management says of a key's credits. */
export interface CreditRule {
  readonly refill: Refill | null
  /** When the rule was made: refills are counted from then. Of two rules the later one counts. */
  readonly since: Date
}

/** The span between refills: a calendar's, or ms. */
export type Period = 'day' | 'month' | number

const SHORTEST_PERIOD_MS = 60_000
const DAY_MS = 86_400_000

/** The period that a text stands for, or `null`. */
export function periodOf(every: string): Period | null {
  if (every === 'day' || every === 'month') return every
  return parseDurationWithin(every, SHORTEST_PERIOD_MS, Number.POSITIVE_INFINITY)
}

/** The number of the last refill at or before a time (ms). */
export function refillNumber(every: Period, since: Date, at: number): number {
  if (every === 'day') return Math.floor(at / DAY_MS)
  if (every === 'month') {
    const date = new Date(at)
    const isLastDay = new Date(at + DAY_MS).getUTCDate() === 1
    const hasCome = isLastDay || date.getUTCDate() >= since.getUTCDate()
    return date.getUTCFullYear() * 12 + date.getUTCMonth() - (hasCome ? 0 : 1)
  }
  return Math.floor((at - since.getTime()) / every)
}

/** When the refill of this number comes. */
export function refillTime(every: Period, since: Date, number: number): Date {
  if (every === 'day') return new Date(number * DAY_MS)
  if (every === 'month') {
    const [year, month] = [Math.floor(number / 12), number % 12]
    const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
    return new Date(Date.UTC(year, month, Math.min(since.getUTCDate(), lastDay)))
  }
  return new Date(since.getTime() + number * every)
}
