/** Values of rows, as databases and their tools write them, read as what they mean. `undefined`: there is none. */

/** A row is not taken: the message says what the field takes, and never the value. */
export class RowFault extends Error {}

/** MongoDB's extended JSON and the driver's own types, as plain values. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null || value instanceof Date || Array.isArray(value))
    return value
  if ('toHexString' in value && typeof value.toHexString === 'function') return String(value.toHexString())
  const [name, ...others] = Object.keys(value)
  if (name === undefined || others.length > 0) return value
  const inner: unknown = Reflect.get(value, name)
  if (name === '$oid') return inner
  if (name === '$date') return typeof inner === 'string' ? inner : Number(plain(inner))
  return /^\$number(Int|Long|Double|Decimal)$/.test(name) ? Number(inner) : value
}

export function textIn(value: unknown, field: string): string | undefined {
  const known = plain(value)
  if (known === undefined || known === null || known === '') return undefined
  if (typeof known === 'string') return known
  if (typeof known === 'number' || typeof known === 'boolean') return String(known)
  throw new RowFault(`${field}: takes text`)
}

export function flagIn(value: unknown, field: string): boolean | undefined {
  const known = plain(value)
  if (known === undefined || known === null || known === '') return undefined
  const text = String(known).toLowerCase()
  if (['true', 't', '1', 'yes', 'y'].includes(text)) return true
  if (['false', 'f', '0', 'no', 'n'].includes(text)) return false
  throw new RowFault(`${field}: takes true or false`)
}

export function countIn(value: unknown, field: string): number | undefined {
  const known = plain(value)
  if (known === undefined || known === null || known === '') return undefined
  const count = typeof known === 'number' ? known : Number(typeof known === 'string' ? known : Number.NaN)
  if (!Number.isSafeInteger(count) || count < 0) throw new RowFault(`${field}: takes a whole number`)
  return count
}

/** Of a number below this, seconds are meant: as ms it would be 1973. */
const SECONDS_BELOW = 1e11
const SQL_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/

/** ISO 8601, what SQL writes (UTC, unless it says otherwise), seconds or milliseconds. */
export function timeIn(value: unknown, field: string): Date | undefined {
  const known = plain(value)
  if (known === undefined || known === null || known === '') return undefined
  const time = known instanceof Date ? known : timeOf(known)
  if (time === null || Number.isNaN(time.getTime())) throw new RowFault(`${field}: takes a time`)
  return time
}

function timeOf(known: unknown): Date | null {
  const number = typeof known === 'string' && /^\d{9,13}(\.\d+)?$/.test(known) ? Number(known) : known
  if (typeof number === 'number') return new Date(number < SECONDS_BELOW ? number * 1000 : number)
  const parts = typeof known === 'string' ? SQL_TIME.exec(known) : null
  if (parts === null) return null
  const [, day, time = '00:00:00', zone = 'Z'] = parts
  // JavaScript reads three digits of a second, and zones with a colon.
  const clock = time.replace(/(\.\d{3})\d+$/, '$1')
  return new Date(`${day}T${clock}${zoneOf(zone)}`)
}

function zoneOf(zone: string): string {
  if (zone === 'UTC' || zone === 'Z') return 'Z'
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`
}

/** A list, as JSON, as PostgreSQL writes an array, or parted by a separator. */
export function listIn(value: unknown, field: string, separator = ','): string[] | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const items = Array.isArray(value) ? value : listOf(value, field, separator)
  return items.map(item => {
    if (typeof item !== 'string') throw new RowFault(`${field}: takes a list of texts`)
    return item
  })
}

function listOf(value: unknown, field: string, separator: string): unknown[] {
  if (typeof value !== 'string') throw new RowFault(`${field}: takes a list of texts`)
  const text = value.trim()
  if (text.startsWith('[') || text.startsWith('"')) return [jsonOf(text, field)].flat()
  const items = /^\{.*\}$/s.test(text) ? text.slice(1, -1).split(',') : text.split(separator)
  return items.map(item => item.trim().replace(/^"(.*)"$/, '$1')).filter(item => item !== '')
}

/** An object, or the JSON of one; better-auth has written some twice. */
export function objectIn(value: unknown, field: string): Record<string, unknown> | undefined {
  let known: unknown = value
  for (let depth = 0; typeof known === 'string' && known !== '' && depth < 2; depth++)
    known = jsonOf(known, field)
  if (known === undefined || known === null || known === '') return undefined
  if (typeof known === 'object' && !Array.isArray(known)) return known as Record<string, unknown> // by what it is
  throw new RowFault(`${field}: takes an object`)
}

function jsonOf(text: string, field: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RowFault(`${field}: takes JSON`)
  }
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** A duration of so many ms, as options write it. */
export function durationOf(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms % size === 0) ?? ['ms', 1]
  return `${ms / size}${unit}`
}

/** What names are not taken with here: controls, line breaks, halves of characters, what turns the direction of text. */
const NOT_IN_LINES = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]+/gu

/** A name of another system's may be longer than ours, or have line breaks in it. */
export function nameIn(value: unknown, field: string): string | undefined {
  return lineIn(value, field, 100)
}

/** Text as one line of at most so many characters; where it is cut it ends in `…`. */
export function lineIn(value: unknown, field: string, most: number): string | undefined {
  const line = textIn(value, field)?.replace(NOT_IN_LINES, ' ').trim()
  if (line === undefined || line === '') return undefined
  return line.length > most ? `${beginningOf(line, most - 1)}…` : line
}

/** By whole characters: half of one is not well-formed. */
function beginningOf(text: string, most: number): string {
  let kept = ''
  for (const character of text) {
    if (kept.length + character.length > most) break
    kept += character
  }
  return kept
}

/** The beginning of a token, as far as it can be shown. */
export function startIn(value: unknown, field: string): string | undefined {
  const start = textIn(value, field)
  return start !== undefined && /^[!-~]{1,32}$/.test(start) ? start : undefined
}
