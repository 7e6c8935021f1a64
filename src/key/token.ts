/**
 * The token: `<prefix>_<id>_<secret><check>`.
 *
 * - prefix: `[a-z][a-z0-9_]{0,30}`, tells what the token is for (`acme_live`);
 * - id: 16 base62 digits, the first 8 the time of creation in ms, so that ids sort by age; not secret;
 * - secret: 43 base62 digits from the CSPRNG (256 bits);
 * - check: 6 base62 digits, CRC-32 (ISO 3309) of all before it, so that a mistyped token is refused without
 *   the store and a scanner can tell a real one offline.
 */
import { crc32 } from 'node:zlib'
import { encodeBase62, isBase62, randomBase62 } from './base62.js'

export const ID_LENGTH = 16
const TIME_LENGTH = 8
const SECRET_LENGTH = 43
const CHECK_LENGTH = 6
/** What follows the prefix: `_<id>_<secret><check>`. */
export const TAIL_LENGTH = 1 + ID_LENGTH + 1 + SECRET_LENGTH + CHECK_LENGTH

const PREFIX = /^[a-z][a-z0-9_]{0,30}$/
export const MOST_PREFIX = 31

/** A token taken apart. `secret` is the part that a hash over the secret alone covers: secret and check. */
export interface ParsedToken {
  readonly prefix: string
  readonly id: string
  readonly secret: string
  readonly token: string
}

/** Whether `text` can be a token's prefix. */
export function isPrefix(text: string): boolean {
  return PREFIX.test(text)
}

/** Whether `value` has the shape of a key's id: 16 base62 digits. */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && value.length === ID_LENGTH && isBase62(value)
}

/** A new id for a key made at `now` (ms since the epoch). */
export function newKeyId(now: number): string {
  return encodeBase62(now, TIME_LENGTH) + randomBase62(ID_LENGTH - TIME_LENGTH)
}

/** The last time that fits. */
const LATEST = 62 ** TIME_LENGTH - 1

/** What sorts before every id made at `ms` or later, and after every earlier one. */
export function firstIdAt(ms: number): string {
  return encodeBase62(Math.min(Math.max(0, ms), LATEST), TIME_LENGTH)
}

/** A new token for `id`: a fresh secret, and the checksum over it all. */
export function newToken(prefix: string, id: string): ParsedToken {
  const body = `${prefix}_${id}_${randomBase62(SECRET_LENGTH)}`
  const token = body + checksum(body)
  return { prefix, id, secret: token.slice(-(SECRET_LENGTH + CHECK_LENGTH)), token }
}

/** Whether a text has the length of a token, and its two marks in their places: others are not worth a hash. */
export function isTokenLike(text: string): boolean {
  const { length } = text
  if (length <= TAIL_LENGTH || length > TAIL_LENGTH + MOST_PREFIX) return false
  const mark = length - TAIL_LENGTH
  return text[mark] === '_' && text[mark + 1 + ID_LENGTH] === '_'
}

/** Whether `token` has the length and the parts of one of these prefixes' tokens: a look at five places, whatever its length. */
function hasShape(token: string, prefixes: ReadonlySet<string>): boolean {
  return isTokenLike(token) && prefixes.has(token.slice(0, token.length - TAIL_LENGTH))
}

/**
 * Takes a token apart, or answers `null` where it is not one of these prefixes' tokens: wrong length, wrong
 * digits, wrong checksum. Costs about a microsecond and no I/O; the length is looked at first, so a token of a
 * megabyte costs no more than a short one.
 */
export function parseToken(token: string, prefixes: ReadonlySet<string>): ParsedToken | null {
  if (!hasShape(token, prefixes)) return null
  const prefixLength = token.length - TAIL_LENGTH
  const prefix = token.slice(0, prefixLength)
  const idStart = prefixLength + 1
  const secretStart = idStart + ID_LENGTH + 1
  if (!isBase62(token, idStart, secretStart - 1) || !isBase62(token, secretStart)) return null
  const bodyEnd = token.length - CHECK_LENGTH
  if (token.slice(bodyEnd) !== checksum(token.slice(0, bodyEnd))) return null
  return { prefix, id: token.slice(idStart, secretStart - 1), secret: token.slice(secretStart), token }
}

function checksum(body: string): string {
  return encodeBase62(crc32(body), CHECK_LENGTH)
}
