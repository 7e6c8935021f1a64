/** Which of a key's hashes a token has. What happens here tells nothing of a key to whoever lacks its secret. */
import { LRUCache } from 'lru-cache'
import type { Config } from '../config.js'
import { decoyLike, firstDecoy } from '../key/foreign-hash.js'
import type { ForeignShape, ForeignToken } from '../key/foreign-token.js'
import { decoyHash, type HashSettings, hashMatches, isSlow } from '../key/hash.js'
import { partition } from '../key/permission.js'
import type { ApiKey } from '../key/record.js'
import type { ParsedToken } from '../key/token.js'
import type { Soon } from '../soon.js'

/** A well-formed token, of ours or as another system has made it, and the SHA-256 of it all. */
export interface Presented {
  readonly parsed: ParsedToken | ForeignToken
  readonly digest: string
}

/** The part of a key that says how its hashes are made. */
export type Kept = Pick<ApiKey, 'kind' | 'prefix' | 'imported'>

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

  const foreignDecoys = createForeignDecoys()

  const settingsOf = (key: Kept | null): HashSettings =>
    (key && config.kinds.get(key.kind)?.hash) ?? config.defaultKind.hash

  function sorted({ parsed, digest }: Presented, key: Kept | null, hashes: readonly string[]) {
    const settings = settingsOf(key)
    const isForeign = 'shape' in parsed
    const decoy = isForeign ? decoyHash(settings) : (decoys.get(parsed.prefix) ?? decoyHash(settings))
    const ours = key !== null && isOf(key, parsed)
    // The fast ones first: who has the secret of one does not wait for the slow hash of another.
    const [slow, fast] = partition(hashes.length > 0 ? hashes : [decoy], isSlow)
    // Also where the slow hash has been replaced since: that a key has been used is not to be told by the time.
    if (isForeign) slow.push(...foreignDecoys.beside(slow, parsed.shape))
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

/** Whether a key's tokens can be this one. */
function isOf(key: Kept, parsed: Presented['parsed']): boolean {
  return 'shape' in parsed ? key.imported?.source === parsed.shape.source : key.prefix === parsed.prefix
}

/**
 * For sources whose hashes are slow: what a token is compared with where the key has none of those, or there is no key. It costs
 * what the last one of the source did that was seen.
 */
function createForeignDecoys() {
  const seen = new Map<string, string>()
  return {
    beside(slow: readonly string[], { source, hash }: ForeignShape): string[] {
      const first = firstDecoy(hash)
      if (first === null) return []
      const last = slow.at(-1)
      if (last === undefined) return [seen.get(source) ?? first]
      if (seen.get(source) !== last) seen.set(source, decoyLike(last))
      return []
    },
  }
}
