/**
 * Which tokens have been shown to be which key's, by their SHA-256: a token that comes again needs no record looked up, no
 * checksum and no comparison, and one under a slow hash is compared once. What is kept is a digest of 256 random bits, in
 * memory only, as long as the record that it was compared with is.
 */
import type { Cache } from './cache.js'
import type { KnownKey } from './known.js'

/** A token that has been rotated away: of which key, which of its hashes it has, and when (ms since the epoch) it ends. */
export interface Rotated {
  readonly known: KnownKey
  readonly hash: string
  readonly until: number
}

export interface Proofs {
  /** The key whose token this is the digest of. It may not be fresh. */
  current(digest: string): KnownKey | undefined
  /** The same of tokens that have been rotated away. */
  rotated(digest: string): Rotated | undefined
  /** The token with this digest has this hash of this key, which is kept if it is in memory. `now`: monotonic. */
  add(digest: string, known: KnownKey, hash: string, now: number): void
}

/** So many tokens of a key at most that have been rotated away: living ones are two. */
const MOST_ROTATED = 3

export function createProofs(): {
  /** For the cache of records. */
  readonly onGone: (known: KnownKey) => void
  readonly over: (records: Pick<Cache<unknown, KnownKey>, 'isFresh'>) => Proofs
} {
  const current = new Map<string, KnownKey>()
  const rotated = new Map<string, Rotated>()
  return {
    onGone(known) {
      if (known.digest !== null) current.delete(known.digest)
      for (const digest of known.rare?.rotated ?? []) rotated.delete(digest)
    },
    over: records => ({
      current: digest => current.get(digest),
      rotated: digest => (rotated.size === 0 ? undefined : rotated.get(digest)),
      add(digest, known, hash, now) {
        if (!records.isFresh(known, now)) return
        if (hash === known.hash) {
          if (known.digest !== null) return
          known.digest = digest
          current.set(digest, known)
          return
        }
        const { rare } = known
        if (rare === null || rotated.get(digest)?.known === known) return
        const until = rare.previous.find(one => one.hash === hash)?.until.getTime()
        if (until === undefined || rare.rotated.length >= MOST_ROTATED) return
        rare.rotated.push(digest)
        rotated.set(digest, { known, hash, until })
      },
    }),
  }
}
