/** How keys were used. */
import { invalidInput } from '../errors.js'
import { readonlyDate } from '../key/readonly-date.js'
import { deepFreeze, KEY_STATUSES, type Owner } from '../key/record.js'
import type { HourlyUsage, UsageFilter } from '../store/store.js'
import { startOf } from '../usage/hours.js'
import type { Period } from '../usage/periods.js'
import { type CallContext, mayAudit, permitByKey, tableAllows } from './access.js'
import { type Caller, isOwner, type SessionActor } from './actor.js'
import { permitKey } from './audit-query.js'
import type { Deps } from './deps.js'
import { ownersInReach } from './reach.js'
import { type AskedUsage, askedUsage } from './usage-query.js'

/** How often keys were used in a period. */
export interface UsagePeriod {
  /** From this time, and before that one. */
  readonly from: Date
  readonly to: Date
  readonly total: number
  /** How many by outcome: `accepted`, or the code of the refusal. One that did not occur is not there. */
  readonly outcomes: Readonly<Record<string, number>>
}

/** The periods of the time that was asked for, oldest first, without a gap. */
export interface Usage {
  readonly data: readonly UsagePeriod[]
}

/** Keys that are looked at one by one, whether the caller may see what is told of them: so many at a time, and at most. */
const BATCH = 200
const MOST_KEYS = 10_000

/** How often the keys that the caller may see, and the query asks for, were used. */
export async function readUsage(deps: Deps, context: CallContext, raw: unknown): Promise<Usage> {
  permitByKey(context.caller, 'audit', null)
  const asked = askedUsage(raw, deps.now())
  const filter = await filterFor(deps, context, asked)
  await deps.usage.flush() // what this process has counted is in the answer
  const isWhole = asked.keyId !== undefined || seesAll(deps, context.caller, filter)
  const hours = isWhole ? await deps.store.usage(filter) : await usageOfVisible(deps, context, filter)
  return deepFreeze({ data: summed(asked.periods, hours) })
}

async function filterFor(
  deps: Deps,
  context: CallContext,
  { keyId, owner, organizationId, all, range }: AskedUsage,
): Promise<UsageFilter> {
  const within = { ...range, ...(organizationId !== undefined && { organizationId }) }
  if (keyId !== undefined) {
    await permitKey(deps, context, keyId)
    return { ...within, keyIds: [keyId], ...(owner !== undefined && { owners: [owner] }) }
  }
  const owners = ownersInReach(context.caller, { owner, organizationId, all }, deps.config.organizationRoles)
  return { ...within, ...(owners !== null && { owners }) }
}

/** Whether the table alone lets the caller see all that a filter finds; otherwise each key is asked about. */
function seesAll({ config }: Deps, caller: Caller, { owners, organizationId }: UsageFilter): boolean {
  if (caller.via === 'server') return true
  if (caller.via === 'key' || config.authorize !== null) return false
  if (caller.admin) return true
  const sees = (owner: Owner) =>
    isOwner(caller, owner) ||
    (organizationId !== undefined &&
      tableAllows(caller, 'audit', { owner, organizationId }, config.organizationRoles))
  return (owners ?? ownersOfAll(caller)).every(sees)
}

/** Owners that stand for all: the table asks of another's no more than the type. */
function ownersOfAll({ id }: SessionActor): readonly Owner[] {
  return ['user', 'organization'].map(type => ({ type, id: `not ${id}` }))
}

/** The sums of those keys that the caller may see, by their records as they are now. */
async function usageOfVisible(deps: Deps, context: CallContext, filter: UsageFilter): Promise<HourlyUsage[]> {
  const { store, now } = deps
  const used = await store.usedKeys(filter, MOST_KEYS + 1)
  if (used.length > MOST_KEYS) {
    const message = `takes a time nearer to \`to\`, or a narrower question: more than ${MOST_KEYS} keys were used`
    throw invalidInput([{ path: 'from', message }])
  }
  const hours: HourlyUsage[] = []
  for (let i = 0; i < used.length; i += BATCH) {
    const ids = used.slice(i, i + BATCH)
    const keys = await store.list({ ids, statuses: KEY_STATUSES, now: now(), limit: BATCH })
    const may = await Promise.all(keys.map(key => mayAudit(deps, context, key)))
    const keyIds = keys.filter((_, n) => may[n]).map(({ id }) => id)
    if (keyIds.length > 0) hours.push(...(await store.usage({ ...filter, keyIds })))
  }
  return hours
}

/** The sums of each period; `periods` are in order. */
function summed(periods: readonly Period[], hours: readonly HourlyUsage[]): UsagePeriod[] {
  const sorted = [...hours].sort((a, b) => a.hour - b.hour)
  let next = 0
  return periods.map(({ from, to }) => {
    const outcomes: Record<string, number> = {}
    let total = 0
    for (let one = sorted[next]; one !== undefined && one.hour < to; one = sorted[++next]) {
      for (const [outcome, n] of Object.entries(one.counts)) {
        outcomes[outcome] = (outcomes[outcome] ?? 0) + n
        total += n
      }
    }
    return { from: readonlyDate(startOf(from)), to: readonlyDate(startOf(to)), total, outcomes }
  })
}
