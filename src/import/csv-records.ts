/**
 * The records of CSV (RFC 4180), also of broken CSV. Where quotes are wrong, the record is told, and reading goes on with the line
 * after its first: what it has swallowed are rows. A record that is written right is never read like that, whatever its texts have
 * in them. So one that is too long is read to its closing quote, with nothing kept of it; where that is missing, rows can no
 * longer be told from text, and it is the last.
 */
import { type Part, partOf } from './part.js'
import { MOST_ROW, UNREAD } from './rows.js'

/** A record with the line that it begins on, from 1. */
export type CsvRecord =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly fault: string; readonly isLast?: true }

/** What parts fields and records. */
export interface Marks {
  readonly delimiter: string
  readonly lineBreak: '\n' | '\r'
}

const TOO_LONG = `is longer than ${MOST_ROW} characters`

/** The first record says how many fields the others have. */
export async function* csvRecords(text: AsyncIterable<string>, marks: Marks): AsyncGenerator<CsvRecord> {
  const part = partOf(text, marks)
  let width: number | null = null
  while (await part.isThere()) {
    const { line } = part
    const record = await wholeRecord(part, marks)
    if (record.is === 'fault') {
      yield { line, fault: record.fault, ...(record.isLast && { isLast: true }) }
      if (record.isLast) return
      await part.passLine()
      continue
    }
    if (record.is === 'long') {
      yield { line, fault: TOO_LONG }
      continue
    }
    const { fields, end } = record
    width ??= isBlank(fields) ? null : fields.length
    if (isBlank(fields) || fields.length === width) {
      part.pass(end)
      if (!isBlank(fields)) yield { line, fields }
    } else {
      yield { line, fault: `has ${fields.length} fields, where the header has ${width}` }
      // Over several lines it may be made by two quotes that are not closed, with rows between them.
      await part.passLine()
    }
  }
}

function isBlank(fields: readonly string[]): boolean {
  return fields.length === 1 && fields[0] === ''
}

/** The record that the part begins with; one that is `long` has been passed. */
async function wholeRecord(part: Part, marks: Marks): Promise<Found | Fault | { readonly is: 'long' }> {
  for (let isLong = false; ; ) {
    const scanned = recordIn(part.text, marks, part)
    if (scanned.is === 'fault') return isLong ? LOST : scanned
    if (scanned.is === 'record') {
      if (!isLong && scanned.end <= MOST_ROW) return scanned
      part.pass(scanned.end)
      return { is: 'long' }
    }
    if (part.text.length > MOST_ROW) {
      part.become(stillIn(scanned.field, marks))
      isLong = true
    }
    await part.grow()
  }
}

interface Found {
  readonly is: 'record'
  readonly fields: readonly string[]
  /** Where the next one begins. */
  readonly end: number
}
interface Fault {
  readonly is: 'fault'
  readonly fault: string
  readonly isLast?: true
}
/** It goes on after what has been read. */
interface More {
  readonly is: 'more'
  /** What there is of its last field. */
  readonly field: string
}
interface Field {
  readonly is: 'field'
  readonly value: string
  /** Where what comes after it stands: a delimiter, a line break, or nothing. */
  readonly end: number
}
type Ending = Pick<Part, 'isEnd'>

const LOST: Fault = {
  is: 'fault',
  fault: `${TOO_LONG}, and a quote in it is not closed: ${UNREAD}`,
  isLast: true,
}
const IN_FIELD: Fault = { is: 'fault', fault: 'has a quote in the middle of a field' }
const NOT_CLOSED: Fault = { is: 'fault', fault: 'has a quote that is not closed' }
const AFTER_QUOTE: Fault = {
  is: 'fault',
  fault: 'has something after a closing quote: an earlier one may not be closed',
}

function recordIn(text: string, marks: Marks, ending: Ending): Found | Fault | More {
  const fields: string[] = []
  for (let at = 0; ; ) {
    const field = text[at] === '"' ? quotedAt(text, at, marks, ending) : plainAt(text, at, marks, ending)
    if (field.is !== 'field') return field
    fields.push(field.value)
    at = field.end + 1
    if (text[field.end] !== marks.delimiter) return { is: 'record', fields, end: Math.min(at, text.length) }
  }
}

function plainAt(
  text: string,
  start: number,
  { delimiter, lineBreak }: Marks,
  { isEnd }: Ending,
): Field | Fault | More {
  let end = start
  for (; end < text.length; end++) {
    const char = text[end]
    if (char === delimiter || char === lineBreak) break
    if (char === '"') return IN_FIELD
  }
  if (end === text.length && !isEnd) return { is: 'more', field: text.slice(start) }
  const value = text.slice(start, end)
  return { is: 'field', value: text[end] === delimiter ? value : value.replace(/\r$/, ''), end }
}

function quotedAt(
  text: string,
  start: number,
  { delimiter, lineBreak }: Marks,
  { isEnd }: Ending,
): Field | Fault | More {
  let value = ''
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from)
    if (quote < 0) return isEnd ? NOT_CLOSED : { is: 'more', field: text.slice(start) }
    value += text.slice(from, quote)
    from = quote + 2
    if (text[quote + 1] === '"') {
      value += '"'
      continue
    }
    const isBeforeBreak = lineBreak === '\n' && text[quote + 1] === '\r'
    const end = isBeforeBreak ? quote + 2 : quote + 1
    if (end >= text.length && !isEnd) return { is: 'more', field: text.slice(start) }
    const isClosed =
      end >= text.length || text[end] === lineBreak || (text[end] === delimiter && !isBeforeBreak)
    return isClosed ? { is: 'field', value, end } : AFTER_QUOTE
  }
}

const MOST_ENDING = 1024

/** What goes on as a record with this last field does, and is short. */
function stillIn(field: string, { delimiter }: Marks): string {
  if (field.length <= MOST_ENDING) return `x${delimiter}${field}`
  if (!field.startsWith('"')) return `x${delimiter}x`
  // The last of an odd number of quotes may be the first half of a quote within the text, or close it.
  let at = field.length - (field.endsWith('\r') ? 1 : 0)
  const end = at
  while (field[at - 1] === '"') at--
  return `x${delimiter}"${(end - at) % 2 === 1 ? field.slice(end - 1) : ''}`
}
