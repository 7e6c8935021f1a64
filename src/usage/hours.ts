/** Hours since the epoch, by which use is counted. */

export const HOUR_MS = 3_600_000

/** How long what was counted in an hour is kept. */
const KEPT_MS = 90 * 24 * HOUR_MS

/** The hour that a time (ms) is in. */
export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS)
}

/** When an hour begins. */
export function startOf(hour: number): Date {
  return new Date(hour * HOUR_MS)
}

/** When what was counted in an hour goes. */
export function endOfKeeping(hour: number): Date {
  return new Date((hour + 1) * HOUR_MS + KEPT_MS)
}
