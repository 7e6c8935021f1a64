import { SidekeyError } from '../errors.js'
import { KEY_STATUSES } from '../key/record.js'
import type { KeyQuery } from '../store/store.js'
import { parseInput } from '../validation.js'
import { type CallContext, permitAction, permitByKey } from './access.js'
import type { Caller } from './actor.js'
import { changeKey } from './change.js'
import type { Deps } from './deps.js'
import { revokeOptions } from './fields.js'
import type { Inputs, ParsedRevokeFilter } from './input.js'
import { ownersInReach } from './reach.js'
import { type RevokeOptions, revokedBy } from './revoke.js'

/** How many keys a bulk revoke ended: those that were revoked already are not counted. */
export interface RevokeAllResult {
  readonly revoked: number
}

const BATCH = 200
/** Deleted keys too: else an owner could restore, after the pass, what was deleted before it. */
const NOT_YET_REVOKED = KEY_STATUSES.filter(status => status !== 'revoked')

/**
 * Revokes every key that the filter names and the caller may revoke, in passes until one finds none, so that keys
 * made meanwhile are caught. Safe to repeat.
 */
export async function revokeAllKeys(
  deps: Deps,
  inputs: Inputs,
  context: CallContext,
  filter: unknown,
  options: RevokeOptions = {},
): Promise<RevokeAllResult> {
  permitByKey(context.caller, 'revoke', null)
  const wanted = parseInput(inputs.revokeFilter, filter, 'filter')
  const { reason } = parseInput(revokeOptions, options)
  const query = queryFor(context.caller, wanted, deps.now())

  let revoked = 0
  for (;;) {
    const ended = await pass(deps, context, query, reason ?? null)
    revoked += ended
    if (ended === 0) return { revoked }
  }
}

type Query = Omit<KeyQuery, 'before'>

/** Keys named by id may be anyone's, since each is asked of the access table; other filters stay in reach. */
function queryFor(caller: Caller, filter: ParsedRevokeFilter, now: number): Query {
  const { owner, ...rest } = filter
  const all = caller.via === 'session' && caller.admin
  const owners =
    filter.ids === undefined
      ? ownersInReach(caller, { ...filter, all })
      : owner === undefined
        ? null
        : [owner]
  return { ...rest, ...(owners !== null && { owners }), statuses: NOT_YET_REVOKED, now, limit: BATCH }
}

/** One way through all that the query finds; keys that the caller may not revoke are passed over. */
async function pass(deps: Deps, context: CallContext, query: Query, reason: string | null): Promise<number> {
  let ended = 0
  let before: string | undefined
  for (;;) {
    const batch = await deps.store.list({ ...query, ...(before !== undefined && { before }) })
    for (const key of batch) {
      if (await revokeOne(deps, context, key.id, reason)) ended++
    }
    before = batch.at(-1)?.id
    if (batch.length < BATCH) return ended
  }
}

async function revokeOne(
  deps: Deps,
  context: CallContext,
  id: string,
  reason: string | null,
): Promise<boolean> {
  let changed = false
  try {
    await changeKey(deps, context, 'revoke', id, async key => {
      await permitAction(deps, context, 'revoke', key)
      const next = revokedBy(deps, context, key, reason)
      changed = next !== key
      return next
    })
    return changed
  } catch (error) {
    const passedOver =
      error instanceof SidekeyError && (error.code === 'NOT_FOUND' || error.code === 'FORBIDDEN')
    if (passedOver) return false
    throw error
  }
}
