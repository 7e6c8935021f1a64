import { invalidInput } from '../errors.js'
import { type ApiKey, sameOwner } from '../key/record.js'
import { parseInput } from '../validation.js'
import { type CallContext, notFound, permitAction, permitOutcome } from './access.js'
import { type ChangeOptions, changeKey, refuseOtherVersion, refuseRevoked } from './change.js'
import type { Deps } from './deps.js'
import { changeOptions, ownerInput } from './fields.js'
import { shownChanged } from './shown.js'
import { isLiving } from './slots.js'

/**
 * Gives a key to another owner. Its permissions are cut to what the new owner may do from the next verification on.
 * A key that was made by a key lives within it, and goes nowhere without it; keys that this key made
 * are refused while it is another's.
 */
export async function transferKey(
  deps: Deps,
  context: CallContext,
  id: unknown,
  to: unknown,
  options: ChangeOptions = {},
): Promise<ApiKey> {
  const { ifVersion } = parseInput(changeOptions, options)
  const owner = parseInput(ownerInput, to, 'owner')
  const transferred = await changeKey(deps, context, 'transfer', id, async (key, ahead) => {
    if (key.deleted !== null) throw notFound()
    await permitAction(deps, context, 'transfer', key)
    refuseRevoked(key)
    refuseOtherVersion(key, ifVersion)
    if (key.parentId !== null) {
      throw invalidInput([{ path: 'id', message: 'this key was made by a key, and stays with its owner' }])
    }
    // A new version all the same: an earlier transfer that was given up must not land after this.
    if (sameOwner(owner, key.owner)) return { ...key }
    const organizationId = owner.type === 'organization' ? owner.id : key.organizationId
    const next = { ...key, owner, organizationId }
    // Whoever holds the token will act as the new owner: the caller must be able to do that to them too.
    await permitOutcome(deps, context, 'transfer', next, key)
    if (isLiving(next, deps.now())) await ahead.takeSlot(owner, key.id, key.version)
    return next
  })
  return shownChanged(deps, transferred)
}
