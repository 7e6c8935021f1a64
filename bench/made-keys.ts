/** Keys that are made of their number whenever they are asked for, so that nothing but what is measured holds them. */
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import mongoose from 'mongoose'
import { memoryStore, type Store } from 'sidekey'
import { type KeyDocument, readKey } from '../src/store/mongoose/documents.js'

export const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const PREFIX = 'acme_live'
/** So many digits at a token's end are its checksum. */
export const CHECK = 6
const OWNERS = 1_000
const { BSON } = mongoose.mongo

/** The token of key `n`. */
export function tokenOf(n: number): string {
  const id = base62(n, 16)
  // Not random, but as any other to whoever hashes it.
  return checked(`${PREFIX}_${id}_${hash('sha256', id).slice(0, 43)}`)
}

/** A token of its prefix, id and secret. */
export function checked(body: string): string {
  return body + base62(crc32(body), CHECK)
}

/** A store in which every key is, and none is kept: each is made when it is read, as the driver makes it of its bytes. */
export function storeOfMadeKeys(): { store: Store; untilUsesAreWritten: () => Promise<void> } {
  let written = () => {}
  const store: Store = {
    ...memoryStore(),
    find: async id => readKey(BSON.deserialize(BSON.serialize(documentOf(numberOf(id)))) as KeyDocument), // as written
    async recordUses() {
      written()
    },
  }
  return {
    store,
    untilUsesAreWritten: () =>
      new Promise(resolve => {
        // sidekey's own timers do not keep a process alive.
        const waiting = setInterval(() => {}, 1_000)
        written = () => {
          clearInterval(waiting)
          resolve()
        }
      }),
  }
}

function documentOf(n: number): KeyDocument {
  return {
    _id: base62(n, 16),
    kind: 'secret',
    prefix: PREFIX,
    name: `key ${n}`,
    description: null,
    owner: `user:${(n % OWNERS).toString(16).padStart(24, '0')}`,
    organizationId: null,
    createdBy: null,
    parentId: null,
    permissions: ['reports:read'],
    roles: [],
    resources: [],
    metadata: {},
    tags: [],
    notBefore: null,
    expiresAt: new Date('2030-01-01'),
    revoked: null,
    restrictions: { ips: [], origins: [] },
    version: 1,
    createdAt: new Date('2026-01-01'),
    updatedAt: new Date('2026-01-01'),
    hash: `$sha256$${hash('sha256', tokenOf(n), 'base64url')}`,
    previous: [],
    disabled: null,
    deleted: null,
    outbox: [],
    state: 'live',
  }
}

export function base62(value: number, length: number): string {
  let rest = value
  let digits = ''
  for (let i = 0; i < length; i++) {
    digits = DIGITS.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

function numberOf(id: string): number {
  let value = 0
  for (const digit of id) value = value * 62 + DIGITS.indexOf(digit)
  return value
}
