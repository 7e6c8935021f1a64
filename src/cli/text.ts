/** Text for a terminal: nothing in it acts on the terminal, and it is as wide as it says. */
import { redact } from '../key/redact.js'

/** Controls (ESC, C1, line breaks), halves of surrogates, and what turns the direction of the text or is not seen. */
const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu

/** The text with what would act on a terminal written out: a name must not move the cursor of whoever reads it. */
export function printable(text: string): string {
  return text.replace(UNSAFE, sign => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`)
}

/** What JSON itself does not write out, of the same. */
const UNSAFE_IN_JSON = /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** JSON that may be shown on a terminal: it is read as the same value. */
export function jsonText(value: unknown, indent = 0): string {
  return escapedJson(JSON.stringify(value, null, indent) ?? 'null')
}

/** The same of JSON that is written already. */
export function escapedJson(json: string): string {
  return json.replace(UNSAFE_IN_JSON, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * A message without tokens and without the passwords of addresses (`mongodb://user:password@host`): of a database's address up to
 * the last `@`, since a password that is not written as it should be may have some, and slashes.
 */
export function scrubbed(text: string): string {
  return redact(text)
    .replace(/[^\s"'`]+/g, withoutCredentials)
    .replace(/:\/\/[^\s/@]*@/g, '://[redacted]@')
}

/** A word without what is between the beginning of a database's address and the last `@`. */
function withoutCredentials(word: string): string {
  const address = /\bmongodb(?:\+srv)?:\/\//i.exec(word)
  if (address === null) return word
  const start = address.index + address[0].length
  const end = word.lastIndexOf('@')
  return end < start ? word : `${word.slice(0, start)}[redacted]${word.slice(end)}`
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

function cellsOf(grapheme: string): number {
  return WIDE.test(grapheme) || grapheme.includes('\ufe0f') ? 2 : 1
}

/** How many cells of a terminal printable text takes. */
export function widthOf(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += cellsOf(segment)
  return width
}

/** The text in at most so many cells; where it is cut it ends in `…`. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  let taken = 1 // of the `…`
  for (const { segment } of graphemes.segment(text)) {
    taken += cellsOf(segment)
    if (taken > width) break
    kept += segment
  }
  return width < 1 ? '' : `${kept}…`
}

/** The same of its end: where it is cut it begins with `…`. */
export function cutFront(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  const kept: string[] = []
  let taken = 1 // of the `…`
  for (const { segment } of [...graphemes.segment(text)].reverse()) {
    taken += cellsOf(segment)
    if (taken > width) break
    kept.unshift(segment)
  }
  return width < 1 ? '' : `…${kept.join('')}`
}

/** The text in lines of at most so many cells, broken at blanks where there are some. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  let taken = 0
  for (const { segment } of graphemes.segment(text)) {
    const cells = cellsOf(segment)
    if (taken + cells > width && line !== '') {
      const blank = segment === ' ' ? line.length : line.lastIndexOf(' ')
      const at = blank > 0 ? blank : line.length
      lines.push(line.slice(0, at))
      line = line.slice(at).trimStart()
      taken = widthOf(line)
      if (segment === ' ') continue
    }
    line += segment
    taken += cells
  }
  return [...lines, line]
}

export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}
