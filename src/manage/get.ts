import { SidekeyError } from '../errors.js'
import type { ApiKey, StoredKey } from '../key/record.js'
import { type CallContext, permitAction } from './access.js'
import type { Deps } from './deps.js'
import { checkedId } from './find.js'
import { shownKey } from './shown.js'

/** The record with this id, or `null`: where there is none, it is deleted, or the caller may not see it. */
export async function getKey(deps: Deps, context: CallContext, id: unknown): Promise<ApiKey | null> {
  const key = await deps.store.find(checkedId(id))
  if (key === null || key.deleted !== null) return null
  const seen = await seenOrNull(deps, context, key)
  return seen && shownKey(deps, seen)
}

/** The record, or `null` where the caller may not see it: they are told nothing, the audit is. */
export async function seenOrNull(
  deps: Deps,
  context: CallContext,
  key: StoredKey,
): Promise<StoredKey | null> {
  try {
    await permitAction(deps, context, 'read', key)
    return key
  } catch (error) {
    if (!(error instanceof SidekeyError) || error.code !== 'NOT_FOUND') throw error
    deps.refusals.note(context, error)
    return null
  }
}
