/** Which of a key's hashes a token has. What happens here tells nothing of a key to whoever lacks its secret. */
import { LRUCache } from 'lru-cache'
import { decoyHash, type HashSettings, hashMatches, isSlow } from '../key/hash.js'
import { partition } from '../key/permission.js'
import type { StoredKey } from '../key/record.js'
import type { ParsedToken } from '../key/token.js'
import type { Config } from '../options.js'
import type { Soon } from '../soon.js'

/** A well-formed token, and the SHA-256 of it all. */
export interface Presented {
  readonly parsed: ParsedToken
  readonly digest: string
}

/** The part of a key that says how its hashes are made. */
export type Kept = Pick<StoredKey, 'kind' | 'prefix'>

/** Both compare with every hash that counts, so that the time does not tell which; an unknown id costs one too. */
export interface Matcher {
  /** The hash among `hashes` that the token has, as far as that is told at once: slow ones where they were compared before. */
  known(presented: Presented, key: Kept | null, hashes: readonly string[]): string | null
  /** The same, whatever it takes. A promise only where a comparison is slow. */
  match(presented: Presented, key: Kept | null, hashes: readonly string[]): Soon<string | null>
}

/** So many tokens are remembered with the slow hash that they have. */
const REMEMBERED = 10_000

export function createMatcher(config: Config): Matcher {
  const decoys = new Map(
    [...config.kinds.values()].reverse().map(kind => [kind.prefix, decoyHash(kind.hash)]),
  )
  /** Slow hashes by the digest of the token that was shown to have them: that never changes. */
  let slowOf: LRUCache<string, string> | null = null

  const settingsOf = (key: Kept | null): HashSettings =>
    (key && config.kinds.get(key.kind)?.hash) ?? config.defaultKind.hash

  function sorted({ parsed, digest }: Presented, key: Kept | null, hashes: readonly string[]) {
    const settings = settingsOf(key)
    const compared = hashes.length > 0 ? hashes : [decoys.get(parsed.prefix) ?? decoyHash(settings)]
    const ours = key !== null && key.prefix === parsed.prefix
    // The fast ones first: who has the secret of one does not wait for the slow hash of another.
    const [slow, fast] = partition(compared, isSlow)
    const matches = fast.filter(one => hashMatches(parsed, one, settings, digest) === true)
    const remembered = slowOf?.get(digest)
    const hash = matches[0] ?? slow.find(one => one === remembered)
    return { hash: ours ? (hash ?? null) : null, slow, settings, ours }
  }

  return {
    known: (presented, key, hashes) => sorted(presented, key, hashes).hash,

    match(presented, key, hashes) {
      const { hash, slow, settings, ours } = sorted(presented, key, hashes)
      if (hash !== null || slow.length === 0) return hash
      return Promise.all(slow.map(one => hashMatches(presented.parsed, one, settings))).then(results => {
        const found = ours ? (slow[results.indexOf(true)] ?? null) : null
        if (found === null) return null
        slowOf ??= new LRUCache({ max: REMEMBERED })
        slowOf.set(presented.digest, found)
        return found
      })
    },
  }
}

/** The hashes of the tokens that live at `now` (ms): the current one first. */
export function livingHashes(key: Pick<StoredKey, 'hash' | 'previous'> | null, now: number): string[] {
  if (key === null) return []
  return [key.hash, ...key.previous.filter(one => one.until.getTime() > now).map(one => one.hash)]
}
