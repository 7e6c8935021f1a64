/** What is asked of usage: by hour or day, and since when. */
import type { UsageQuery } from '../../../src/client/index.js'
import type { PeriodLength } from '../../../src/usage/periods.js'
import type { MessageKey } from '../../messages.js'
import { locale, timeZone } from '../../page.js'

export interface Range {
  readonly name: string
  readonly label: MessageKey
  readonly by: 'hour' | 'day'
  readonly days: number
}

export const RANGES = [
  { name: 'hour', label: 'usage.byHour', by: 'hour', days: 2 },
  { name: 'day', label: 'usage.byDay', by: 'day', days: 30 },
  { name: 'long', label: 'usage.byLong', by: 'day', days: 90 },
] as const satisfies readonly Range[]

const DAY = 86_400_000

/** The question, up to now, by the clocks of the viewer's time zone. */
export function usageQuery({ by, days }: Range): UsageQuery {
  const from = new Date(Date.now() - days * DAY + (by === 'hour' ? 3_600_000 : DAY))
  const day = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
  return { by, timeZone, from: by === 'hour' ? from.toISOString() : day.format(from) }
}

const FORMATS = {
  hour: new Intl.DateTimeFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit' }),
  day: new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'short' }),
  month: new Intl.DateTimeFormat(locale, { timeZone, month: 'short', year: 'numeric' }),
} as const satisfies Record<PeriodLength, Intl.DateTimeFormat>
const LONG_FORMATS = {
  hour: new Intl.DateTimeFormat(locale, { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit' }),
  day: new Intl.DateTimeFormat(locale, { timeZone, weekday: 'short', day: 'numeric', month: 'short' }),
  month: new Intl.DateTimeFormat(locale, { timeZone, month: 'long', year: 'numeric' }),
} as const satisfies Record<PeriodLength, Intl.DateTimeFormat>

/** A period by its beginning: short on an axis, longer elsewhere. */
export function periodLabel(from: string, by: PeriodLength, form: 'short' | 'long'): string {
  return (form === 'short' ? FORMATS : LONG_FORMATS)[by].format(new Date(from))
}
