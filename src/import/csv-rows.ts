/** The rows of a CSV file with a header. */
import { csvRecords, type Marks } from './csv-records.js'
import { begun, notSuch, type Row } from './rows.js'

export async function* csvRows(text: AsyncGenerator<string>): AsyncGenerator<Row> {
  const { first, firstLine, text: all } = await begun(text)
  if (first === '') return
  if (first === '{' || first === '[') throw notSuch('takes CSV with a header; this is JSON')
  let header: readonly string[] | null = null
  for await (const record of csvRecords(all, marksOf(firstLine))) {
    if (header === null) header = headerOf(record)
    else yield 'fields' in record ? { line: record.line, value: namedBy(header, record.fields) } : record
  }
}

function marksOf(firstLine: string): Marks {
  return {
    delimiter: delimiterIn(firstLine),
    // As very old ones write them: alone.
    lineBreak: /\r./.test(firstLine) ? '\r' : '\n',
  }
}

/** The one that stands there most. Spreadsheets of some countries write a semicolon; what is in quotes is part of a name. */
function delimiterIn(firstLine: string): string {
  const parts = firstLine.replace(/"[^"]*"/g, '')
  const [most] = [',', ';', '\t']
    .map(one => ({ one, count: parts.split(one).length }))
    .sort((a, b) => b.count - a.count)
  return most?.one ?? ','
}

/** @throws SidekeyError `INVALID_INPUT` where it cannot be told which column is which */
function headerOf(record: { readonly fields: readonly string[] } | { readonly fault: string }): string[] {
  if ('fault' in record) throw notSuch(`has a header that ${record.fault}`)
  const header = record.fields.map(name => name.trim())
  if (new Set(header).size < header.length) throw notSuch('has a column twice in its header')
  return header
}

/** Without a prototype, so that any name is only a name. */
function namedBy(header: readonly string[], fields: readonly string[]): Record<string, unknown> {
  const value: Record<string, unknown> = Object.create(null)
  for (const [i, name] of header.entries()) value[name] = isMissing(fields[i]) ? null : fields[i]
  return value
}

/** As databases write what is not there. */
function isMissing(text: string | undefined): boolean {
  return text === undefined || text === '' || text === '\\N' || text === 'NULL'
}
