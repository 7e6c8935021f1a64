import { type ApiKey, KEY_STATUSES, LIVING_STATUSES, type StoredKey } from '../key/record.js'
import type { KeyQuery } from '../store/store.js'
import { parseInput } from '../validation.js'
import { type CallContext, mayRead, permitByKey } from './access.js'
import type { Caller } from './actor.js'
import type { Deps } from './deps.js'
import { listQuery, type ParsedList } from './input-schemas.js'
import { pageOf } from './paging.js'
import { ownersInReach } from './reach.js'
import { shownKeys } from './shown.js'

/**
 * A page of keys, newest first. `nextCursor` is `null` on the last one; where most is passed over (`unusedSince`, say) a page
 * may be short.
 */
export interface Page {
  readonly data: readonly ApiKey[]
  readonly nextCursor: string | null
}

const ALL_BUT_DELETED = KEY_STATUSES.filter(status => status !== 'deleted')

/** Lists the keys that the caller may see and the query asks for. */
export async function listKeys(deps: Deps, context: CallContext, raw: unknown): Promise<Page> {
  permitByKey(context.caller, 'read', null)
  const { cursor, limit, ...filter } = parseInput(listQuery(), raw)
  const fingerprint = JSON.stringify(filter, Object.keys(filter).concat('type', 'id').sort())
  const query = queryFor(deps, context.caller, filter)
  const { page, nextCursor } = await pageOf<StoredKey>({
    limit,
    cursor,
    fingerprint,
    read: range => deps.store.list({ ...query, ...range }),
    visible: async batch => readable(deps, context, await unused(deps, batch, filter.unusedSince)),
  })
  return { data: await shownKeys(deps, page), nextCursor }
}

async function readable(
  deps: Deps,
  context: CallContext,
  keys: readonly StoredKey[],
): Promise<readonly StoredKey[]> {
  const may = await Promise.all(keys.map(key => mayRead(deps, context, key)))
  return keys.filter((_, i) => may[i])
}

/** Those that have not been used since, as far as that is asked. Uses are kept beside the records, so they are looked up. */
async function unused(
  { lastUse }: Deps,
  keys: readonly StoredKey[],
  since: Date | undefined,
): Promise<readonly StoredKey[]> {
  if (since === undefined) return keys
  const uses = await lastUse.of(keys.map(({ id }) => id))
  return keys.filter(({ id, createdAt }) => (uses.get(id)?.at ?? createdAt) < since)
}

type Filter = Omit<ParsedList, 'cursor' | 'limit'>

/** What a caller's list asks of the store: never wider than what they may ask for. */
function queryFor(deps: Deps, caller: Caller, filter: Filter): Omit<KeyQuery, 'limit' | 'before'> {
  const { organizationId, parentId, kind, tag, q, status, expiresWithin } = filter
  const now = deps.now()
  const owners = ownersInReach(caller, filter, deps.config.organizationRoles)
  return {
    statuses: status ?? (expiresWithin === undefined ? ALL_BUT_DELETED : LIVING_STATUSES),
    now,
    ...(owners !== null && { owners }),
    ...(organizationId !== undefined && { organizationId }),
    ...(parentId !== undefined && { parentId }),
    ...(kind !== undefined && { kind }),
    ...(tag !== undefined && { tag }),
    ...(q !== undefined && { text: q }),
    ...(expiresWithin !== undefined && {
      expiresAfter: new Date(now),
      expiresBy: new Date(now + expiresWithin),
    }),
  }
}
