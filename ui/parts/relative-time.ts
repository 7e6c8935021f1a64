/** How far a time is from now, in the unit that people would say. Pure. */

const UNITS = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

export type RelativeUnit = (typeof UNITS)[number][0] | 'second'

/** The number and the unit of a span in ms; negative: ago. Less than a minute is "now". */
export function relativeParts(ms: number): { value: number; unit: RelativeUnit } {
  for (const [unit, length] of UNITS) {
    // Cut, not rounded: 23.9 hours are no day yet.
    if (Math.abs(ms) >= length) return { value: Math.trunc(ms / length), unit }
  }
  return { value: 0, unit: 'second' }
}
