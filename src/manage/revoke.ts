import type { ApiKey, StoredKey } from '../key/record.js'
import { parseInput } from '../validation.js'
import { type CallContext, notFound, permitAction } from './access.js'
import { type ChangeOptions, changeKey, refuseOtherVersion, type Wanted } from './change.js'
import type { Deps } from './deps.js'
import { revokeOptions } from './fields.js'
import { shownChanged } from './shown.js'

/** The options of `revoke`. */
export interface RevokeOptions extends ChangeOptions {
  /** Why, for whoever looks at the record later: at most 500 characters. */
  readonly reason?: string | null
}

/** The options of `revokeAll`. */
export interface RevokeAllOptions extends Pick<RevokeOptions, 'reason'> {
  /** Is told, after each 200 keys at most, how many have been revoked so far. What it throws ends the pass, and is thrown on. */
  readonly onProgress?: (revoked: number) => void
}

/** Ends a key for good; the record stays. A second call changes nothing, and is no error. */
export async function revokeKey(
  deps: Deps,
  context: CallContext,
  id: unknown,
  options: RevokeOptions = {},
): Promise<ApiKey> {
  const { act, decide } = revoking(deps, context, options)
  return shownChanged(deps, await changeKey(deps, context, act, id, decide))
}

/** The change that `revoke` is asked for. */
export function revoking(deps: Deps, context: CallContext, options: RevokeOptions): Wanted {
  const { reason, ifVersion } = parseInput(revokeOptions, options)
  return {
    act: 'revoke',
    async decide(key) {
      if (key.deleted !== null) throw notFound()
      await permitAction(deps, context, 'revoke', key)
      refuseOtherVersion(key, ifVersion)
      return revokedBy(deps, context, key, reason ?? null)
    },
  }
}

/** The record as revoked; one that is revoked already keeps its first reason. */
export function revokedBy(
  deps: Deps,
  { caller }: CallContext,
  key: StoredKey,
  reason: string | null,
): StoredKey {
  if (key.revoked !== null) return key
  return { ...key, revoked: { at: new Date(deps.now()), by: caller.id, reason } }
}
