/**
 * Hours, days and months by the clocks of a time zone. What is counted by the hour cannot be parted: where midnight is not on
 * a whole hour of UTC (Kolkata, Kathmandu), a day begins with the first such hour that begins in it.
 */
import { HOUR_MS, hourOf } from './hours.js'

export const PERIOD_LENGTHS = ['hour', 'day', 'month'] as const
/**
 * What usage is told by: `by` of a question.
 * @useDeclaredType
 */
export type PeriodLength = (typeof PERIOD_LENGTHS)[number]

/** Hours since the epoch: from this one, before that one. */
export interface Period {
  readonly from: number
  readonly to: number
}

/** Within so many hours another day or month begins, whatever the clocks do. */
const LONGEST_HOURS = { day: 49, month: 32 * 24 }
/** No clock is further from UTC, in hours. */
const FURTHEST_HOURS = 16

/** Whether there is a time zone of this name (`Europe/Berlin`, `UTC`). */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch {
    return false
  }
}

/**
 * The periods that a range of hours falls into, in order and without a gap; the first and the last as far as they are in it.
 * `null`: they are more than `most`.
 */
export function periodsIn(
  { from, to }: Period,
  by: PeriodLength,
  timeZone: string,
  most: number,
): Period[] | null {
  const nextStart = by === 'hour' ? (hour: number) => hour + 1 : nextStartBy(by, timeZone)
  const periods: Period[] = []
  for (let start = from; start < to; ) {
    if (periods.length === most) return null
    const end = Math.min(nextStart(start), to)
    periods.push({ from: start, to: end })
    start = end
  }
  return periods
}

/** The first hour of a day (`2026-11-30`) in a time zone. */
export function firstHourOf(day: string, timeZone: string): number {
  const dayOf = daysIn(timeZone)
  const inUtc = hourOf(Date.parse(day))
  return first(inUtc - FURTHEST_HOURS, inUtc + FURTHEST_HOURS, hour => dayOf(hour) >= day)
}

function nextStartBy(by: 'day' | 'month', timeZone: string): (hour: number) => number {
  const dayOf = daysIn(timeZone)
  const nameOf = by === 'day' ? dayOf : (hour: number) => dayOf(hour).slice(0, -'-dd'.length)
  return hour => {
    const name = nameOf(hour)
    return first(hour + 1, hour + LONGEST_HOURS[by], later => nameOf(later) !== name)
  }
}

/** The day that an hour begins in, as `yyyy-mm-dd`. */
function daysIn(timeZone: string): (hour: number) => string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  return hour => {
    const parts = format.formatToParts(hour * HOUR_MS)
    const textOf = (type: Intl.DateTimeFormatPartTypes) => parts.find(part => part.type === type)?.value ?? ''
    return `${textOf('year')}-${textOf('month')}-${textOf('day')}`
  }
}

/** The first number from `low` on, up to `high`, of which it holds; of all after it, it does too. */
function first(low: number, high: number, holds: (n: number) => boolean): number {
  let [from, to] = [low, high]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if (holds(middle)) to = middle
    else from = middle + 1
  }
  return from
}
