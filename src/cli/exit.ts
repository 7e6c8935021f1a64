/** How the program ends: its exit codes, and the errors that lead to them. */
import { type ErrorCode, SidekeyError } from '../errors.js'

/** Each has its row in docs/cli.md. */
export const EXIT = {
  done: 0,
  /** The answer is no: a token is refused, tokens were found, `doctor` has found a problem. */
  no: 1,
  /** The command line, or what it gives, is wrong. */
  usage: 2,
  /** There is no config, no database is named, or the config cannot be loaded; or without one it cannot be told. */
  setup: 3,
  notFound: 4,
  /** The key stands in the way: revoked already, changed meanwhile, as many as allowed. */
  refused: 5,
  unavailable: 6,
  /** It was not confirmed. */
  unconfirmed: 7,
  /** Done in part: something could not be read, or was not taken. */
  partly: 8,
  failed: 70,
  /** By Ctrl-C: what was begun is finished, the rest is not begun. */
  interrupted: 130,
} as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

/** An end of the program that is told in one line. */
export class CliError extends Error {
  constructor(
    readonly exit: Exit,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

const EXIT_OF: Readonly<Partial<Record<ErrorCode, Exit>>> = {
  INVALID_INPUT: EXIT.usage,
  INVALID_OPTION: EXIT.setup,
  NOT_FOUND: EXIT.notFound,
  STORE_UNAVAILABLE: EXIT.unavailable,
  INTERNAL_ERROR: EXIT.failed,
}

/** The exit code for whatever was thrown. */
export function exitFor(error: unknown): Exit {
  if (error instanceof CliError) return error.exit
  if (isSidekeyError(error)) return EXIT_OF[error.code] ?? EXIT.refused
  return EXIT.failed
}

/** By its name: the app's copy of sidekey may be another one than that of the program. */
export function isSidekeyError(error: unknown): error is SidekeyError {
  return (
    error instanceof SidekeyError ||
    (error instanceof Error && error.name === 'SidekeyError' && 'code' in error)
  )
}
