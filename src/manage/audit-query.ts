import { z } from 'zod'
import { given } from '../given.js'
import { ACTIONS } from '../key/action.js'
import type { AuditAction, AuditEvent, ListedEvent } from '../key/audit-event.js'
import type { StoredKey } from '../key/record.js'
import { KEY_STATUSES } from '../key/record.js'
import { redact } from '../key/redact.js'
import type { EventQuery } from '../store/store.js'
import { parseInput } from '../validation.js'
import {
  type CallContext,
  mayAudit,
  mayAuditWithoutRecord,
  notFound,
  permitAction,
  permitByKey,
} from './access.js'
import { identifier } from './actor.js'
import { shownEvent } from './audit.js'
import type { Deps } from './deps.js'
import { keyId, limit, ownerInput, point } from './fields.js'
import type { OwnerInput } from './input.js'
import { pageOf } from './paging.js'
import { ownersInReach } from './reach.js'

/** What `audit` takes. All given filters must hold. */
export interface AuditQuery {
  /** Events of this key alone. */
  readonly keyId?: string
  /** Events by this actor: a user's id, or the id of the owner of the key that acted. */
  readonly actorId?: string | number | { toHexString(): string }
  /** Events of keys that were this owner's. */
  readonly owner?: OwnerInput
  readonly organizationId?: string | number | { toHexString(): string }
  readonly action?: AuditAction
  /** `true`: refusals only; `false`: acts only. */
  readonly refused?: boolean
  /** Not before this time, and before that one. */
  readonly from?: Date | string
  readonly to?: Date | string
  /** Through `as(admin)`: everyone's. From server code it is the default. */
  readonly all?: boolean
  /** 1 to 100; default 20. */
  readonly limit?: number
  /** `nextCursor` of the page before. */
  readonly cursor?: string
}

/** A page of the audit, newest first. `nextCursor` is `null` on the last one; where most is passed over a page may be short. */
export interface AuditPage {
  readonly data: readonly ListedEvent[]
  readonly nextCursor: string | null
}

export const AUDIT_ACTIONS = [
  ...ACTIONS,
  'verify',
  'expiring',
  'expire',
  'leak',
  'import',
] as const satisfies readonly AuditAction[]

const auditQuery = z.strictObject(
  {
    keyId: keyId.optional(),
    actorId: identifier.optional(),
    owner: ownerInput.optional(),
    organizationId: identifier.optional(),
    action: z.enum(AUDIT_ACTIONS, `takes an action: ${AUDIT_ACTIONS.join(', ')}`).optional(),
    refused: z.boolean('takes true or false').optional(),
    from: point.optional(),
    to: point.optional(),
    all: z.boolean('takes true or false').optional(),
    limit,
    cursor: z.string('takes the nextCursor of the page before').max(200).optional(),
  },
  'takes an object',
)

/** The events that the caller may see and the query asks for. */
export async function listEvents(deps: Deps, context: CallContext, raw: unknown): Promise<AuditPage> {
  permitByKey(context.caller, 'audit', null)
  const { cursor, limit, ...filter } = parseInput(auditQuery, raw)
  const fingerprint = JSON.stringify(['audit', filter])
  const query = await queryFor(deps, context, filter)
  await deps.refusals.settled()
  const { page, nextCursor } = await pageOf<AuditEvent, ListedEvent>({
    limit,
    cursor,
    fingerprint,
    read: range => deps.store.events({ ...query, ...range }),
    visible: batch => visible(deps, context, batch),
  })
  return { data: page.map(event => shownEvent(event)), nextCursor }
}

type Filter = Omit<z.output<typeof auditQuery>, 'cursor' | 'limit'>

async function queryFor(
  deps: Deps,
  context: CallContext,
  { owner, all, ...filter }: Filter,
): Promise<Omit<EventQuery, 'limit' | 'before'>> {
  const { organizationId, keyId } = filter
  const asked = given(filter)
  if (keyId !== undefined) {
    await permitKey(deps, context, keyId)
    return { ...asked, ...(owner !== undefined && { owners: [owner] }) }
  }
  const owners = ownersInReach(context.caller, { owner, organizationId, all }, deps.config.organizationRoles)
  return { ...asked, ...(owners !== null && { owners }) }
}

/** A key that is purged is an admin's to ask about; whoever may not see a key learns nothing of it. */
export async function permitKey(deps: Deps, context: CallContext, id: string): Promise<void> {
  const { caller } = context
  const key = await deps.store.find(id)
  if (key !== null) return permitAction(deps, context, 'audit', key)
  const trusted = caller.via === 'server' || (caller.via === 'session' && caller.admin)
  if (!trusted) throw notFound()
}

/** The events that the caller may see: by the key's record as it is now, and where it is gone, by what the event says. */
async function visible(
  deps: Deps,
  context: CallContext,
  events: readonly AuditEvent[],
): Promise<ListedEvent[]> {
  const records = await recordsOf(deps, events)
  const may = new Map<string, boolean>()
  for (const [id, key] of records) may.set(id, await mayAudit(deps, context, key))
  const seen = events.filter(event => {
    const byRecord = event.keyId === null ? undefined : may.get(event.keyId)
    return byRecord ?? mayAuditWithoutRecord(deps, context.caller, event)
  })
  return seen.map(event => ({ ...event, keyName: nameIn(records, event) }))
}

/** A name may have a token in it. */
function nameIn(records: ReadonlyMap<string, StoredKey>, { keyId }: AuditEvent): string | null {
  const key = keyId === null ? undefined : records.get(keyId)
  return key === undefined ? null : redact(key.name)
}

async function recordsOf(
  { store, now }: Deps,
  events: readonly AuditEvent[],
): Promise<ReadonlyMap<string, StoredKey>> {
  const ids = [...new Set(events.map(event => event.keyId).filter(id => id !== null))]
  if (ids.length === 0) return new Map()
  const keys = await store.list({ ids, statuses: KEY_STATUSES, now: now(), limit: ids.length })
  return new Map(keys.map(key => [key.id, key]))
}
