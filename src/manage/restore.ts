import { restarted } from '../key/idle.js'
import type { ApiKey } from '../key/record.js'
import { parseInput } from '../validation.js'
import { type CallContext, notFound, permitAction } from './access.js'
import { type ChangeOptions, changeKey, refuseOtherVersion, type Wanted } from './change.js'
import type { Deps } from './deps.js'
import { changeOptions } from './fields.js'
import { shownChanged } from './shown.js'
import { isLiving } from './slots.js'

/** Brings a deleted key back as it was: active, disabled or revoked. One that is not deleted is left as it is. */
export async function restoreKey(
  deps: Deps,
  context: CallContext,
  id: unknown,
  options: ChangeOptions = {},
): Promise<ApiKey> {
  const { act, decide } = restoring(deps, context, options)
  return shownChanged(deps, await changeKey(deps, context, act, id, decide))
}

/** The change that `restore` is asked for. */
export function restoring(deps: Deps, context: CallContext, options: ChangeOptions): Wanted {
  const { ifVersion } = parseInput(changeOptions, options)
  return {
    act: 'restore',
    async decide(key, ahead) {
      await permitAction(deps, context, 'restore', key)
      refuseOtherVersion(key, ifVersion)
      if (key.deleted === null) return key
      const now = deps.now()
      if (key.deleted.at.getTime() + deps.config.retention <= now) throw notFound()
      const next = { ...key, deleted: null, idle: restarted(key.idle, now) }
      if (isLiving(next, now)) await ahead.takeSlot(key.owner, key.id, key.version)
      return next
    },
  }
}
