/**
 * Hashes that other systems have made, written so that each says how, and which part of the token it covers (the whole, or with
 * `c=secret` only what comes after its id part or prefix):
 *
 * - `$sha256$c=secret$<base64url>`, `$sha512$<base64url>`, `$sha512$c=secret$<base64url>`
 * - `$pbkdf2-sha256$i=<iterations>[,c=secret]$<salt, base64url>$<base64url>` (RFC 8018)
 * - `$bcrypt$c=token$2b$…`: bcrypt of the whole token, or of its first 72 bytes; a plain `$2b$…` covers the secret
 *
 * A work factor above the caps matches nothing: rows come from elsewhere, and a database may be written by others.
 */
import { hash as digest, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { bcryptCompare } from './bcrypt.js'
import { withSlot } from './slow.js'

/** The part of a token that a hash is made of. */
export type Covers = 'token' | 'secret'
export const COVERS: readonly Covers[] = ['token', 'secret']

export const FOREIGN_ALGORITHMS = ['sha256', 'sha512', 'pbkdf2-sha256', 'bcrypt'] as const
/**
 * How another system hashes its tokens.
 * @useDeclaredType
 */
export type ForeignAlgorithm = (typeof FOREIGN_ALGORITHMS)[number]

/** About a second of one thread, each. */
export const MOST_ITERATIONS = 2_000_000
export const MOST_COST = 14
/** In bytes: as many as `PBKDF2` below has room for, in base64. */
export const MOST_SALT = 129

/** The parts of a token that hashes are made of. */
export interface HashedParts {
  readonly token: string
  readonly secret: string
}

const DIGEST = /^\$(sha256|sha512)\$(c=secret\$)?([A-Za-z0-9_-]{43}|[A-Za-z0-9_-]{86})$/
const PBKDF2 =
  /^\$pbkdf2-sha256\$i=([1-9][0-9]{0,7})(,c=secret)?\$([A-Za-z0-9_-]{1,172})\$([A-Za-z0-9_-]{43})$/
const BCRYPT_TOKEN = /^\$bcrypt\$c=token(\$2b\$([0-9]{2})\$[./A-Za-z0-9]{53})$/

const runPbkdf2 = promisify(pbkdf2)

/** A fast hash as it is written. */
export function digestHash(algorithm: 'sha256' | 'sha512', covered: string, covers: Covers): string {
  return writtenDigest(algorithm, digest(algorithm, covered, 'base64url'), covers)
}

export function writtenDigest(algorithm: 'sha256' | 'sha512', value: string, covers: Covers): string {
  return `$${algorithm}$${covers === 'secret' ? 'c=secret$' : ''}${value}`
}

/** Whether a comparison with this hash takes long: also where it is over a cap, and is not made. */
export function isSlowForeign(stored: string): boolean {
  return stored.startsWith('$pbkdf2-sha256$') || stored.startsWith('$bcrypt$')
}

/**
 * Whether the token is the one that was hashed; `false` for what is no such hash, or is over a cap. Slow ones are made off the
 * event loop.
 */
export function foreignMatches(parts: HashedParts, stored: string): boolean | Promise<boolean> {
  const fast = DIGEST.exec(stored)
  if (fast !== null) {
    const [, algorithm, secret] = fast
    const covers = secret === undefined ? 'token' : 'secret'
    return equal(stored, digestHash(algorithm === 'sha512' ? 'sha512' : 'sha256', parts[covers], covers))
  }
  const bcrypt = BCRYPT_TOKEN.exec(stored)
  if (bcrypt !== null) return isWithin(bcrypt[2], MOST_COST) && bcryptCompare(parts.token, bcrypt[1] ?? '')
  const slow = PBKDF2.exec(stored)
  return slow !== null && isWithin(slow[1], MOST_ITERATIONS) && matchesPbkdf2(parts, slow)
}

/** A hash that no token has, which costs what a comparison with `like` does. */
export function decoyLike(like: string): string {
  const slow = PBKDF2.exec(like)
  if (slow !== null) return `$pbkdf2-sha256$i=${slow[1]}${slow[2] ?? ''}$${slow[3]}$${'A'.repeat(43)}`
  const cost = BCRYPT_TOKEN.exec(like)?.[2] ?? like.slice(4, 6)
  const none = `$2b$${cost}$${'.'.repeat(53)}`
  return like.startsWith('$bcrypt$') ? `$bcrypt$c=token${none}` : none
}

/** What is compared with where no hash of a source has been seen yet. */
export function firstDecoy(algorithm: ForeignAlgorithm): string | null {
  if (algorithm === 'bcrypt') return decoyLike('$2b$10$')
  if (algorithm !== 'pbkdf2-sha256') return null
  return `$pbkdf2-sha256$i=600000$${'A'.repeat(22)}$${'A'.repeat(43)}`
}

async function matchesPbkdf2(parts: HashedParts, [, iterations, secret, salt = '', made = '']: string[]) {
  const covered = parts[secret === undefined ? 'token' : 'secret']
  const bytes = await withSlot(() =>
    runPbkdf2(covered, Buffer.from(salt, 'base64url'), Number(iterations), 32, 'sha256'),
  )
  return equal(made, bytes.toString('base64url'))
}

function isWithin(factor: string | undefined, most: number): boolean {
  return Number(factor) <= most
}

/** Whether two written hashes are the same, in constant time. */
export function equal(a: string, b: string): boolean {
  const x = Buffer.from(a, 'latin1')
  const y = Buffer.from(b, 'latin1')
  return x.length === y.length && timingSafeEqual(x, y)
}
