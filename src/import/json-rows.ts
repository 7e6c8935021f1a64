/**
 * The objects of JSON Lines, or of one JSON array, without having them all in memory. A line that is broken is told and passed
 * over; in an array an element that is broken is, unless it is so broken that it may have swallowed others.
 */
import { begun, isObject, MOST_ROW, notSuch, type Row, UNREAD } from './rows.js'

export async function* jsonRows(text: AsyncGenerator<string>): AsyncGenerator<Row> {
  const { first, text: all } = await begun(text)
  if (first === '') return
  if (first === '[') yield* elements(all)
  else if (first === '{') yield* notSpread(lines(all))
  else throw notSuch('takes JSON Lines, or a JSON array of objects')
}

/** Of so many lines one at least is an object. */
const MOST_BROKEN = 10

/** @throws SidekeyError `INVALID_INPUT` where the first lines are parts of an object, and not objects: not one would be taken */
async function* notSpread(rows: AsyncGenerator<Row>): AsyncGenerator<Row> {
  const held: Row[] = []
  for await (const row of rows) {
    held.push(row)
    if ('value' in row) {
      yield* held
      yield* rows
      return
    }
    if (held.length === MOST_BROKEN) throw SPREAD()
  }
  if (held.length > 1) throw SPREAD()
  yield* held
}

const SPREAD = () =>
  notSuch('takes JSON Lines, an object a line; here the first lines are none. `jq -c` writes them so')

async function* lines(text: AsyncGenerator<string>): AsyncGenerator<Row> {
  let line = 1
  let rest = ''
  let isTooLong = false
  for await (const chunk of text) {
    // Without a look at what is there already: a long line in small pieces would be gone through for each.
    const parts = chunk.split('\n')
    parts[0] = rest + parts[0]
    rest = parts.pop() ?? ''
    for (const part of parts) {
      if (isTooLong || part.length > MOST_ROW) yield { line, fault: TOO_LONG }
      else if (part.trim() !== '') yield parsed(part, line)
      isTooLong = false
      line++
    }
    if (rest.length > MOST_ROW) {
      isTooLong = true
      rest = ''
    }
  }
  if (isTooLong) yield { line, fault: TOO_LONG }
  else if (rest.trim() !== '') yield parsed(rest, line)
}

const TOO_LONG = `is longer than ${MOST_ROW} characters`

/** Goes by brackets and quotes alone; what is between them `JSON.parse` judges. */
async function* elements(text: AsyncGenerator<string>): AsyncGenerator<Row> {
  let line = 1
  let depth = 0
  let inText = false
  let escaped = false
  let element = ''
  let begunOn = 0
  let isFirst = true
  for await (const chunk of text) {
    let from = depth > 1 ? 0 : -1
    for (let i = 0; i < chunk.length; i++) {
      const char = chunk[i]
      if (char === '\n') line++
      if (inText) {
        if (escaped) escaped = false
        else if (char === '\\') escaped = true
        else if (char === '"') inText = false
        continue
      }
      if (depth === 1 && !/[\s,{[\]]/.test(char ?? ''))
        return yield lost(line, 'takes an array of objects', { isFirst })
      if (char === '"') inText = true
      else if (char === '{' || char === '[') {
        depth++
        if (depth === 2) {
          from = i
          begunOn = line
        }
      } else if (char === '}' || char === ']') {
        depth--
        if (depth === 1) {
          const row = elementOf(element + chunk.slice(from, i + 1), begunOn)
          yield row
          if ('isLast' in row) return
          element = ''
          from = -1
          isFirst = false
        }
        if (depth === 0) return yield* nothingAfter(chunk.slice(i + 1), text, line)
      }
    }
    if (from >= 0) element += chunk.slice(from)
    if (element.length > MOST_ROW) return yield lost(begunOn, TOO_LONG, { isFirst })
  }
  yield lost(line, 'the array ends in the middle', { isFirst: false })
}

/** @throws SidekeyError `INVALID_INPUT` of the first: that is no broken row, but a file of something else */
function lost(line: number, fault: string, { isFirst }: { readonly isFirst: boolean }): Row {
  if (isFirst) throw notSuch(`line ${line}: ${fault}`)
  return { line, fault: `${fault}: ${UNREAD}`, isLast: true }
}

/** Where quotes are missing in two elements, those between them seem to be within one: it is broken, and has their seams in it. */
function elementOf(text: string, line: number): Row {
  const row = parsed(text, line)
  if (!('fault' in row) || !/\}\s*,\s*\{/.test(text)) return row
  return lost(line, row.fault, { isFirst: false })
}

async function* nothingAfter(first: string, text: AsyncGenerator<string>, line: number): AsyncGenerator<Row> {
  let rest = first.trim()
  for await (const chunk of text) rest ||= chunk.trim()
  if (rest !== '') yield lost(line, 'there is more after the array', { isFirst: false })
}

function parsed(text: string, line: number): Row {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? { line, value } : { line, fault: 'takes an object' }
  } catch {
    return { line, fault: 'is not JSON' }
  }
}
