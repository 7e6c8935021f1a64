/** Which time is asked about, and by what it is parted. Pure. */
import type { UsageQuery } from '../../../src/client/index.js'
import type { PeriodLength } from '../../../src/usage/periods.js'
import { dayText, startOfDay } from '../day.js'

/** So many days back, and by what they can be parted: an answer has at most 1,000 periods. */
export const RANGES: Readonly<Record<UsageRange, readonly PeriodLength[]>> = {
  '1': ['hour'],
  '7': ['day', 'hour'],
  '30': ['day', 'hour'],
  '90': ['day', 'month'],
}
export type UsageRange = '1' | '7' | '30' | '90'

const HOUR_MS = 3_600_000

/** What an address asks for; what it cannot ask for is passed over. */
export function rangeOf({ range, by }: { readonly range?: string; readonly by?: string }): {
  range: UsageRange
  by: PeriodLength
} {
  const known = (Object.keys(RANGES) as UsageRange[]).find(one => one === range) ?? '30' // its own keys
  const parts = RANGES[known]
  return { range: known, by: parts.find(one => one === by) ?? parts[0] ?? 'day' }
}

/** The same as the API takes it: whole days of the viewer's, and today as far as it has come. */
export function timeOf(
  { range, by }: { readonly range: UsageRange; readonly by: PeriodLength },
  now: Date,
  timeZone: string,
): Pick<UsageQuery, 'from' | 'by' | 'timeZone'> {
  const from =
    range === '1'
      ? new Date(now.getTime() - 23 * HOUR_MS).toISOString()
      : dayText(startOfDay(now, 1 - Number(range)))
  return { from, by, timeZone }
}
