import type { ApiKey } from '../key/record.js'
import { parseInput } from '../validation.js'
import { type CallContext, permitAction } from './access.js'
import { type ChangeOptions, changeKey, refuseOtherVersion, type Wanted } from './change.js'
import type { Deps } from './deps.js'
import { changeOptions } from './fields.js'
import { shownChanged } from './shown.js'
import { switchedOff } from './switched-off.js'

/**
 * Deletes a key: it stops working and is seen no more, but can be restored while `retention` lasts. A second call
 * changes nothing but the version, and is no error.
 */
export async function deleteKey(
  deps: Deps,
  context: CallContext,
  id: unknown,
  options: ChangeOptions = {},
): Promise<ApiKey> {
  const { act, decide } = deleting(deps, context, options)
  return shownChanged(deps, await changeKey(deps, context, act, id, decide))
}

/** The change that `delete` is asked for. */
export function deleting(deps: Deps, context: CallContext, options: ChangeOptions): Wanted {
  const { ifVersion } = parseInput(changeOptions, options)
  return {
    act: 'delete',
    async decide(key) {
      await permitAction(deps, context, 'delete', key)
      refuseOtherVersion(key, ifVersion)
      const mark = switchedOff(key.deleted, context.caller, key, deps)
      // A new version also where it is deleted already: an earlier restore that was given up must not land after this.
      return { ...key, deleted: mark }
    },
  }
}
