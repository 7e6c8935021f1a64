/** Reads the hashes of other systems, in whatever encoding they are written, and writes them in ours (foreign-hash.ts). */
import { type Covers, MOST_COST, MOST_ITERATIONS, MOST_SALT, writtenDigest } from './foreign-hash.js'

/** A digest without a word about how it was made. */
export interface NamedHash {
  readonly algorithm: 'sha256' | 'sha512'
  /** In hexadecimal digits, base64 or base64url, padded or not: which, is told by its length. */
  readonly value: string
}

export type ReadHash = { readonly hash: string } | { readonly fault: string }

export const TAKES_HASH =
  'takes { algorithm: "sha256" or "sha512", value } in hex or base64, or a hash that says how it was made: ' +
  '$sha256$…, $sha512$…, $pbkdf2-sha256$…, pbkdf2_sha256$…, sha512$$…, $2b$…'

const BYTES = { sha256: 32, sha512: 64 } as const
const OURS = /^\$(sha256|sha512)\$([A-Za-z0-9+/_=-]+)$/
/** passlib and PHC write iterations in front; Django writes everything with one $ less. */
const PBKDF2 =
  /^(?:\$pbkdf2-sha256\$(?:i=)?|pbkdf2_sha256\$)([1-9][0-9]{0,11})\$([^$]{1,128})\$([A-Za-z0-9+/._=-]{43,44})$/
/** What Django's hashers of DRF API Key write: no salt. */
const DJANGO_SHA512 = /^sha512\$\$([0-9a-f]{128})$/
const BCRYPT = /^\$2[aby](\$([0-9]{2})\$[./A-Za-z0-9]{53})$/

/** The hash as ours, or what is wrong with it. The fault never has the hash in it. */
export function readHash(given: string | NamedHash, covers: Covers): ReadHash {
  if (typeof given !== 'string') return readDigest(given.algorithm, given.value, covers)
  const ours = OURS.exec(given)
  if (ours !== null) return readDigest(ours[1] === 'sha512' ? 'sha512' : 'sha256', ours[2] ?? '', covers)
  const sha512 = DJANGO_SHA512.exec(given)
  if (sha512 !== null) return readDigest('sha512', sha512[1] ?? '', covers)
  const bcrypt = BCRYPT.exec(given)
  if (bcrypt !== null) return readBcrypt(bcrypt, covers)
  const pbkdf2 = PBKDF2.exec(given)
  return pbkdf2 === null ? { fault: TAKES_HASH } : readPbkdf2(pbkdf2, given.startsWith('$'), covers)
}

function readDigest(algorithm: NamedHash['algorithm'], value: string, covers: Covers): ReadHash {
  const bytes = bytesOf(value, BYTES[algorithm])
  if (bytes === null) return { fault: `takes a ${algorithm} of ${BYTES[algorithm]} bytes, in hex or base64` }
  return { hash: writtenDigest(algorithm, bytes.toString('base64url'), covers) }
}

function bytesOf(value: string, length: number): Buffer | null {
  if (value.length === length * 2 && /^[0-9a-f]+$/i.test(value)) return Buffer.from(value, 'hex')
  const bytes = base64In(value)
  return bytes?.length === length ? bytes : null
}

/** `null`: it is not base64 of either alphabet. */
function base64In(value: string): Buffer | null {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(value)) return null
  const bytes = Buffer.from(value, 'base64')
  // Written anew and compared: what was cut off, or has bits that do not count, would be another hash.
  const plain = value.replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')
  return bytes.toString('base64url') === plain ? bytes : null
}

function readBcrypt([, rest = '', cost]: string[], covers: Covers): ReadHash {
  if (Number(cost) < 4 || Number(cost) > MOST_COST)
    return { fault: `takes bcrypt of a cost from 4 to ${MOST_COST}` }
  // 2a and 2y are what 2b is, for every token that has no bytes beyond ASCII.
  return { hash: `${covers === 'token' ? '$bcrypt$c=token' : ''}$2b${rest}` }
}

/** Django's salt is text; that of passlib and PHC is base64, with a dot for the plus. */
function readPbkdf2(
  [, iterations, salt = '', made = '']: string[],
  isEncoded: boolean,
  covers: Covers,
): ReadHash {
  if (Number(iterations) > MOST_ITERATIONS)
    return { fault: `takes PBKDF2 of at most ${MOST_ITERATIONS} iterations` }
  const bytes = bytesOf(made.replaceAll('.', '+'), 32)
  if (bytes === null) return { fault: 'takes PBKDF2 with a key of 32 bytes, in base64' }
  const salted = isEncoded ? base64In(salt.replaceAll('.', '+')) : Buffer.from(salt)
  if (salted === null) return { fault: 'takes PBKDF2 with a salt in base64' }
  if (salted.length === 0 || salted.length > MOST_SALT)
    return { fault: `takes PBKDF2 with a salt of 1 to ${MOST_SALT} bytes` }
  const secret = covers === 'secret' ? ',c=secret' : ''
  const written = `$${salted.toString('base64url')}$${bytes.toString('base64url')}`
  return { hash: `$pbkdf2-sha256$i=${iterations}${secret}${written}` }
}
