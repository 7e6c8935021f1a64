/** The rows of a CSV file (RFC 4180) with a header, by csv-parse. What it says of a fault has the row in it, and is not told. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { begun, MOST_ROW, notSuch, type Row } from './rows.js'

interface Told {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

export async function* csvRows(text: AsyncGenerator<string>): AsyncGenerator<Row> {
  const { first, firstLine, text: all } = await begun(text)
  if (first === '') return
  if (first === '{' || first === '[') throw notSuch('takes CSV with a header; this is JSON')
  const faults: Row[] = []
  const parser = parse({
    // Spreadsheets of some countries write a semicolon.
    delimiter: [',', ';', '\t'].find(one => firstLine.includes(one)) ?? ',',
    info: true,
    max_record_size: MOST_ROW,
    on_skip: error => {
      faults.push({ line: Number(error?.lines ?? 0), fault: faultOf(error) })
    },
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  })
  // What goes wrong comes out of the parser.
  pipeline(Readable.from(all), parser).catch(() => {})
  try {
    yield* rowsOf(parser as AsyncIterable<Told>, faults) // by the option `info`
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    yield* faults
    yield { line: Number(error.lines ?? 0), fault: faultOf(error) }
  }
  yield* faults
}

async function* rowsOf(records: AsyncIterable<Told>, faults: Row[]): AsyncGenerator<Row> {
  let header: readonly string[] | null = null
  for await (const { record, info } of records) {
    if (header === null) {
      header = record.map(name => name.trim())
      if (new Set(header).size < header.length) throw notSuch('has a column twice in its header')
      continue
    }
    yield* before(faults, info.lines)
    yield rowOf(header, record, info.lines)
  }
}

/** The parser is ahead of what it hands out: what it has passed over further on comes later, so that rows keep their numbers. */
function* before(faults: Row[], line: number): Generator<Row> {
  for (let next = faults[0]; next !== undefined && next.line <= line; next = faults[0]) {
    faults.shift()
    yield next
  }
}

function rowOf(header: readonly string[], record: readonly string[], line: number): Row {
  if (record.length !== header.length)
    return { line, fault: `has ${record.length} fields, where the header has ${header.length}` }
  // Without a prototype, so that any name is only a name.
  const value: Record<string, unknown> = Object.create(null)
  for (const [i, name] of header.entries()) value[name] = isMissing(record[i]) ? null : record[i]
  return { line, value }
}

/** As databases write what is not there. */
function isMissing(text: string | undefined): boolean {
  return text === undefined || text === '' || text === '\\N' || text === 'NULL'
}

function faultOf(error: CsvError | undefined): string {
  return FAULTS[error?.code ?? ''] ?? 'is not CSV'
}

const FAULTS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'ends within quotes',
  CSV_MAX_RECORD_SIZE: `is longer than ${MOST_ROW} characters: a quote may not be closed`,
  INVALID_OPENING_QUOTE: 'has a quote in the middle of a field',
  CSV_INVALID_CLOSING_QUOTE: 'has something after a closing quote',
}
