/** A format for winston. Nothing of it is loaded here. */
import { type RedactOptions, redactor } from '../key/redact.js'
import { maskedBy } from './value.js'

/** A format as winston (logform) has it. */
export interface WinstonFormat {
  transform<T>(info: T): T
}

/**
 * A format for winston that masks tokens of ours in all that is logged: the message, each field however deep, errors, and the
 * line itself where a format before has made it. Put it last; a transport that has a format of its own needs it there too.
 *
 * @example
 * ```ts
 * const logger = winston.createLogger({ format: winston.format.combine(winston.format.json(), winstonFormat()) })
 * ```
 */
export function winstonFormat(redacted?: RedactOptions): WinstonFormat {
  const mask = redactor(redacted)
  return { transform: info => maskedBy(mask, info) }
}
