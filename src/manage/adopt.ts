/** Takes over a key that the option `fallback` has told of. */
import { SidekeyError } from '../errors.js'
import { aliasOfToken } from '../key/foreign-token.js'
import type { Adopt } from '../verify/fallback.js'
import { SERVER } from './actor.js'
import type { Deps } from './deps.js'
import { importKeys } from './import.js'
import type { ImportRecord, importSchema } from './import-input.js'

/** What the option `fallback` answers of a token that the old system knows: an import record, but for what the token tells. */
export type FallbackAnswer<P extends string = string> = Omit<ImportRecord<P>, 'source' | 'token' | 'hash'>

/** Of however many processes that take over one key at once one makes the record; the others find it. */
export function adopter(deps: Deps, schema: () => ReturnType<typeof importSchema>): Adopt {
  const { store, config } = deps

  return async (token, answer) => {
    const { source } = token.shape
    const told = typeof answer === 'object' ? answer : {}
    const id = token.idPart === null ? {} : { id: token.idPart }
    // Checked as any record is; what the token tells comes last.
    const record = { ...told, source, token: token.token, ...id } as unknown as ImportRecord
    const { failed } = await importKeys(deps, schema(), { caller: SERVER, request: undefined }, [record])
    const alias = await store.findAlias(aliasOfToken(token))
    // Also where another process was faster: whose key it is, the comparison tells.
    if (alias !== null) return alias.keyId
    const reason = failed[0]?.reason ?? 'it was removed meanwhile'
    config.logger.error({ source, reason }, 'what fallback answered cannot be taken over')
    throw new SidekeyError('STORE_UNAVAILABLE', 'What fallback answered cannot be taken over.', {
      retryAfter: 1,
    })
  }
}
