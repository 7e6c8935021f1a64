/**
 * Hashes are self-describing strings, so that algorithms live side by side in one store:
 *
 * - `$sha256$<base64url>`: SHA-256 of the whole token. 256 random bits need no slow hash.
 * - `$hmac-sha256$k=<pepper id>$<base64url>`: HMAC (RFC 2104) of the whole token under a secret that the
 *   database does not hold.
 * - `$2b$…`: bcrypt of the secret part (secret and checksum, 49 bytes; bcrypt reads 72).
 * - what other systems have made: foreign-hash.ts.
 */
import { createHmac, createSecretKey, hash as digest, type KeyObject } from 'node:crypto'
import { bcryptCompare, bcryptHash } from './bcrypt.js'
import { equal, foreignMatches, type HashedParts, isSlowForeign } from './foreign-hash.js'

/** The algorithms that new hashes can be made with. */
export const HASH_ALGORITHMS = ['sha256', 'hmac-sha256', 'bcrypt'] as const
/**
 * How tokens are hashed: what the option `hash` takes.
 * @useDeclaredType
 */
export type HashAlgorithm = (typeof HASH_ALGORITHMS)[number]

/** A secret that hashes are keyed with, and the short id that hashes name it by. */
export interface Pepper {
  readonly id: string
  /**
   * Not the bytes: a key object shows nothing of them where it is printed.
   *
   * @internal It is named in no type that is published: the client's lead here, and browsers have no types of Node.
   */
  readonly key: KeyObject
}

/** What hashes are made and checked with. */
export interface HashSettings {
  readonly algorithm: HashAlgorithm
  /** The first makes new hashes; all check old ones. */
  readonly peppers: readonly Pepper[]
  readonly bcryptCost: number
}

/** As high as the option `bcryptCost` goes. */
const MOST_BCRYPT_COST = 16
const SHA256 = '$sha256$'
const SHA256_OF_SECRET = '$sha256$c='
const HMAC = '$hmac-sha256$k='
const BCRYPT = /^\$2[ab]\$([0-9]{2})\$[./A-Za-z0-9]{53}$/

/** Names a pepper by eight characters of its digest, so that the name tells nothing of the secret. */
export function toPepper(secret: string | Uint8Array): Pepper {
  const key = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret
  const named = Buffer.concat([Buffer.from('sidekey pepper id\0'), key])
  return { id: digest('sha256', named, 'base64url').slice(0, 8), key: createSecretKey(key) }
}

/** A hash of the token by the preferred algorithm. bcrypt's is made off the event loop. */
export function hashToken(token: HashedParts, settings: HashSettings): string | Promise<string> {
  if (settings.algorithm === 'bcrypt') return bcryptHash(token.secret, settings.bcryptCost)
  return fastHash(token.token, settings)
}

/**
 * Whether the token is the one that was hashed, compared in constant time. A hash of an unknown algorithm or
 * pepper matches nothing.
 * @param sha256 SHA-256 of the whole token, a character a byte, where it is at hand
 */
export function hashMatches(
  token: HashedParts,
  stored: string,
  settings: HashSettings,
  sha256 = digest('sha256', token.token, 'binary'),
): boolean | Promise<boolean> {
  if (stored.startsWith(SHA256) && !stored.startsWith(SHA256_OF_SECRET)) {
    return equal(stored, SHA256 + Buffer.from(sha256, 'latin1').toString('base64url'))
  }
  if (stored.startsWith(HMAC)) {
    const id = stored.slice(HMAC.length, HMAC.length + 8)
    const pepper = settings.peppers.find(one => one.id === id)
    return pepper !== undefined && equal(stored, hmac(token.token, pepper))
  }
  const bcrypt = BCRYPT.exec(stored)
  if (bcrypt === null) return foreignMatches(token, stored)
  // What a database that others write to asks for is not done at any cost.
  return Number(bcrypt[1]) <= MOST_BCRYPT_COST && bcryptCompare(token.secret, stored)
}

/** Whether a comparison with this hash takes milliseconds, and a place among the few that run at once. */
export function isSlow(stored: string): boolean {
  return (stored.startsWith('$2') && BCRYPT.test(stored)) || isSlowForeign(stored)
}

/** Whether the hash should be replaced when its token is next seen: not what a new key would get. */
export function isOutdated(stored: string, settings: HashSettings): boolean {
  if (settings.algorithm === 'bcrypt') return Number(BCRYPT.exec(stored)?.[1] ?? 0) < settings.bcryptCost
  const pepper = settings.peppers[0]
  if (settings.algorithm === 'sha256' || pepper === undefined)
    return !stored.startsWith(SHA256) || stored.startsWith(SHA256_OF_SECRET)
  return !stored.startsWith(`${HMAC}${pepper.id}$`)
}

/**
 * Hashes that no token has, a place a comparison: an unknown id is compared with one of these, so that it
 * costs what a known one costs.
 */
export function decoyHash(settings: HashSettings): string {
  if (settings.algorithm === 'bcrypt') {
    const cost = String(settings.bcryptCost).padStart(2, '0')
    return `$2b$${cost}$${'.'.repeat(22)}${'.'.repeat(31)}`
  }
  return fastHash('', settings)
}

function fastHash(token: string, settings: HashSettings): string {
  const pepper = settings.peppers[0]
  if (settings.algorithm === 'hmac-sha256' && pepper !== undefined) return hmac(token, pepper)
  return SHA256 + digest('sha256', token, 'base64url')
}

function hmac(text: string, pepper: Pepper): string {
  return `${HMAC}${pepper.id}$${createHmac('sha256', pepper.key).update(text).digest('base64url')}`
}
