/** When a key ends: presets within what its kind allows, and a day of the viewer's choice. Pure. */

const HOUR = 3_600_000
const DAY = 24 * HOUR
const USUAL_DAYS = [7, 30, 90, 365]
const USUAL = 90 * DAY

/** `keep`: as it is (of a key that is changed); `never`; `day`: of the viewer's choice; else so many ms from now. */
export type Expiry =
  | { readonly at: 'keep' | 'never' }
  | { readonly at: 'day'; readonly day: string }
  | { readonly at: 'span'; readonly ms: number }

/** What a kind says of the life of its keys, in ms. */
interface Kind {
  readonly expiresIn: number | null
  readonly maxExpiresIn: number | null
}

/** The spans to choose from, short ones first: the usual ones, the kind's own, and its longest. */
export function spansFor({ expiresIn, maxExpiresIn }: Kind): number[] {
  const own = [expiresIn, maxExpiresIn].filter(ms => ms !== null)
  const all = new Set([...USUAL_DAYS.map(days => days * DAY), ...own])
  return [...all].filter(ms => maxExpiresIn === null || ms <= maxExpiresIn).sort((a, b) => a - b)
}

/** What a new key begins with: the kind's own span, or 90 days, or the longest that there is. */
export function usualExpiry(kind: Kind): Expiry {
  const spans = spansFor(kind)
  const wanted = kind.expiresIn ?? USUAL
  const ms = spans.includes(wanted) ? wanted : (spans.at(-1) ?? wanted)
  return { at: 'span', ms }
}

/** Whether keys of a kind may live for ever. A new one is given the kind's own span where no end is named. */
export function mayLiveForEver({ expiresIn, maxExpiresIn }: Kind, use: 'create' | 'update'): boolean {
  return maxExpiresIn === null && (use === 'update' || expiresIn === null)
}

/** When it ends, from `now` (ms); `null`: never, or not said yet. A day ends with itself, in the viewer's time zone. */
export function endOf(expiry: Expiry, now: number): Date | null {
  if (expiry.at === 'span') return new Date(now + expiry.ms)
  return expiry.at === 'day' ? endOfDay(expiry.day) : null
}

/** What `create` and `update` take for it. */
export function expiryInput(expiry: Expiry): { expiresIn: string } | { expiresAt: string | null } | object {
  switch (expiry.at) {
    case 'keep':
      return {}
    case 'never':
      return { expiresAt: null }
    case 'span':
      return { expiresIn: spanText(expiry.ms) }
    case 'day': {
      const end = endOfDay(expiry.day)
      return end === null ? {} : { expiresAt: end.toISOString() }
    }
  }
}

/** The days that can be chosen, from `now` (ms): today at least, and the last one that ends within the kind's longest. */
export function daysWithin({ maxExpiresIn }: Kind, now: number): { min: string; max: string | undefined } {
  return { min: dayOf(now), max: maxExpiresIn === null ? undefined : dayOf(now + maxExpiresIn - DAY) }
}

/** A span as the API takes it: in days or hours where they are whole, else in ms. */
function spanText(ms: number): string {
  if (ms % DAY === 0) return `${ms / DAY}d`
  return ms % HOUR === 0 ? `${ms / HOUR}h` : `${ms}ms`
}

function endOfDay(day: string): Date | null {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  const end = new Date(year, month - 1, date, 23, 59, 59)
  return /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(end.getTime()) ? end : null
}

function dayOf(ms: number): string {
  const date = new Date(ms)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
