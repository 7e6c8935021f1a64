/** What a question about usage takes, and the periods that it is answered by. */
import { z } from 'zod'
import { invalidInput } from '../errors.js'
import { HOUR_MS, hourOf } from '../usage/hours.js'
import {
  firstHourOf,
  isTimeZone,
  PERIOD_LENGTHS,
  type Period,
  type PeriodLength,
  periodsIn,
} from '../usage/periods.js'
import { parseInput } from '../validation.js'
import { identifier } from './actor.js'
import { keyId, ownerInput } from './fields.js'
import type { OwnerInput } from './input.js'

/** What `usage` takes. All given filters must hold. */
export interface UsageQuery {
  /** Use of this key alone. */
  readonly keyId?: string
  /** Use of keys while they were this owner's. */
  readonly owner?: OwnerInput
  /** Use of keys while they were in this organisation. */
  readonly organizationId?: string | number | { toHexString(): string }
  /** Through `as(admin)`: everyone's. From server code it is the default. */
  readonly all?: boolean
  /**
   * Not before this time, to the whole hour of UTC; a date alone (`'2026-11-30'`) is its beginning in `timeZone`. Default: 30
   * days before `to`.
   */
  readonly from?: Date | string
  /** Before this time, likewise. Default: now. */
  readonly to?: Date | string
  /** How the answer is parted. Default: `'day'`. */
  readonly by?: PeriodLength
  /** Whose days and months (`'Europe/Berlin'`). Default: `'UTC'`. */
  readonly timeZone?: string
}

/** So many periods are answered at most. */
const MOST_PERIODS = 1_000
const DEFAULT_HOURS = 30 * 24
const FIRST_HOUR = 0
const LAST_HOUR = hourOf(Date.UTC(9999, 11, 31))

const TAKES_POINT = 'takes a Date, a time in ISO 8601, or a date such as "2026-11-30"'
/** A date alone stays text: it is a day of the time zone. */
const pointOrDay = z.union(
  [z.date(), z.iso.datetime({ offset: true }).transform(time => new Date(time)), z.iso.date()],
  TAKES_POINT,
)
const TAKES_ZONE = 'takes the name of a time zone, such as "Europe/Berlin"'

const usageQuery = z.strictObject(
  {
    keyId: keyId.optional(),
    owner: ownerInput.optional(),
    organizationId: identifier.optional(),
    all: z.boolean('takes true or false').optional(),
    from: pointOrDay.optional(),
    to: pointOrDay.optional(),
    by: z.enum(PERIOD_LENGTHS, `takes ${PERIOD_LENGTHS.join(', ')}`).default('day'),
    timeZone: z.string(TAKES_ZONE).refine(isTimeZone, TAKES_ZONE).default('UTC'),
  },
  'takes an object',
)

/** A question, with the range of hours and the periods that it comes to. */
export interface AskedUsage
  extends Pick<z.output<typeof usageQuery>, 'keyId' | 'owner' | 'organizationId' | 'all'> {
  readonly range: Period
  readonly periods: readonly Period[]
}

/**
 * The question as it came, checked.
 * @throws SidekeyError `INVALID_INPUT`, naming what is wrong; `from` where the range is empty or too long.
 */
export function askedUsage(raw: unknown, now: number): AskedUsage {
  const { from, to, by, timeZone, ...asked } = parseInput(usageQuery, raw)
  const end = to === undefined ? hourOf(now) + 1 : hourIn('to', to, timeZone, Math.ceil)
  const start = from === undefined ? end - DEFAULT_HOURS : hourIn('from', from, timeZone, Math.floor)
  if (start >= end) throw refused('from', 'takes a time before `to`')
  const range = { from: start, to: end }
  const periods = periodsIn(range, by, timeZone, MOST_PERIODS)
  if (periods === null) {
    throw refused('from', `takes a time nearer to \`to\`: an answer has at most ${MOST_PERIODS} periods`)
  }
  return { ...asked, range, periods }
}

function hourIn(
  path: string,
  at: Date | string,
  timeZone: string,
  rounded: (hours: number) => number,
): number {
  const hour = typeof at === 'string' ? firstHourOf(at, timeZone) : rounded(at.getTime() / HOUR_MS)
  if (hour < FIRST_HOUR || hour > LAST_HOUR) throw refused(path, 'takes a time from 1970 to 9999')
  return hour
}

function refused(path: string, message: string): Error {
  return invalidInput([{ path, message }])
}
