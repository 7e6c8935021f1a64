/**
 * Which key a token names: one of ours has the key's id in it, one that another system has made leads to it by an alias. An alias
 * of a key that is there never comes to lead elsewhere, so it is remembered once its key has been seen.
 */
import { LRUCache } from 'lru-cache'
import type { Config } from '../config.js'
import { aliasOfToken, type ForeignToken, parseForeign } from '../key/foreign-token.js'
import type { ParsedToken } from '../key/token.js'
import type { Soon } from '../soon.js'
import type { Alias } from '../store/store.js'

export interface Names {
  /** Whether a token that does not look like one of ours has the shape of an imported one. */
  mayBeForeign(token: string): boolean
  /** The id of the key that is named, where that is told at once. */
  known(token: ParsedToken | ForeignToken): string | undefined
  /** The same, by a read where it must be. Where no key is named, an id that no key has: the record is looked for all the same. */
  find(token: ParsedToken | ForeignToken): Soon<string>
  /** The key that is named is there: an alias without a record may yet be given up, and claimed for another. */
  note(token: ParsedToken | ForeignToken, keyId: string): void
}

/** As an id, 1970: no key was made then. */
const NOBODY = '0'.repeat(16)

export function createNames(
  { imported, cache }: Pick<Config, 'imported' | 'cache'>,
  findAlias: (id: string) => Promise<Alias | null>,
): Names {
  let ids: LRUCache<string, string> | null = null

  async function findForeign(name: string): Promise<string> {
    return ids?.get(name) ?? (await findAlias(name))?.keyId ?? NOBODY
  }

  return {
    mayBeForeign: token => parseForeign(token, imported) !== null,
    known: token => ('shape' in token ? ids?.get(aliasOfToken(token)) : token.id),
    find: token => ('shape' in token ? findForeign(aliasOfToken(token)) : token.id),
    note(token, keyId) {
      if (!('shape' in token) || cache === null) return
      ids ??= new LRUCache({ max: cache.records })
      ids.set(aliasOfToken(token), keyId)
    },
  }
}
