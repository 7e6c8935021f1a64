/** Puts a hash by today's settings in place of an outdated one, beside the request that has shown the token. */
import { type HashSettings, hashToken, isOutdated } from '../key/hash.js'
import type { ParsedToken } from '../key/token.js'
import type { Knowledge } from './knowledge.js'
import type { KnownKey } from './known.js'
import type { VerifierSources } from './verifier.js'

interface RenewalSources extends Pick<VerifierSources, 'config' | 'rehash'> {
  readonly records: Pick<Knowledge['records'], 'drop'>
}

export function createRenewal({ config, records, rehash }: RenewalSources) {
  /** Once at a time a key. */
  const renewing = new Set<string>()

  function renewIfOutdated(parsed: ParsedToken, { hash, seen }: KnownKey): void {
    const kind = config.kinds.get(seen.kind)
    if (kind !== undefined && isOutdated(hash, kind.hash)) void renew(parsed, hash, kind.hash)
  }

  async function renew(parsed: ParsedToken, outdated: string, settings: HashSettings): Promise<void> {
    if (renewing.has(parsed.id)) return
    renewing.add(parsed.id)
    try {
      await rehash(parsed.id, outdated, await hashToken(parsed, settings))
      records.drop(parsed.id)
    } catch (error) {
      config.logger.warn(
        { err: error, keyId: parsed.id },
        'a hash could not be renewed; a later use tries again',
      )
    } finally {
      renewing.delete(parsed.id)
    }
  }

  return renewIfOutdated
}
