/** What all commands have in common: options, opening and closing the keys, and how they end. */
import { type Command, InvalidArgumentError } from 'commander'
import { isKeyId } from '../key/token.js'
import { type Interrupts, watchInterrupts } from './interrupt.js'
import type { Io } from './io.js'
import { createOutput, type Output } from './output.js'
import { openSession, type Session, type WhereOptions } from './session.js'

export interface CommonOptions extends WhereOptions {
  readonly json?: boolean
}

/** What a command is run with. */
export interface Run extends Session {
  readonly io: Io
  readonly output: Output
  readonly interrupts: Interrupts
}

/** The options that say where the keys are, and `--json`. */
export function withKeys(command: Command): Command {
  return withDatabase(command).option('--prefix <prefix>', 'with --store: what tokens begin with')
}

/** The same without what tokens begin with. */
export function withDatabase(command: Command): Command {
  return command
    .option('--config <file>', "the app's config (default: sidekey.config.{js,mjs,ts} here)")
    .option('--no-config', 'do not look for one')
    .option('--store <uri>', "the database, without the app's options (default: MONGODB_URI)")
    .option('--collection-prefix <text>', 'with --store: what its collections begin with')
    .option('--json', 'answer in JSON')
}

/** Opens the keys, runs, and closes them, whatever comes of it. */
export async function runWithKeys(
  io: Io,
  options: CommonOptions,
  work: (run: Run) => Promise<void>,
  hint: { readonly token?: string } = {},
): Promise<void> {
  const output = createOutput(io, { json: options.json === true })
  const interrupts = watchInterrupts(output.note)
  try {
    const session = await openSession(io, options, output, hint)
    try {
      await work({ ...session, io, output, interrupts })
    } finally {
      await session.close()
    }
  } finally {
    interrupts.stop()
    await output.flush()
  }
}

/** An argument that is a key's id. */
export function idArgument(value: string): string {
  if (isKeyId(value)) return value
  throw new InvalidArgumentError('It takes the id of a key: 16 letters and digits.')
}

export function idArguments(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, idArgument(value)]
}

/** An option that may be given several times. */
export function many(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

export function wholeNumber(value: string): number {
  if (/^[0-9]{1,12}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It takes a whole number.')
}
