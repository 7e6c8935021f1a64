import { invalidInput } from '../errors.js'
import type { ApiKey } from '../key/record.js'
import type { CallContext } from './access.js'
import type { Deps } from './deps.js'
import { seenOrNull } from './get.js'
import { shownKey } from './shown.js'

/**
 * The record that a found token belongs to, whatever its status: also where the token has been rotated away, or the
 * key deleted. `null` where no key has this token, or the caller may not see it.
 */
export async function lookupKey(deps: Deps, context: CallContext, token: unknown): Promise<ApiKey | null> {
  if (typeof token !== 'string' || token === '')
    throw invalidInput([{ path: 'token', message: 'takes a token' }])
  const key = await deps.finder.recordOf(token.trim())
  const seen = key && (await seenOrNull(deps, context, key))
  return seen && shownKey(deps, seen)
}
