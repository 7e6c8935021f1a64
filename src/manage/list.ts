import { type ApiKey, KEY_STATUSES, type KeyStatus, type StoredKey } from '../key/record.js'
import type { KeyQuery } from '../store/store.js'
import { parseInput } from '../validation.js'
import { type CallContext, mayRead, permitByKey } from './access.js'
import type { Caller } from './actor.js'
import { decodeCursor, encodeCursor } from './cursor.js'
import type { Deps } from './deps.js'
import type { Inputs, ParsedList } from './input.js'
import { ownersInReach } from './reach.js'
import { shownKeys } from './shown.js'

/** A page of keys, newest first. `nextCursor` is `null` on the last one. */
export interface Page {
  readonly data: readonly ApiKey[]
  readonly nextCursor: string | null
}

/** What can still end. */
const LIVING: readonly KeyStatus[] = ['active', 'disabled', 'scheduled']
const ALL_BUT_DELETED = KEY_STATUSES.filter(status => status !== 'deleted')

/** Lists the keys that the caller may see and the query asks for. */
export async function listKeys(
  deps: Deps,
  inputs: Inputs,
  context: CallContext,
  raw: unknown,
): Promise<Page> {
  permitByKey(context.caller, 'read', null)
  const { cursor, limit, ...filter } = parseInput(inputs.list, raw)
  const fingerprint = JSON.stringify(filter, Object.keys(filter).concat('type', 'id').sort())
  const query = queryFor(deps, context.caller, filter)
  let before = cursor === undefined ? undefined : decodeCursor(cursor, fingerprint)

  const data: StoredKey[] = []
  for (;;) {
    // One more than the page holds tells whether there is a next one.
    const batch = await deps.store.list({
      ...query,
      limit: limit + 1,
      ...(before !== undefined && { before }),
    })
    for (const key of await unused(deps, batch, filter.unusedSince)) {
      if (data.length > limit) break
      if (await mayRead(deps, context, key)) data.push(key)
    }
    before = batch.at(-1)?.id
    if (data.length > limit || batch.length <= limit) break
  }

  const page = data.slice(0, limit)
  const last = page.at(-1)
  const more = data.length > limit && last !== undefined
  return {
    data: await shownKeys(deps, page),
    nextCursor: more ? encodeCursor(last.id, fingerprint) : null,
  }
}

/** Those that have not been used since, as far as that is asked. Uses are kept beside the records, so they are looked up. */
async function unused(
  { lastUse }: Deps,
  keys: readonly StoredKey[],
  since: Date | undefined,
): Promise<readonly StoredKey[]> {
  if (since === undefined) return keys
  const uses = await lastUse.of(keys.map(({ id }) => id))
  return keys.filter(({ id, createdAt }) => (uses.get(id) ?? createdAt) < since)
}

type Filter = Omit<ParsedList, 'cursor' | 'limit'>

/** What a caller's list asks of the store: never wider than what they may ask for. */
function queryFor(deps: Deps, caller: Caller, filter: Filter): Omit<KeyQuery, 'limit' | 'before'> {
  const { organizationId, parentId, kind, tag, q, status, expiresWithin } = filter
  const now = deps.now()
  const owners = ownersInReach(caller, filter, deps.config.organizationRoles)
  return {
    statuses: status ?? (expiresWithin === undefined ? ALL_BUT_DELETED : LIVING),
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
