/** Days where the viewer is. Pure but for the time zone. */

const DAY = /^\d{4}-\d\d-\d\d$/

/** A day such as `2026-11-30`, as it begins where the viewer is; `null`: it is none. */
export function dayOf(text: string | undefined): Date | null {
  if (text === undefined || !DAY.test(text)) return null
  const day = new Date(`${text}T00:00`)
  return Number.isNaN(day.getTime()) ? null : day
}

/** The beginning of the day that is so many days away. */
export function startOfDay(at: Date, days: number): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + days)
}

/** A day as an address has it. */
export function dayText(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
