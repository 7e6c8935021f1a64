import { RANKS, type StoredKey, type SwitchedOff } from '../key/record.js'
import { actingRank, type Caller } from './actor.js'
import type { Deps } from './deps.js'

/**
 * The mark of a switch-off by this caller. One of a higher rank that stands already is kept: repeating it from
 * further down must not make it easier to undo.
 */
export function switchedOff(
  standing: SwitchedOff | null,
  caller: Caller,
  key: Pick<StoredKey, 'owner' | 'organizationId'>,
  { config, now }: Pick<Deps, 'config' | 'now'>,
): SwitchedOff {
  const rank = actingRank(caller, key, config.organizationRoles)
  if (standing !== null && RANKS.indexOf(standing.rank) >= RANKS.indexOf(rank)) return standing
  return { at: new Date(now()), by: caller.id, rank }
}
