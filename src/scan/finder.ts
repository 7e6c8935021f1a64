/**
 * Finds tokens in a stream of bytes, by their shape and their checksum: no database is asked, and what only looks like a
 * token is not one. A token may lie across chunks, however they are cut.
 */
import { isPrefix, MOST_PREFIX, parseToken, TAIL_LENGTH } from '../key/token.js'

const LONGEST = MOST_PREFIX + TAIL_LENGTH
const SHAPE = /_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}/g
/** So much of what went by is kept where it is told in which commit and file of a patch a token is. */
const KEPT_OF_PATCH = 8 * 1024

/** A token in a text. */
export interface Found {
  /** The whole token: not to be shown. */
  readonly token: string
  readonly prefix: string
  readonly keyId: string
  /** From 1. */
  readonly line: number
  /** Of a patch (`git log -p`): where it is in the repository. */
  readonly commit?: string
  readonly file?: string
}

export interface FinderOptions {
  /** What tokens begin with; `null`: anything, the checksum tells. */
  readonly prefixes: ReadonlySet<string> | null
  /** Whether the text may be a patch, whose commits and files are told. */
  readonly patch?: boolean
}

export interface Finder {
  /** The tokens that end in this chunk. */
  push(chunk: Buffer): Found[]
}

export function createFinder({ prefixes, patch = false }: FinderOptions): Finder {
  const kept = patch ? KEPT_OF_PATCH : LONGEST - 1
  let carried = ''
  /** Line breaks before what is carried. */
  let lines = 0
  let commit: string | undefined
  let file: string | undefined

  return {
    push(chunk) {
      // A character a byte: tokens are ASCII, and all else need not be understood.
      const text = carried + chunk.toString('latin1')
      const found: Found[] = []
      let line = lines + 1
      let counted = 0
      for (const { at, token, prefix, keyId } of tokensIn(text, prefixes)) {
        // What ends in the part that is carried was found before.
        if (at + token.length <= carried.length) continue
        line += breaksIn(text, counted, at)
        counted = at
        const place = patch ? placeOf(text, at, { commit, file }) : {}
        found.push({ token, prefix, keyId, line, ...place })
      }
      const gone = Math.max(0, text.length - kept)
      if (patch) {
        const place = placeOf(text, gone, { commit, file })
        commit = place.commit
        file = place.file
      }
      lines += breaksIn(text, 0, gone)
      carried = text.slice(gone)
      return found
    },
  }
}

interface At {
  readonly at: number
  readonly token: string
  readonly prefix: string
  readonly keyId: string
}

/** The tokens of a text, in the order of their places. */
function tokensIn(text: string, prefixes: ReadonlySet<string> | null): At[] {
  const found = prefixes === null ? anyIn(text) : [...prefixes].flatMap(prefix => withPrefix(text, prefix))
  return found.length < 2 ? found : found.sort((a, b) => a.at - b.at)
}

function withPrefix(text: string, prefix: string): At[] {
  const found: At[] = []
  const only = new Set([prefix])
  for (let at = text.indexOf(`${prefix}_`); at !== -1; at = text.indexOf(`${prefix}_`, at + 1)) {
    const one = tokenAt(text, at, prefix, only)
    if (one !== null) found.push(one)
  }
  return found
}

/** Tokens of whatever prefix: from their marks back to where the checksum says that they begin. */
function anyIn(text: string): At[] {
  const found: At[] = []
  SHAPE.lastIndex = 0
  for (let match = SHAPE.exec(text); match !== null; match = SHAPE.exec(text)) {
    const mark = match.index
    SHAPE.lastIndex = mark + 1
    for (let length = 1; length <= 31 && isOfPrefix(text.charCodeAt(mark - length)); length++) {
      const prefix = text.slice(mark - length, mark)
      if (!isPrefix(prefix)) continue
      const one = tokenAt(text, mark - length, prefix, new Set([prefix]))
      if (one === null) continue
      found.push(one)
      break
    }
  }
  return found
}

function tokenAt(text: string, at: number, prefix: string, only: ReadonlySet<string>): At | null {
  if (text[at + prefix.length + 17] !== '_') return null
  const parsed = parseToken(text.slice(at, at + prefix.length + TAIL_LENGTH), only)
  return parsed === null ? null : { at, token: parsed.token, prefix, keyId: parsed.id }
}

/** `[a-z0-9_]`; not a number: before the beginning. */
function isOfPrefix(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95
}

function breaksIn(text: string, from: number, to: number): number {
  let breaks = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) breaks++
  return breaks
}

/** The commit and the file of a patch that a place is in; what is not told since is as it was. */
function placeOf(
  text: string,
  at: number,
  before: { readonly commit: string | undefined; readonly file: string | undefined },
): Pick<Found, 'commit' | 'file'> {
  const commitLine = lastLine(text, 'commit ', at)
  const fileLine = lastLine(text, 'diff --', at)
  const commit = /^commit ([0-9a-f]{7,64})/.exec(commitLine?.line ?? '')?.[1] ?? before.commit
  const named = fileOf(fileLine?.line)
  // A new commit has no file yet, until one is told.
  const isOlder = commitLine !== null && (fileLine === null || fileLine.at < commitLine.at)
  const file = isOlder ? undefined : (named ?? before.file)
  return { ...(commit !== undefined && { commit }), ...(file !== undefined && { file }) }
}

function fileOf(line: string | undefined): string | undefined {
  const latin = nameOf(line ?? '') ?? /^diff --(?:cc|combined) (.+)$/.exec(line ?? '')?.[1]
  return latin === undefined ? undefined : Buffer.from(latin, 'latin1').toString('utf8')
}

/** The second of the two names, bare or in quotes. By hand: a name may have many of what it begins with in it. */
function nameOf(line: string): string | undefined {
  if (!line.startsWith('diff --git ')) return undefined
  const [quoted, bare] = [line.lastIndexOf(' "b/'), line.lastIndexOf(' b/')]
  if (quoted > bare) return line.slice(quoted + ' "b/'.length).replace(/"$/, '')
  return bare === -1 ? undefined : line.slice(bare + ' b/'.length).replace(/"$/, '')
}

function lastLine(text: string, start: string, before: number): { at: number; line: string } | null {
  const mark = text.lastIndexOf(`\n${start}`, before)
  const at = mark !== -1 ? mark + 1 : text.startsWith(start) ? 0 : -1
  if (at === -1 || at > before) return null
  const end = text.indexOf('\n', at)
  return { at, line: text.slice(at, end === -1 ? undefined : end).replace(/\r$/, '') }
}
