import { parseInput } from '../validation.js'
import { type CallContext, permitAction } from './access.js'
import { type ChangeOptions, changeKey, refuseOtherVersion, type Wanted } from './change.js'
import type { Deps } from './deps.js'
import { changeOptions } from './fields.js'
import { switchedOff } from './switched-off.js'

/**
 * Removes a key for good, now. It is deleted first, by the write that holds the event, so that it has stopped working and
 * the audit is told before its record goes. Where a process dies in between, the sweep goes on.
 */
export async function purgeKey(
  deps: Deps,
  context: CallContext,
  id: unknown,
  options: ChangeOptions = {},
): Promise<void> {
  const { act, decide } = purging(deps, context, options)
  const purged = await changeKey(deps, context, act, id, decide, { reach: 'left' })
  await deps.outbox.drain([purged])
}

/** The change that `purge` is asked for. */
export function purging(deps: Deps, context: CallContext, options: ChangeOptions): Wanted {
  const { ifVersion } = parseInput(changeOptions, options)
  return {
    act: 'purge',
    async decide(key) {
      await permitAction(deps, context, 'purge', key)
      if (key.deleted?.forGood) return key // what was begun is ended
      refuseOtherVersion(key, ifVersion)
      const mark = switchedOff(key.deleted, context.caller, key, deps)
      return { ...key, deleted: { ...mark, forGood: true as const } }
    },
  }
}
