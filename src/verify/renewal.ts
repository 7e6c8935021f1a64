/** Puts a hash by today's settings in place of an outdated one, beside the request that has shown the token. */
import type { HashedParts } from '../key/foreign-hash.js'
import { type HashSettings, hashToken, isOutdated } from '../key/hash.js'
import type { Knowledge } from './knowledge.js'
import type { KnownKey } from './known.js'
import type { VerifierSources } from './verifier.js'

interface RenewalSources extends Pick<VerifierSources, 'config' | 'rehash'> {
  readonly records: Pick<Knowledge['records'], 'drop'>
}

/** What bcrypt reads of a secret. */
const BCRYPT_BYTES = 72

export function createRenewal({ config, records, rehash }: RenewalSources) {
  /** Once at a time a key. */
  const renewing = new Set<string>()

  function renewIfOutdated(parts: HashedParts, { hash, seen }: KnownKey): void {
    const kind = config.kinds.get(seen.kind)
    if (kind === undefined || !isOutdated(hash, kind.hash)) return
    // bcrypt reads no further: a longer secret of another system keeps the hash that it has.
    if (kind.hash.algorithm === 'bcrypt' && parts.secret.length > BCRYPT_BYTES) return
    void renew(seen.id, parts, hash, kind.hash)
  }

  async function renew(
    id: string,
    parts: HashedParts,
    outdated: string,
    settings: HashSettings,
  ): Promise<void> {
    if (renewing.has(id)) return
    renewing.add(id)
    try {
      await rehash(id, outdated, await hashToken(parts, settings))
      records.drop(id)
    } catch (error) {
      config.logger.warn({ err: error, keyId: id }, 'a hash could not be renewed; a later use tries again')
    } finally {
      renewing.delete(id)
    }
  }

  return renewIfOutdated
}
