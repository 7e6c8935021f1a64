/** Mistakes in how sidekey is used, told to the app's logger: once each, since they are made at every request. */
import type { Config } from './config.js'

/** Each has its heading in docs/warnings.md. */
export const WARNINGS = [
  'memory-store-in-production',
  'short-pepper',
  'malformed-answer',
  'untrusted-proxy',
  'router-before-login',
  'body-already-read',
  'raw-body-required',
  'session-in-a-list',
] as const
export type Warning = (typeof WARNINGS)[number]

const told = new WeakMap<object, Set<string>>()

/** Warns, once a logger and set of details: two `keys` objects with one logger are told of once. */
export function tellOnce(
  { logger }: Pick<Config, 'logger'>,
  warning: Warning,
  message: string,
  details: object = {},
): void {
  const key = JSON.stringify([warning, details])
  const known = told.get(logger) ?? new Set()
  if (known.has(key)) return
  told.set(logger, known.add(key))
  logger.warn({ ...details, help: helpFor(warning) }, message)
}

/** Where a warning is explained. */
export function helpFor(warning: Warning): string {
  return `docs/warnings.md#${warning}`
}
