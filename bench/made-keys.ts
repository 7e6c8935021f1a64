/** Keys that are made of their number whenever they are asked for, so that nothing but what is measured holds them. */
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import mongoose from 'mongoose'
import { memoryStore, type Store } from 'sidekey'
import { decodeBase62, encodeBase62 } from '../src/key/base62.js'
import { ID_LENGTH } from '../src/key/token.js'
import { aKey } from '../src/store/contract-data.js'
import { type KeyDocument, readKey, toDocument } from '../src/store/mongoose/documents.js'

const PREFIX = 'acme_live'
/** So many digits at a token's end are its checksum. */
export const CHECK = 6
const OWNERS = 1_000
const { BSON } = mongoose.mongo

/** The token of key `n`. */
export function tokenOf(n: number): string {
  const id = encodeBase62(n, ID_LENGTH)
  // Not random, but as any other to whoever hashes it.
  return checked(`${PREFIX}_${id}_${hash('sha256', id).slice(0, 43)}`)
}

/** A token of its prefix, id and secret. */
export function checked(body: string): string {
  return body + encodeBase62(crc32(body), CHECK)
}

/** A store in which every key is, and none is kept: each is made when it is read, as the driver makes it of its bytes. */
export function storeOfMadeKeys(): { store: Store; untilUsesAreWritten: () => Promise<void> } {
  let written = () => {}
  const store: Store = {
    ...memoryStore(),
    find: async id => readKey(BSON.deserialize(BSON.serialize(documentOf(decodeBase62(id)))) as KeyDocument), // as written
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

const CREATED = new Date('2026-01-01')

function documentOf(n: number): KeyDocument {
  return toDocument(
    aKey({
      id: encodeBase62(n, ID_LENGTH),
      prefix: PREFIX,
      name: `key ${n}`,
      owner: { type: 'user', id: (n % OWNERS).toString(16).padStart(24, '0') },
      expiresAt: new Date('2030-01-01'),
      limits: {}, // what is measured is a verification alone
      createdAt: CREATED,
      updatedAt: CREATED,
      hash: `$sha256$${hash('sha256', tokenOf(n), 'base64url')}`,
    }),
  )
}
