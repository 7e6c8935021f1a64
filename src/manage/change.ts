/** The one way in which a record changes: read, decide, compare-and-set, and again if somebody else was faster. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SidekeyError } from '../errors.js'
import type { StoredKey } from '../key/record.js'
import type { Action } from '../options.js'
import type { CallContext } from './access.js'
import type { Deps } from './deps.js'
import { checkedId, findFor } from './find.js'

const PATIENCE_MS = 10_000
const LONGEST_PAUSE_MS = 50

/**
 * Changes the record with this id as `decide` says, which sees the newest record and may refuse by throwing, and may
 * return the record as it is where nothing is left to do. Every attempt decides anew, so that a decision is never
 * applied to a record that it was not made for.
 * @throws SidekeyError `CONFLICT` when others kept changing the record for ten seconds.
 */
export async function changeKey(
  deps: Deps,
  context: CallContext,
  action: Action,
  id: unknown,
  decide: (key: StoredKey) => Promise<StoredKey>,
): Promise<StoredKey> {
  const known = checkedId(id)
  const deadline = performance.now() + PATIENCE_MS
  for (let attempt = 0; ; attempt++) {
    const current = await findFor(deps, context, action, known)
    const decided = await decide(current)
    if (decided === current) return current
    const next = { ...decided, version: current.version + 1, updatedAt: new Date(deps.now()) }
    if (await deps.store.replace(next, current.version)) return next
    if (performance.now() > deadline)
      throw new SidekeyError('CONFLICT', 'Others keep changing this key; try again.')
    // Full jitter: the more have collided, the wider they spread.
    await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** attempt))
  }
}

/** @throws SidekeyError `ALREADY_REVOKED`: revocation is final, and the record stays as it was. */
export function refuseRevoked(key: StoredKey): void {
  if (key.revoked !== null)
    throw new SidekeyError('ALREADY_REVOKED', 'This key has been revoked; make a new one.')
}
