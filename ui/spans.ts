/** Spans of time in words, by the platform's own: no message is needed for "90 days". Pure. */

const UNITS = [
  ['year', 365 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** A span in ms in its largest whole unit: `90 days`, `36 hours`. */
export function spanIn(locale: string, ms: number): string {
  const [unit, length] = UNITS.find(([, length]) => ms >= length && ms % length === 0) ?? ['second', 1_000]
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: 3,
  }).format(ms / length)
}
