#!/usr/bin/env node
/** The program `sidekey`. */
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
import { CliError, EXIT, exitFor, isSidekeyError } from './exit.js'
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

function programOf(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string // our own file
  }
  const program = new Command('sidekey')
    .description('API keys of an app: manage, verify, scan for leaked ones')
    .version(version)
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false })
  for (const add of COMMANDS) add(program)
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeErr: text => void process.stderr.write(text.split('\n').map(scrubbed).map(printable).join('\n')),
    })
  }
  return program
}

async function main(args: readonly string[]): Promise<number> {
  try {
    refuseTokens(args)
    await programOf().parseAsync([...args], { from: 'user' })
    return EXIT.done
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    tell(error, args.includes('--json'))
    return exitFor(error)
  }
}

/** One line, without tokens and passwords; what is not expected with where it came from. */
function tell(error: unknown, json: boolean): void {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined }
  if (message === '') return // the answer has said it
  if (json) {
    const facts = isSidekeyError(error) ? { code: error.code, errors: error.errors } : {}
    process.stderr.write(
      `${jsonText({ error: { ...facts, message: scrubbed(message), exit: exitFor(error) } })}\n`,
    )
    return
  }
  const isExpected = error instanceof CliError || isSidekeyError(error)
  const lines = (isExpected ? message : (stack ?? message)).split('\n').map(line => printable(scrubbed(line)))
  process.stderr.write(`${painter(process.stderr)('red', 'error:')} ${lines.join('\n')}\n`)
}

// Whoever reads has gone (`sidekey list | head`): nothing is left to be said.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed)
  })
}

// An app's config may hold connections that would keep the process alive.
process.exit(await main(process.argv.slice(2)))
