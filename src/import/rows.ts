/** Rows of a file, as they come out of it. */
import { invalidInput, type SidekeyError } from '../errors.js'

/**
 * A row with the number of a line that it stands on, from 1; `fault`: it could not be read; `isLast`: nor could what comes after it,
 * if anything does.
 */
export type Row =
  | { readonly line: number; readonly value: Readonly<Record<string, unknown>> }
  | { readonly line: number; readonly fault: string; readonly isLast?: true }

/** A file as it is read: its bytes, or its text, in parts. */
export type Input = AsyncIterable<Uint8Array | string>

/** A longer row is no key. */
export const MOST_ROW = 1024 * 1024

/** Told with a fault after which rows can no longer be told apart. */
export const UNREAD = 'the rest of the file was not read'

/** The input is not what it was said to be. */
export function notSuch(message: string): SidekeyError {
  return invalidInput([{ path: 'input', message }])
}

/** @throws SidekeyError `INVALID_INPUT` for what is not text. */
export async function* textOf(input: Input): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decoded = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
    } catch {
      throw notSuch('takes text in UTF-8')
    }
  }
  const checked = (text: string): string => {
    if (text.includes('\0')) throw notSuch('takes text in UTF-8')
    return text
  }
  for await (const chunk of input) yield checked(typeof chunk === 'string' ? chunk : decoded(chunk))
  yield checked(decoded())
}

/** A text whose beginning has been looked at. */
interface Begun {
  /** The first character that is no space, which tells what it is; `''`: there is none. */
  readonly first: string
  /** The first line, as far as it has been read. */
  readonly firstLine: string
  readonly text: AsyncGenerator<string>
}

/** A header that is longer is none. */
const MOST_HEADER = 64 * 1024

export async function begun(text: AsyncGenerator<string>): Promise<Begun> {
  let read = ''
  for (;;) {
    const known = read.trimStart()
    const [firstLine = '', ...rest] = known.split('\n', 2)
    const first = known.charAt(0)
    if (first === '' && read.length > MOST_HEADER) throw notSuch('takes rows; it begins with blanks alone')
    const isEnough = first === '{' || first === '[' || rest.length > 0 || known.length > MOST_HEADER
    const next = isEnough ? null : await text.next()
    if (next === null || next.done) return { first, firstLine, text: again(read, text) }
    read += next.value
  }
}

async function* again(read: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (read !== '') yield read
  yield* rest
}

/** Whether a value is an object with fields, and not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
