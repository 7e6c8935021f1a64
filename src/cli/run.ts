/** The program `sidekey`, but for what is a process's own: its signals are heard here, its streams are given, its end is the caller's. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addCreate } from './commands/create.js'
import { addDelete } from './commands/delete.js'
import { addDoctor } from './commands/doctor.js'
import { addEvents } from './commands/events.js'
import { addExport } from './commands/export.js'
import { addImport } from './commands/import.js'
import { addList } from './commands/list.js'
import { addMigrate } from './commands/migrate.js'
import { addRevoke } from './commands/revoke.js'
import { addRotate } from './commands/rotate.js'
import { addScan } from './commands/scan.js'
import { addShow } from './commands/show.js'
import { addUpdate } from './commands/update.js'
import { addUsage } from './commands/usage.js'
import { addLookup, addVerify } from './commands/verify.js'
import { CliError, EXIT, type Exit, exitFor, isSidekeyError } from './exit.js'
import type { Io } from './io.js'
import { painter } from './output.js'
import { jsonText, printable, scrubbed } from './text.js'
import { refuseTokens } from './token.js'

const COMMANDS = [
  addCreate,
  addList,
  addShow,
  addUpdate,
  addRotate,
  addRevoke,
  addDelete,
  addVerify,
  addLookup,
  addUsage,
  addEvents,
  addImport,
  addExport,
  addScan,
  addDoctor,
  addMigrate,
]

/**
 * The program with all of its commands.
 * @param json whether what is wrong with a command line is told by the caller alone, for programs
 */
export function programOf(io: Io, { json = false } = {}): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string // our own file
  }
  const program = new Command('sidekey')
    .description('API keys of an app: manage, verify, scan for leaked ones')
    .version(version)
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false })
  for (const add of COMMANDS) add(program, io)
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: text => void io.stdout.write(text),
      writeErr: text => {
        if (!json) io.stderr.write(text.split('\n').map(scrubbed).map(printable).join('\n'))
      },
    })
  }
  return program
}

/**
 * Runs a command line, without the name of the program.
 * @returns the exit code
 */
export async function run(args: readonly string[], io: Io): Promise<Exit> {
  const json = asksForJson(args)
  try {
    refuseTokens(args)
    await programOf(io, { json }).parseAsync([...args], { from: 'user' })
    return EXIT.done
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      tell(io, error, json)
      return exitFor(error)
    }
    if (error.exitCode === 0) return EXIT.done
    if (json) tell(io, new CliError(EXIT.usage, messageOf(error)), json)
    return EXIT.usage
  }
}

/** Also of a command line that is wrong, and so is not read to its end. What comes after `--` is no option. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end === -1 ? undefined : end).includes('--json')
}

function messageOf({ code, message }: CommanderError): string {
  // Where no command is named the help is shown in place of a message.
  return code === 'commander.help' ? 'say what to do: see "sidekey help"' : message.replace(/^error: /, '')
}

/** One line, without tokens and passwords; what is not expected with where it came from. */
function tell({ stderr }: Io, error: unknown, json: boolean): void {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined }
  if (message === '') return // the answer has said it
  if (json) {
    const facts = isSidekeyError(error) ? { code: error.code, errors: error.errors } : {}
    stderr.write(`${jsonText({ error: { ...facts, message: scrubbed(message), exit: exitFor(error) } })}\n`)
    return
  }
  const isExpected = error instanceof CliError || isSidekeyError(error)
  const lines = (isExpected ? message : (stack ?? message)).split('\n').map(line => printable(scrubbed(line)))
  stderr.write(`${painter(stderr)('red', 'error:')} ${lines.join('\n')}\n`)
}
