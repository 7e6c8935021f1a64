import { parseInput } from '../validation.js'
import { type CallContext, permitAction } from './access.js'
import { type ChangeOptions, changeKey, refuseOtherVersion } from './change.js'
import { deleteKey } from './delete.js'
import type { Deps } from './deps.js'
import { changeOptions } from './fields.js'
import { findFor } from './find.js'

/** Removes a key for good, now. It is deleted first, so that it has stopped working before its record goes. */
export async function purgeKey(
  deps: Deps,
  context: CallContext,
  id: unknown,
  options: ChangeOptions = {},
): Promise<void> {
  const { ifVersion } = parseInput(changeOptions, options)
  await changeKey(deps, context, 'purge', id, async key => {
    await permitAction(deps, context, 'purge', key)
    refuseOtherVersion(key, ifVersion)
    return key
  })
  for (;;) {
    const { id: known } = await deleteKey(deps, context, id)
    const key = await findFor(deps, context, 'purge', known)
    if (key.deleted !== null && (await deps.store.remove(key.id, key.version))) return
  }
}
