import { type ErrorCode, SidekeyError } from '../errors.js'
import { KEY_STATUSES, NOT_YET_REVOKED, type StoredKey } from '../key/record.js'
import type { KeyQuery } from '../store/store.js'
import { parseInput } from '../validation.js'
import { type CallContext, mayRevoke, permitAction, permitByKey } from './access.js'
import type { Caller } from './actor.js'
import { changeKey } from './change.js'
import type { Deps } from './deps.js'
import { revokeAllOptions } from './fields.js'
import { type ParsedRevokeFilter, revokeFilter } from './input-schemas.js'
import type { BulkOutbox } from './outbox.js'
import { ownersInReach } from './reach.js'
import { type RevokeAllOptions, revokedBy } from './revoke.js'

/** What a bulk revoke has done. */
export interface RevokeAllResult {
  /** How many keys it ended: those that were revoked already are not counted. */
  readonly revoked: number
  /**
   * Where the filter has `ids`: those that are not revoked now, since there is no such key that the other filters name, or the
   * caller may not revoke it.
   */
  readonly passedOver?: readonly string[]
}

const BATCH = 200
/** Deleted keys too: else an owner could restore, after the pass, what was deleted before it. */

/** An owner who makes keys as fast as they are revoked is stopped by `grants`, not by more passes. */
const MOST_PASSES = 50

/**
 * Revokes every key that the filter names and the caller may revoke, in passes until one finds none, so that keys
 * made meanwhile are caught. Safe to repeat.
 * @throws SidekeyError `CONFLICT` where new keys keep coming, or keys were in the way of other changes: the others are
 * revoked, and a repeat goes on.
 */
export async function revokeAllKeys(
  deps: Deps,
  context: CallContext,
  filter: unknown,
  options: RevokeAllOptions = {},
): Promise<RevokeAllResult> {
  const { caller } = context
  permitByKey(caller, 'revoke', null)
  const { wanted, reason, onProgress } = askedRevoke(filter, options)
  /** Each refusal is told once, however many passes there are. */
  const refused = new Set<string>()
  const bulk = deps.outbox.inBulk()
  const work: Work = {
    query: queryFor(deps, caller, wanted),
    revoke: id => revokeOne(deps, context, id, reason ?? null, refused),
    last: caller.via === 'key' ? caller.keyId : null,
    told: new Set(),
    bulk,
    onProgress,
  }
  try {
    const revoked = await revokeInPasses(deps, work)
    if (wanted.ids === undefined) return { revoked }
    return { revoked, passedOver: await passedOver(deps, context, work, wanted.ids) }
  } finally {
    // Also where it stops half-way: what it has revoked is revoked everywhere.
    await bulk.end()
  }
}

/** What `revokeAll` is asked for. */
export function askedRevoke(filter: unknown, options: RevokeAllOptions) {
  const wanted = parseInput(revokeFilter(), filter, 'filter')
  return { wanted, ...parseInput(revokeAllOptions, options) }
}

/** One that is hidden from the caller is told no other than one that there is not. */
async function passedOver(
  deps: Deps,
  context: CallContext,
  { query, told }: Work,
  ids: readonly string[],
): Promise<string[]> {
  const { orUnsettled: _, ...rest } = query
  const keys = await deps.store.list({ ...rest, ids, statuses: KEY_STATUSES, limit: ids.length })
  const done = new Set(told)
  for (const key of keys)
    if (!done.has(key.id) && key.revoked !== null && (await mayRevoke(deps, context, key))) done.add(key.id)
  return ids.filter(id => !done.has(id))
}

async function revokeInPasses(deps: Deps, work: Work): Promise<number> {
  let revoked = 0
  for (let passes = 0; ; passes++) {
    if (passes === MOST_PASSES) throw unfinished('New keys keep coming')
    const { ended, busy, foundLast } = await pass(deps, work, revoked)
    revoked += ended
    if (ended > 0) continue
    if (busy) throw unfinished('Others keep changing some of these keys')
    // The key that acts ends last: revoked in the midst, it could not go on.
    const last = foundLast === null ? 'passed' : await work.revoke(foundLast)
    if (last === 'busy') throw unfinished('Others keep changing the key that acts')
    if (last === 'passed') return revoked
    await work.bulk.add([last.key])
    return revoked + (last.is === 'ended' ? 1 : 0)
  }
}

function unfinished(why: string): SidekeyError {
  return new SidekeyError(
    'CONFLICT',
    `${why}; the others are revoked. Repeat this, and switch the owner off.`,
  )
}

type RevokeQuery = Omit<KeyQuery, 'before'>

/** Keys named by id may be anyone's, since each is asked of the access table; other filters stay in reach. */
export function queryFor({ config, now }: Deps, caller: Caller, filter: ParsedRevokeFilter): RevokeQuery {
  const roles = config.organizationRoles
  const { owner, ...rest } = filter
  const all = caller.via === 'session' && caller.admin
  const owners =
    filter.ids === undefined
      ? ownersInReach(caller, { ...filter, all }, roles)
      : owner === undefined
        ? null
        : [owner]
  return {
    ...rest,
    ...(owners !== null && { owners }),
    statuses: NOT_YET_REVOKED,
    // Also what is revoked, but may not have been heard of everywhere.
    orUnsettled: true,
    now: now(),
    limit: BATCH,
  }
}

interface Work {
  readonly query: RevokeQuery
  readonly revoke: (id: string) => Promise<Outcome>
  /** Is told how many have been ended so far. */
  readonly onProgress: ((ended: number) => void) | undefined
  /** Of these others have been told. */
  readonly told: Set<string>
  readonly bulk: BulkOutbox
  /** The id of a key that is left for the end. */
  readonly last: string | null
}

/**
 * `unheard`: revoked before, by a call that has not come so far that everybody has heard of it. `passed`: revoked already, or
 * not this caller's to revoke.
 */
type Outcome = { readonly is: 'ended' | 'unheard'; readonly key: StoredKey } | 'passed' | 'busy'

/** One way through all that the query finds. */
async function pass(deps: Deps, { query, revoke, last, told, bulk, onProgress }: Work, endedBefore: number) {
  const result = { ended: 0, busy: false, foundLast: null as string | null }
  let before: string | undefined
  for (;;) {
    const batch = await deps.store.list({ ...query, ...(before !== undefined && { before }) })
    const changed: StoredKey[] = []
    for (const { id } of batch) {
      if (id === last) {
        result.foundLast = id
        continue
      }
      if (told.has(id)) continue
      const outcome = await revoke(id)
      if (outcome === 'busy') result.busy = true
      else if (outcome !== 'passed') {
        if (outcome.is === 'ended') result.ended++
        changed.push(outcome.key)
        told.add(id)
      }
    }
    await bulk.add(changed)
    onProgress?.(endedBefore + result.ended)
    before = batch.at(-1)?.id
    if (batch.length < BATCH) return result
  }
}

const PASSED_OVER: ReadonlySet<ErrorCode> = new Set(['NOT_FOUND', 'FORBIDDEN'])

async function revokeOne(
  deps: Deps,
  context: CallContext,
  id: string,
  reason: string | null,
  refused: Set<string>,
): Promise<Outcome> {
  let changed = false
  try {
    const key = await changeKey(
      deps,
      context,
      'revoke',
      id,
      async key => {
        await permitAction(deps, context, 'revoke', key)
        const next = revokedBy(deps, context, key, reason)
        changed = next !== key
        return next
      },
      { reach: 'left' },
    )
    if (changed) return { is: 'ended', key }
    return key.outbox.length > 0 ? { is: 'unheard', key } : 'passed'
  } catch (error) {
    if (!(error instanceof SidekeyError)) throw error
    if (PASSED_OVER.has(error.code)) {
      if (!refused.has(id)) deps.refusals.note(context, error)
      refused.add(id)
      return 'passed'
    }
    if (error.code === 'CONFLICT') return 'busy'
    throw error
  }
}
