import { locale, timeZone } from '../page.js'
import { relativeParts } from './relative-time.js'

const EXACT = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone })
const DAY = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone })
const RELATIVE = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })

interface TimeProps {
  /** ISO 8601. */
  readonly at: string
  /** `exact`: day and time; `day`; `relative`: how long ago, or until then. */
  readonly form?: 'exact' | 'day' | 'relative'
}

/** A point in time, in the viewer's time zone. The exact one is always to be had. */
export function Time({ at, form = 'exact' }: TimeProps) {
  return (
    <time dateTime={at} title={form === 'exact' ? undefined : exactTime(at)}>
      {form === 'exact' ? exactTime(at) : form === 'day' ? DAY.format(new Date(at)) : relativeTime(at)}
    </time>
  )
}

/** Day and time as text. */
export function exactTime(at: string): string {
  return EXACT.format(new Date(at))
}

/** How long ago, or until then, as text. */
export function relativeTime(at: string): string {
  const { value, unit } = relativeParts(Date.parse(at) - Date.now())
  return RELATIVE.format(value, unit)
}
