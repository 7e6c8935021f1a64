/**
 * Which tokens have been shown to be which key's, by their SHA-256: a token that comes again needs no record looked up, no
 * checksum and no comparison, and one under a slow hash is compared once. What is kept is a digest of 256 random bits, in
 * memory only, as long as the record that it was compared with is.
 */
import type { StoredKey } from '../key/record.js'
import type { Moment } from './admit.js'
import type { Cache, Cell } from './cache.js'

/** A token's key, and the one of its hashes that the token has. */
export interface Proof {
  readonly cell: Cell<StoredKey | null>
  readonly key: StoredKey
  readonly hash: string
  /** When the token ends (ms since the epoch) that has been rotated away. */
  readonly until: number
}

export interface Proofs {
  /** What is known of the token with this digest, if it may be used now. */
  of(digest: string, at: Moment): Proof | undefined
  /** The token with this digest has this hash of this record. */
  add(digest: string, key: StoredKey, hash: string, at: Moment): void
}

/** So many tokens of a key at most: living ones are three. */
const MOST = 4

export function createProofs(): {
  /** For the cache of records. */
  readonly onGone: (cell: Cell<StoredKey | null>) => void
  readonly over: (records: Cache<StoredKey | null>) => Proofs
} {
  const proofs = new Map<string, Proof>()
  /** The digests that go with each cell. */
  const digestsOf = new WeakMap<Cell<StoredKey | null>, string[]>()
  return {
    onGone(cell) {
      for (const digest of digestsOf.get(cell) ?? []) proofs.delete(digest)
    },
    over: records => ({
      of(digest, { wall, monotonic }) {
        const proof = proofs.get(digest)
        if (proof === undefined || wall >= proof.until) return undefined
        return records.isFresh(proof.cell, proof.key.id, monotonic) ? proof : undefined
      },
      add(digest, key, hash, { monotonic }) {
        const cell = records.fresh(key.id, monotonic)
        // Another record may be in memory by now, or none.
        if (cell?.value !== key) return
        const digests = digestsOf.get(cell)
        if (digests === undefined) digestsOf.set(cell, [digest])
        else if (digests.length < MOST) digests.push(digest)
        else return
        const until = key.previous.find(one => one.hash === hash)?.until.getTime() ?? Number.POSITIVE_INFINITY
        proofs.set(digest, { cell, key, hash, until })
      },
    }),
  }
}
