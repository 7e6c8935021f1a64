/** The keys of a load: each with the request that it is used for, and what that must be answered. */
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { RefusalCode, StoredKey, VerifyRequest } from '../../src/index.js'
import { encodeBase62 } from '../../src/key/base62.js'
import { ID_LENGTH } from '../../src/key/token.js'
import { aKey } from '../../src/store/contract-data.js'

export const PREFIX = 'acme_load'
/** Of the keys with a tight limit. */
export const TIGHT = 500
export const OPENING = 1_000_000
/** Each owner has so many keys. */
const KEYS_EACH = 20

export type Outcome = 'ok' | RefusalCode

/** One sort of key: so many of a thousand are of it. */
interface Sort {
  readonly share: number
  readonly fields: Partial<StoredKey>
  readonly request: VerifyRequest
  readonly answer: Outcome
}

const READS = { permissions: 'reports:read', ip: '10.1.2.3', origin: 'https://app.example.com' } as const
const OFF = { at: new Date(0), by: 'root', rank: 'admin' } as const
const ip = (ips: string[]) => ({ restrictions: { ips, origins: [] } })

export const SORTS = {
  plain: { share: 750, fields: {}, request: READS, answer: 'ok' },
  resource: {
    share: 50,
    fields: { resources: ['project:*'] },
    request: { ...READS, resource: 'project:42' },
    answer: 'ok',
  },
  address: { share: 40, fields: ip(['10.0.0.0/8']), request: READS, answer: 'ok' },
  elsewhere: { share: 20, fields: ip(['192.0.2.0/24']), request: READS, answer: 'IP_NOT_ALLOWED' },
  origin: {
    share: 20,
    fields: { restrictions: { ips: [], origins: ['https://*.example.com'] } },
    request: READS,
    answer: 'ok',
  },
  weak: { share: 40, fields: { permissions: [] }, request: READS, answer: 'INSUFFICIENT_PERMISSIONS' },
  off: { share: 20, fields: { disabled: OFF }, request: READS, answer: 'KEY_DISABLED' },
  expired: {
    share: 20,
    fields: { expiresAt: new Date(86_400_000) },
    request: READS,
    answer: 'KEY_EXPIRED',
  },
  limited: {
    share: 37,
    fields: { limits: { requests: { points: 1_000_000_000, per: '1h' } } },
    request: READS,
    answer: 'ok',
  },
  // Few, since each use of these asks the database: a limit that is soon reached, and credits.
  tight: {
    share: 1,
    fields: { limits: { requests: { points: TIGHT, per: '1d' } } },
    request: READS,
    answer: 'ok',
  },
  paying: {
    share: 1,
    fields: { credits: { refill: null, since: new Date(0) } },
    request: READS,
    answer: 'ok',
  },
  mistyped: { share: 1, fields: {}, request: READS, answer: 'KEY_INVALID' },
} as const satisfies Record<string, Sort>

export type SortName = keyof typeof SORTS

const BY_SHARE = Object.entries(SORTS).flatMap(([name, { share }]) =>
  Array<string>(share).fill(name),
) as SortName[] // its keys

/** Spread over the numbers, so that every thousand has all sorts. */
export function sortOf(n: number): SortName {
  return BY_SHARE[(n * 7) % BY_SHARE.length] ?? 'plain'
}

export function idOf(n: number): string {
  return encodeBase62(n + 1, ID_LENGTH)
}

/** Made of its number: no process need be told a hundred thousand tokens. */
export function tokenOf(n: number): string {
  const id = idOf(n)
  const body = `${PREFIX}_${id}_${hash('sha256', `${id} of the load`).slice(0, 43)}`
  const check = encodeBase62(crc32(sortOf(n) === 'mistyped' ? `${body}!` : body), 6)
  return body + check
}

export function keyOf(n: number): StoredKey {
  return aKey({
    id: idOf(n),
    prefix: PREFIX,
    name: `key ${n}`,
    owner: { type: 'user', id: `owner ${Math.floor(n / KEYS_EACH)}` },
    permissions: ['reports:read'],
    limits: {},
    hash: `$sha256$${hash('sha256', tokenOf(n), 'base64url')}`,
    ...SORTS[sortOf(n)].fields,
  })
}
