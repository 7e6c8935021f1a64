/** Where warnings and errors go. */

/** A logger of the pino shape. */
export interface Logger {
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** A logger that fails must not make what it tells of fail. */
export function harmless(logger: Logger): Logger {
  const known = harmlessOf.get(logger)
  if (known !== undefined) return known
  const calling = (level: keyof Logger) => (details: object, message: string) => {
    try {
      logger[level](details, message)
    } catch {}
  }
  const made = { warn: calling('warn'), error: calling('error') }
  harmlessOf.set(logger, made)
  return made
}

/** One for each logger: what is told once is told once to it. */
const harmlessOf = new WeakMap<Logger, Logger>()

export const consoleLogger: Logger = {
  warn: (details, message) => console.warn(`sidekey: ${message}`, details),
  error: (details, message) => console.error(`sidekey: ${message}`, details),
}
