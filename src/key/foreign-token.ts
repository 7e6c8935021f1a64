/**
 * Tokens that another system has made keep their own shape. What they look like is told by the app's option `imported`; a token
 * is found by an alias, of its id part where it has one, else of its digest.
 */
import { hash as digest } from 'node:crypto'
import { type Covers, digestHash, type ForeignAlgorithm } from './foreign-hash.js'

/** What the tokens of one source look like. */
export interface ForeignShape {
  readonly source: string
  readonly prefix: string
  /** How many characters a token has. */
  readonly least: number
  readonly most: number
  /** What stands once in a token, after the part that it is found by; `null`: it is found by its digest. */
  readonly separator: string | null
  readonly hash: ForeignAlgorithm
  readonly covers: Covers
}

/** A token of such a shape. */
export interface ForeignToken {
  readonly shape: ForeignShape
  readonly token: string
  /** What a hash over the secret alone covers: what comes after the separator, or after the prefix. */
  readonly secret: string
  /** What stands before the separator. */
  readonly idPart: string | null
}

/** A shorter secret could be guessed. */
export const LEAST_SECRET = 16
export const MOST_TOKEN = 512
export const MOST_ID_PART = 128

/** Visible ASCII without the comma, by which headers are joined. */
const CHARACTERS = /^[!-+\--~]+$/

/** The token as one of the first of these shapes that it has; `null`: it has none. */
export function parseForeign(token: string, shapes: readonly ForeignShape[]): ForeignToken | null {
  for (const shape of shapes) {
    const parsed = parseAs(token, shape)
    if (parsed !== null) return parsed
  }
  return null
}

/** The token taken apart as one of this shape; `null`: it has another. Length first: a megabyte costs no more than a word. */
export function parseAs(token: string, shape: ForeignShape): ForeignToken | null {
  const { prefix, least, most, separator } = shape
  if (token.length < least || token.length > most || !token.startsWith(prefix) || !CHARACTERS.test(token))
    return null
  if (separator === null) {
    const secret = token.slice(prefix.length)
    return secret.length < LEAST_SECRET ? null : { shape, token, secret, idPart: null }
  }
  const end = token.indexOf(separator)
  if (end < 1 || end > MOST_ID_PART || token.indexOf(separator, end + 1) !== -1) return null
  const secret = token.slice(end + 1)
  return secret.length < LEAST_SECRET ? null : { shape, token, secret, idPart: token.slice(0, end) }
}

/** The id of the alias that leads to the key of this token. */
export function aliasOfToken({ shape, token, secret, idPart }: ForeignToken): string {
  if (idPart !== null) return aliasOfId(shape.source, idPart)
  const covered = shape.covers === 'token' ? token : secret
  return aliasOfHash(digestHash(shape.hash === 'sha512' ? 'sha512' : 'sha256', covered, shape.covers))
}

export function aliasOfId(source: string, idPart: string): string {
  return `token-id:${source}:${idPart}`
}

/** By the digest alone, whatever its source: no token leads to two keys. */
export function aliasOfHash(hash: string): string {
  return `token:${hash}`
}

/** Of a hash as it was imported: to tell whether a later row has the same. Says nothing of the hash itself. */
export function fingerprintOf(hash: string): string {
  return digest('sha256', `imported\0${hash}`, 'base64url')
}
