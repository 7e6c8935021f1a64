import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { given } from '../../given.js'
import { type ImportFileOptions, type ImportReport, importFile, READY_SOURCES } from '../../import/index.js'
import { UNREAD } from '../../import/rows.js'
import { type Checkpoint, NO_CHECKPOINT, openCheckpoint } from '../checkpoint.js'
import { type CommonOptions, many, type Run, runWithKeys, withDatabase } from '../command.js'
import { CliError, EXIT } from '../exit.js'
import { failureWriter } from '../failure-writer.js'
import type { Io } from '../io.js'
import { type ActOptions, ownerOf, withLeave } from '../options.js'
import { confirm } from '../prompt.js'

interface ImportOptions extends CommonOptions, ActOptions {
  readonly mapping?: string
  readonly format?: 'csv' | 'json'
  readonly source?: string
  readonly owner?: string
  readonly ownerType?: string
  readonly kind?: string
  readonly permission?: readonly string[]
  readonly organizationConfig?: readonly string[]
  readonly overwrite?: boolean
  readonly resume?: boolean
  readonly report?: string
}

/** What is imported, from what. */
interface Asked {
  readonly from: ImportFileOptions['from']
  readonly path: string
}

export function addImport(program: Command, io: Io): void {
  const command = program
    .command('import')
    .description('take over keys that another system has made; their tokens go on working')
    .usage(
      `[options] <${READY_SOURCES.join('|')}> <file>\n       sidekey import [options] --mapping <map.json> <file>`,
    )
    .argument(
      '<from-and-file...>',
      'the system and the file, or with --mapping the file; - is standard input',
    )
    .option('--mapping <file>', 'which column is what, as JSON')
    .addOption(new Option('--format <format>', 'default: as the file begins').choices(['csv', 'json']))
    .option(
      '--source <name>',
      "the entry of the app's option imported (default: the only one, or as the system)",
    )
    .option('--owner <id>', 'whose the keys are whose rows do not say')
    .option('--owner-type <type>', 'goes with --owner (default: user)')
    .option('--kind <kind>', 'of keys whose rows do not say')
    .option('--permission <permission>', 'of keys whose rows do not say; several times', many)
    .option(
      '--organization-config <id>',
      'of better-auth: a configId whose keys belong to organisations; several times',
      many,
    )
    .option('--overwrite', 'what the file says replaces what is here, for keys that were imported before')
    .option('--resume', 'go on where an import of this file was stopped')
    .option('--report <file>', 'write the rows that were not taken into this new file, as JSON Lines')
  withLeave(command, 'check every row, and write nothing')
  withDatabase(command).action((args: readonly string[], options: ImportOptions) =>
    runWithKeys(io, options, async run => importKeys(run, await askedIn(args, options), options)),
  )
}

async function askedIn(args: readonly string[], { mapping }: ImportOptions): Promise<Asked> {
  const [from, path] = mapping === undefined ? args : [undefined, args[0]]
  const wanted = mapping === undefined ? 2 : 1
  if (args.length !== wanted || path === undefined) {
    throw new CliError(
      EXIT.usage,
      `say from what and which file: one of ${READY_SOURCES.join(', ')}, or --mapping`,
    )
  }
  return { path, from: mapping === undefined ? (from ?? '') : await mappingIn(mapping) }
}

async function mappingIn(path: string): Promise<Asked['from']> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new CliError(EXIT.usage, `${path}: cannot be read`)
  })
  try {
    return JSON.parse(text) as Asked['from'] // importFile checks it
  } catch {
    throw new CliError(EXIT.usage, `${path}: is not JSON`)
  }
}

async function importKeys(run: Run, asked: Asked, options: ImportOptions): Promise<void> {
  const { output, by, interrupts, keys } = run
  const { overwrite, resume, report, yes, dryRun, format, source, organizationConfig } = options
  if (by === 'database') {
    const needs = "an import needs the app's config: its option `imported` says what the tokens look like"
    throw new CliError(EXIT.setup, needs)
  }
  if (organizationConfig !== undefined && asked.from !== 'better-auth')
    throw new CliError(EXIT.usage, '--organization-config goes with better-auth')
  const size = asked.path === '-' ? null : await sizeOf(asked.path)
  if (overwrite === true && dryRun !== true) {
    await confirm(run.io, `Overwrite keys of ${asked.path} that were imported before?`, { yes })
  }
  const isKept = size !== null && dryRun !== true
  if (resume === true && !isKept)
    throw new CliError(EXIT.usage, '--resume goes with a file, and not with --dry-run')
  const checkpoint = isKept ? await openCheckpoint(asked.path, { resume, warn: output.warn }) : NO_CHECKPOINT
  const failures = await failureWriter(report, output)
  const progress = output.progress('bytes')
  let read = 0
  try {
    const done = await importFile(
      keys,
      counted(
        () => inputOf(run.io, asked.path),
        bytes => (read += bytes),
      ),
      {
        from: asked.from,
        ...given({
          format,
          source,
          dryRun,
          organizationConfigs: organizationConfig,
          existing: overwrite === true ? ('overwrite' as const) : undefined,
        }),
        defaults: defaultsOf(options),
        after: checkpoint.after,
        signal: interrupts.signal,
        onFailed: failures.write,
        onProgress: ({ rows }) => {
          progress.at(read, size)
          failures.after(() => checkpoint.save(rows))
        },
      },
    )
    progress.end()
    await failures.end()
    await told(run, done, { checkpoint, path: asked.path, dryRun })
  } finally {
    progress.end()
    await failures.end()
  }
}

function defaultsOf({
  owner,
  ownerType,
  kind,
  permission,
}: ImportOptions): NonNullable<ImportFileOptions['defaults']> {
  return given({
    owner: ownerOf({ owner, ownerType }),
    kind,
    permissions: permission,
  })
}

async function told(
  { output, interrupts }: Run,
  report: ImportReport,
  { checkpoint, path, dryRun }: { checkpoint: Checkpoint; path: string; dryRun: boolean | undefined },
): Promise<void> {
  const { rows, imported, skipped, failed, done } = report
  if (output.json) output.value({ ...(dryRun === true && { dryRun }), ...report })
  else {
    const does = dryRun === true ? 'would be imported' : 'imported'
    output.line(`${rows} rows: ${imported} ${does}, ${skipped} there already, ${failed} not taken.`)
  }
  if (!done && !interrupts.signal.aborted)
    throw new CliError(EXIT.partly, `${path}: ${UNREAD}; mend it and repeat: what is there is skipped`)
  if (!done) {
    const goOn = checkpoint.isKept ? 'go on with --resume' : 'repeat it: what is there is skipped'
    throw new CliError(EXIT.interrupted, `stopped after ${rows} rows, all of which are done; ${goOn}`)
  }
  await checkpoint.clear()
  if (failed > 0) throw new CliError(EXIT.partly, '')
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile())
    throw new CliError(EXIT.usage, `${path}: is not a file that can be read`)
  return found.size
}

function inputOf({ stdin }: Io, path: string): AsyncIterable<Uint8Array> {
  return path === '-' ? stdin : createReadStream(path)
}

/** Opened when the first is asked for: a file that nobody reads would be left open, and its error unheard. */
async function* counted(
  open: () => AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of open()) {
    onBytes(chunk.length)
    yield chunk
  }
}
