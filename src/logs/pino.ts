/** Settings for pino. Nothing of it is loaded here. */
import { type RedactOptions, redactor } from '../key/redact.js'

/** What of pino's options is set. */
export interface PinoHooks {
  /** Is called with each line before it is written (pino 9.5 and newer). */
  readonly streamWrite: (line: string) => string
}

/**
 * Options for pino that mask tokens of ours in every line that is written: in the message, in each field however deep, in
 * errors and in what serializers make. Hooks of your own stay.
 *
 * @param options the options of pino's that you have
 * @param redacted what is masked besides
 *
 * @example
 * ```ts
 * const logger = pino(pinoOptions({ level: 'info' }))
 * ```
 */
export function pinoOptions<O extends object>(
  options?: O,
  redacted?: RedactOptions,
): O & { hooks: PinoHooks } {
  const mask = redactor(redacted)
  const given = options ?? ({} as O) // none is as good as an empty one
  const hooks: unknown = Reflect.get(given, 'hooks')
  const before: unknown = Reflect.get(Object(hooks), 'streamWrite')
  const streamWrite = (line: string) => mask(typeof before === 'function' ? String(before(line)) : line)
  return { ...given, hooks: { ...Object(hooks), streamWrite } }
}
