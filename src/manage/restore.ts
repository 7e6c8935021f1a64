import { restarted } from '../key/idle.js'
import type { ApiKey } from '../key/record.js'
import { parseInput } from '../validation.js'
import { type CallContext, notFound, permitAction } from './access.js'
import { type ChangeOptions, changeKey, refuseOtherVersion } from './change.js'
import type { Deps } from './deps.js'
import { changeOptions } from './fields.js'
import { shownChanged } from './shown.js'
import { isLiving, takeSlot } from './slots.js'

/** Brings a deleted key back as it was: active, disabled or revoked. One that is not deleted is left as it is. */
export async function restoreKey(
  deps: Deps,
  context: CallContext,
  id: unknown,
  options: ChangeOptions = {},
): Promise<ApiKey> {
  const { ifVersion } = parseInput(changeOptions, options)
  const restored = await changeKey(deps, context, 'restore', id, async key => {
    await permitAction(deps, context, 'restore', key)
    refuseOtherVersion(key, ifVersion)
    if (key.deleted === null) return key
    const now = deps.now()
    if (key.deleted.at.getTime() + deps.config.retention <= now) throw notFound()
    const next = { ...key, deleted: null, idle: restarted(key.idle, now) }
    if (isLiving(next, now)) await takeSlot(deps, key.owner, key.id, key.version)
    return next
  })
  return shownChanged(deps, restored)
}
