import { SidekeyError } from '../errors.js'
import { type ApiKey, toApiKey } from '../key/record.js'
import { type CallContext, permitAction } from './access.js'
import type { Deps } from './deps.js'
import { checkedId } from './find.js'

/** The record with this id, or `null`: where there is none, it is deleted, or the caller may not see it. */
export async function getKey(deps: Deps, context: CallContext, id: unknown): Promise<ApiKey | null> {
  const key = await deps.store.find(checkedId(id))
  if (key === null || key.deleted !== null) return null
  try {
    await permitAction(deps, context, 'read', key)
    return toApiKey(key, deps.now())
  } catch (error) {
    if (error instanceof SidekeyError && error.code === 'NOT_FOUND') return null
    throw error
  }
}
