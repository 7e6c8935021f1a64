/** Imports a file, row by row: what the CLI does, and a script of the app's may. */
import { invalidInput, SidekeyError } from '../errors.js'
import { internalsOf } from '../internals.js'
import type { ImportOptions, ImportRecord } from '../manage/import-input.js'
import type { ApiKeys } from '../sidekey.js'
import { type BetterAuthOptions, betterAuthRecord, checkBetterAuth } from './better-auth.js'
import { csvRows } from './csv-rows.js'
import { jsonRows } from './json-rows.js'
import { checkMapped, mappedRecord } from './mapped.js'
import { checkedMapping, type Mapping } from './mapping.js'
import { READY } from './ready.js'
import { begun, type Input, isObject, type Row, textOf } from './rows.js'
import { RowFault } from './values.js'

/** What `from` takes by name. */
export const READY_SOURCES: readonly string[] = ['better-auth', ...Object.keys(READY)]

/** A row that was not taken, and why. The reason has neither a token nor a hash in it. */
export interface RowFailure {
  /** From 1, without the header. */
  readonly row: number
  /** One that it stands on, from 1; of rows that are given as objects the same as `row`. */
  readonly line: number
  readonly reason: string
}

/** How far an import has come. Everything up to `rows` is done. */
export interface ImportReport {
  readonly rows: number
  readonly imported: number
  readonly skipped: number
  readonly failed: number
  /** Whether that was all; `false`: it was stopped, or rows could no longer be told apart, and a failure says so. */
  readonly done: boolean
}

/** The options of `importFile`, and but for `format` of `importRows`. */
export interface ImportFileOptions extends ImportOptions, BetterAuthOptions {
  /** `better-auth`, `unkey`, `sanctum`, `drf`, or a mapping. */
  readonly from: 'better-auth' | 'unkey' | 'sanctum' | 'drf' | (string & {}) | Mapping
  /** Default: as the mapping says, or as the file begins. */
  readonly format?: 'csv' | 'json'
  /** The entry of the option `imported`. Default: as the mapping says, the one that is called as `from`, or the only one. */
  readonly source?: string
  /** Fields of every record that its row leaves open. */
  readonly defaults?: Partial<ImportRecord>
  /** So many rows are passed over: `rows` of the report of an import that was stopped. Default: 0. */
  readonly after?: number
  /** Stops between two batches; the report says how far it came. */
  readonly signal?: AbortSignal
  /** Is told of each row that was not taken, with its batch, in the order of the rows. */
  readonly onFailed?: (failure: RowFailure) => void
  /** Is told how far it has come, after each batch. */
  readonly onProgress?: (report: ImportReport) => void
}

const BATCH = 1_000

/**
 * Imports a file, without having it in memory. Rejects with `INVALID_INPUT` for a file that is not what `from` says, and with
 * `STORE_UNAVAILABLE` where the store goes away; then the report that was told last says how far it came. Repeating is safe.
 *
 * @example
 * ```ts
 * const report = await importFile(keys, createReadStream('apikey.json'), {
 *   from: 'better-auth',
 *   onFailed: ({ line, reason }) => console.error(`line ${line}: ${reason}`),
 * })
 * ```
 */
export async function importFile<P extends string>(
  keys: ApiKeys<P>,
  input: Input,
  options: ImportFileOptions,
): Promise<ImportReport> {
  const reader = readerFor(keys, options)
  const format = options.format ?? reader.format
  return importAll(keys, rowsIn(input, format), options, reader)
}

/**
 * The same of rows that are there as objects: a cursor of the driver's, say.
 *
 * @example
 * ```ts
 * const rows = mongoose.connection.collection('apikey').find()
 * const report = await importRows(keys, rows, { from: 'better-auth' })
 * ```
 */
export async function importRows<P extends string>(
  keys: ApiKeys<P>,
  rows: AsyncIterable<object> | Iterable<object>,
  options: Omit<ImportFileOptions, 'format'>,
): Promise<ImportReport> {
  return importAll(keys, numbered(rows), options, readerFor(keys, options))
}

/** How rows are read, and the source that they are of. */
interface Reader {
  readonly format: 'csv' | 'json' | undefined
  readonly check: (row: Readonly<Record<string, unknown>>) => void
  readonly record: (row: Readonly<Record<string, unknown>>) => object
}

function readerFor(keys: object, options: Omit<ImportFileOptions, 'format'>): Reader {
  const { from } = options
  if (from === 'better-auth') {
    const source = sourceFor(keys, options.source, from)
    return {
      format: 'json',
      check: checkBetterAuth,
      record: row => ({ ...options.defaults, ...betterAuthRecord(row, source, options) }),
    }
  }
  const ready = typeof from === 'string' ? (Object.hasOwn(READY, from) ? READY[from] : undefined) : from
  if (ready === undefined)
    throw invalidInput([{ path: 'from', message: `takes ${READY_SOURCES.join(', ')}, or a mapping` }])
  const mapping = checkedMapping(ready)
  const named = options.source ?? mapping.source
  const source = sourceFor(keys, named, typeof from === 'string' ? from : undefined)
  const defaults = { ...mapping.defaults, ...options.defaults }
  if (mapping.columns.owner === undefined && !Object.hasOwn(defaults, 'owner'))
    throw invalidInput([{ path: 'defaults.owner', message: 'must be given: these rows have no owner' }])
  return {
    format: mapping.format,
    check: row => checkMapped(row, { ...mapping, defaults }),
    record: row => ({ ...defaults, ...mappedRecord(row, source, mapping) }),
  }
}

/**
 * The source that is named, or that is called as the system is, or the only one.
 * @throws SidekeyError `INVALID_INPUT` where the option `imported` has no such source: its tokens would be nobody's
 */
function sourceFor(keys: object, named: string | undefined, system: string | undefined): string {
  const sources = internalsOf(keys).config.imported.map(({ source }) => source)
  const only = sources.length === 1 ? sources[0] : undefined
  const source = named ?? sources.find(one => one === system) ?? only
  if (source !== undefined && sources.includes(source)) return source
  const takes = `takes an entry of the option imported: ${sources.join(', ') || 'there is none'}`
  throw invalidInput([{ path: 'source', message: takes }])
}

async function* rowsIn(input: Input, format: 'csv' | 'json' | undefined): AsyncGenerator<Row> {
  const { first, text } = await begun(textOf(input))
  const isCsv = format === undefined ? first !== '{' && first !== '[' : format === 'csv'
  yield* isCsv ? csvRows(text) : jsonRows(text)
}

async function* numbered(rows: AsyncIterable<object> | Iterable<object>): AsyncGenerator<Row> {
  let line = 1
  for await (const value of rows) {
    yield isObject(value) ? { line, value } : { line, fault: 'takes an object' }
    line++
  }
}

/** A row that is to be written. */
interface Ready {
  readonly row: number
  readonly line: number
  readonly record: object
}

async function importAll<P extends string>(
  keys: ApiKeys<P>,
  rows: AsyncIterable<Row>,
  options: Omit<ImportFileOptions, 'format'>,
  reader: Reader,
): Promise<ImportReport> {
  const { after = 0, signal, onFailed = () => {}, onProgress = () => {}, existing, dryRun } = options
  const written = { ...(existing !== undefined && { existing }), ...(dryRun !== undefined && { dryRun }) }
  const importPart = internalsOf(keys).importer(written)
  const totals = { rows: 0, imported: 0, skipped: 0, failed: 0 }
  const failures: RowFailure[] = []
  let batch: Ready[] = []
  let seen = 0
  let isChecked = false
  let isLost = false

  async function write(): Promise<void> {
    const records = batch.map(({ record }) => record) as ImportRecord[] // checked by import
    const result = await importPart(records)
    totals.imported += result.imported
    totals.skipped += result.skipped
    for (const { index, reason } of result.failed) {
      const { row = 0, line = 0 } = batch[index] ?? {}
      failures.push({ row, line, reason })
    }
    batch = []
    totals.failed += failures.length
    for (const failure of failures.sort((a, b) => a.row - b.row)) onFailed(failure)
    failures.length = 0
    totals.rows = seen
    onProgress({ ...totals, done: false })
  }

  for await (const row of rows) {
    if (signal?.aborted) break
    if ('fault' in row && row.isLast) {
      // Not one of those that are done: who goes on after them comes to it again.
      isLost = true
      failures.push({ row: seen + 1, line: row.line, reason: row.fault })
      break
    }
    seen++
    if ('value' in row && !isChecked) {
      reader.check(row.value)
      isChecked = true
    }
    if (seen <= after) continue
    const ready = readBy(reader, row)
    if (typeof ready === 'string') failures.push({ row: seen, line: row.line, reason: ready })
    else batch.push({ row: seen, line: row.line, record: ready })
    if (batch.length + failures.length >= BATCH) await write()
  }
  const isStopped = signal?.aborted === true
  if (!isStopped) {
    await write()
  }
  return { ...totals, done: !isStopped && !isLost }
}

function readBy(reader: Reader, row: Row): object | string {
  if ('fault' in row) return row.fault
  try {
    return reader.record(row.value)
  } catch (error) {
    if (error instanceof RowFault) return error.message
    if (error instanceof SidekeyError && error.code === 'INVALID_INPUT') return error.message
    throw error
  }
}
