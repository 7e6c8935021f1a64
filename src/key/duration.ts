import ms from 'ms'

/** Small letters only: to `ms`, `1M` would be a minute. */
const WITH_UNIT = /^[0-9]{1,12}(?:\.[0-9]{1,3})?\s?[a-z]{1,12}$/
/** Ten times the age of the oldest reader: a date that far can still be written down. */
const LONGEST = ms('1000y')

/**
 * A duration in ms from a string with a unit, in the `ms` package's syntax: `90d`, `12h`, `30 minutes`.
 * A bare number, a negative or an unknown unit is `null`.
 */
export function parseDuration(text: string): number | null {
  if (!WITH_UNIT.test(text)) return null
  const value = ms(text as ms.StringValue) // the pattern above admits only what ms reads, or answers undefined to
  return value <= LONGEST ? Math.round(value) : null
}

/** The same, where it is within bounds (ms); `null` where it is not. */
export function parseDurationWithin(text: string, least: number, most: number): number | null {
  const value = parseDuration(text) ?? Number.NaN // which is within no bounds
  return value >= least && value <= most ? value : null
}
