import { type Command, Option } from 'commander'
import { isPrefix } from '../../key/token.js'
import type { Found } from '../../scan/finder.js'
import { RULE_FORMATS, type RuleFormat, ruleFor } from '../../scan/rules.js'
import { many, withDatabase } from '../command.js'
import { CliError, EXIT } from '../exit.js'
import { type Interrupts, watchInterrupts } from '../interrupt.js'
import type { Io } from '../io.js'
import { type ActOptions, withLeave } from '../options.js'
import { createOutput, type Output } from '../output.js'
import { endFound, lookUp, type Owned } from '../scan-owners.js'
import { type Place, type Scanned, scanPaths } from '../scan-paths.js'
import { openSession, type Session, type WhereOptions } from '../session.js'
import type { Column } from '../table.js'

interface ScanOptions extends WhereOptions, ActOptions {
  readonly json?: boolean
  readonly prefix?: readonly string[]
  readonly lookup?: boolean
  readonly revoke?: boolean
  readonly printRule?: RuleFormat
}

export function addScan(program: Command, io: Io): void {
  const command = program
    .command('scan')
    .description('find tokens in files, by shape and checksum; the exit code is 1 where there are some')
    .argument('[paths...]', 'files and folders; - is standard input, such as that of git log -p')
    .option('--lookup', 'tell whose they are')
    .option('--revoke', 'end the keys whose tokens were found')
    .addOption(
      new Option('--print-rule <scanner>', 'print the rule for another scanner').choices(RULE_FORMATS),
    )
  withLeave(command, 'with --revoke: show what would end, and change nothing')
  withDatabase(command)
    .option('--prefix <prefix>', 'what tokens begin with; several times (default: anything)', many)
    .action((paths: readonly string[], options: ScanOptions) => scan(io, paths, options))
}

/** What came of a scan, as it is told. */
export interface Report {
  readonly found: readonly (Found & Place)[]
  readonly scanned: Scanned
}

async function scan(io: Io, paths: readonly string[], options: ScanOptions): Promise<void> {
  const output = createOutput(io, { json: options.json === true })
  const interrupts = watchInterrupts(output.note)
  let session: Session | null = null
  try {
    for (const prefix of options.prefix ?? []) {
      if (!isPrefix(prefix))
        throw new CliError(EXIT.usage, '--prefix takes [a-z][a-z0-9_]{0,30}, such as acme_live')
    }
    if (needsKeys(options)) session = await openSession(io, options, output)
    const prefixes = prefixesOf(options, session)
    if (options.printRule !== undefined) return tellRule(output, options.printRule, prefixes, session)
    if (paths.length === 0)
      throw new CliError(EXIT.usage, 'say what to scan: files, folders, or - for standard input')
    const report = await scanAll(io, paths, prefixes, output, interrupts)
    if (session !== null) session = await session.knowing(report.found.map(({ prefix }) => prefix))
    await tell(io, report, options, session, output, interrupts)
  } finally {
    await session?.close()
    interrupts.stop()
    await output.flush()
  }
}

function tellRule(
  output: Output,
  scanner: RuleFormat,
  named: ReadonlySet<string> | null,
  session: Session | null,
): void {
  const prefixes = [...(named ?? session?.internals.config.prefixes ?? [])]
  if (named === null)
    output.warn('the prefixes are those of the newest keys: name all that there are by --prefix')
  const rule = ruleFor(scanner, prefixes)
  if (output.json) output.value({ scanner, prefixes, rule })
  else output.lines([rule])
}

/** Scanning alone is done offline, and runs no config: what is scanned may be somebody else's repository. */
function needsKeys({ lookup, revoke, config, printRule, prefix }: ScanOptions): boolean {
  if (lookup === true || revoke === true || typeof config === 'string') return true
  return printRule !== undefined && prefix === undefined
}

/** `null`: any. A config names all that there are; of a database some keys alone were looked at. */
function prefixesOf({ prefix }: ScanOptions, session: Session | null): ReadonlySet<string> | null {
  if (prefix !== undefined) return new Set(prefix)
  return session?.by === 'config' ? session.internals.config.prefixes : null
}

async function scanAll(
  { stdin }: Io,
  paths: readonly string[],
  prefixes: ReadonlySet<string> | null,
  output: Output,
  interrupts: Interrupts,
): Promise<Report> {
  const progress = { files: output.progress('files'), MB: output.progress('MB') }
  const found: (Found & Place)[] = []
  try {
    const scanned = await scanPaths(paths, {
      prefixes,
      stdin,
      check: interrupts.check,
      signal: interrupts.signal,
      onFound: one => found.push(one),
      onUnreadable: path => output.warn(`${path}: cannot be read`),
      onProgress: (done, of) => progress[of].at(done, null),
    })
    return { found, scanned }
  } finally {
    progress.files.end()
    progress.MB.end()
  }
}

async function tell(
  io: Io,
  { found, scanned }: Report,
  { lookup, revoke, yes, dryRun }: ScanOptions,
  session: Session | null,
  output: Output,
  interrupts: Interrupts,
): Promise<void> {
  const wants = session !== null && (lookup === true || revoke === true)
  let owned: ReadonlyMap<string, Owned> = wants ? await lookUp(session, found, interrupts, output) : new Map()
  if (wants && revoke === true) owned = await endFound(session, { io, found, owned, yes, dryRun }, output)
  const rows = found.map(one => ({ ...one, owned: owned.get(one.token) }))
  if (output.json) output.value({ found: rows.map(shown), scanned })
  else if (rows.length > 0) output.table(rows, wants ? [...PLACES, ...OWNERS] : PLACES)
  if (!output.json) output.note(summary(found.length, scanned))
  const unchecked = new Set(
    rows.filter(({ owned }) => owned?.state === 'unchecked').map(({ keyId }) => keyId),
  )
  if (unchecked.size > 0) throw new CliError(EXIT.setup, needingConfig([...unchecked]))
  if (found.length > 0) throw new CliError(EXIT.no, '')
  if (scanned.unreadable > 0) throw new CliError(EXIT.partly, '')
}

function needingConfig(ids: readonly string[]): string {
  const told = `${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ` and ${ids.length - 5} more` : ''}`
  return `tokens that were found name keys (${told}), but whether they are theirs only the app's pepper tells: give the app's config`
}

type Row = Found & Place & { readonly owned: Owned | undefined }

function placeText({ path, line, commit, file }: Row): string {
  if (commit === undefined && file === undefined) return `${path}:${line}`
  return `${[commit?.slice(0, 12), file].filter(Boolean).join(' ')} (${path}:${line})`
}

function maskedText({ prefix, keyId }: Pick<Found, 'prefix' | 'keyId'>): string {
  return `${startOf({ prefix, keyId })}[redacted]`
}

function startOf({ prefix, keyId }: Pick<Found, 'prefix' | 'keyId'>): string {
  return `${prefix}_${keyId}_`
}

const PLACES: readonly Column<Row>[] = [
  // The name of the file and the line are at its end.
  { title: 'PLACE', value: placeText, least: 16, cutAt: 'front' },
  // The id stays whole.
  { title: 'TOKEN', value: maskedText, least: row => startOf(row).length + 1 },
]

const OWNERS: readonly Column<Row>[] = [
  { title: 'KEY', value: ({ owned }) => owned?.apiKey?.name ?? 'unknown', least: 7, drop: 2 },
  { title: 'OWNER', value: ({ owned }) => owned?.apiKey?.owner.id ?? '-', least: 6, drop: 1 },
  {
    title: 'STATUS',
    value: ({ owned }) => owned?.state ?? 'unknown',
    style: ({ owned }) => (owned?.state === 'active' ? 'red' : undefined),
  },
]

/** A finding for programs: all but the token. */
function shown({ token: _, owned, ...rest }: Row) {
  return { ...rest, token: maskedText(rest), ...(owned !== undefined && owned) }
}

function summary(count: number, { files, binary, unreadable, bytes }: Scanned): string {
  const passed = [
    binary > 0 && `${binary} binary passed over`,
    unreadable > 0 && `${unreadable} could not be read`,
  ]
  const of = `${files} files, ${(bytes / 1e6).toFixed(1)} MB`
  return [`${count === 1 ? '1 token' : `${count} tokens`} in ${of}`, ...passed.filter(Boolean)].join('; ')
}
