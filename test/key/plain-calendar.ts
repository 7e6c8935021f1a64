/** A calendar without arithmetic: days follow each other, by a table of months and the rule of leap years. */
import fc from 'fast-check'

export const PLAIN_MS = { day: 86_400_000 }

interface Day {
  readonly year: number
  readonly month: number
  readonly day: number
}

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function lengthOf({ year, month }: Day): number {
  const isLeap = year % 400 === 0 || (year % 4 === 0 && year % 100 !== 0)
  return month === 2 && isLeap ? 29 : (LENGTHS[month - 1] ?? 0)
}

function dayAfter({ year, month, day }: Day): Day {
  if (day < lengthOf({ year, month, day })) return { year, month, day: day + 1 }
  return month === 12 ? { year: year + 1, month: 1, day: 1 } : { year, month: month + 1, day: 1 }
}

function textOf({ year, month, day }: Day): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${year}-${two(month)}-${two(day)}`
}

/** How often midnights (`day`), or the day of the month on which it began (`month`), have come after `from` until `until`. */
export function refillsBetween(every: 'day' | 'month', from: Date, until: Date): number {
  const [year = 0, month = 0, day = 0] = from.toISOString().slice(0, 10).split('-').map(Number)
  const last = until.toISOString().slice(0, 10)
  let times = 0
  for (let at = dayAfter({ year, month, day }); textOf(at) <= last; at = dayAfter(at)) {
    if (every === 'day' || at.day === Math.min(day, lengthOf(at))) times++
  }
  return times
}

/** Points in time, at the ends of months, around leap days and at midnight more often than others. */
export function plainDate(): fc.Arbitrary<Date> {
  const anywhere = fc.integer({ min: Date.UTC(1996, 0, 1), max: Date.UTC(2105, 0, 1) })
  const ofMonths = fc
    .tuple(
      fc.integer({ min: 1996, max: 2104 }),
      fc.nat(11),
      fc.constantFrom(1, 27, 28, 29, 30, 31),
      fc.nat(2),
    )
    .map(([year, month, day, offset]) => Date.UTC(year, month, day) + offset - 1)
  return fc.oneof(anywhere, ofMonths).map(ms => new Date(ms))
}
