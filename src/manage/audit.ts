/** Makes the events of the audit: what a change has changed, by whom, from where. No I/O. */
import type { AuditActor, AuditEvent, ChangeAction, Changes } from '../key/audit-event.js'
import { readonlyDate } from '../key/readonly-date.js'
import { deepFreeze, type Json, type StoredKey } from '../key/record.js'
import { redact } from '../key/redact.js'
import type { CallContext } from './access.js'
import type { Caller } from './actor.js'
import { newEventId } from './event-id.js'
import { requestFacts } from './request-facts.js'

/** Larger values, in bytes of JSON, are told by their size. */
const MOST_BYTES = 1024

/** The fields that are told of, each as it is seen from outside. */
const FIELDS: Readonly<Record<string, (key: StoredKey) => unknown>> = {
  name: key => key.name,
  description: key => key.description,
  kind: key => key.kind,
  owner: key => key.owner,
  organizationId: key => key.organizationId,
  parentId: key => key.parentId,
  imported: key => key.imported && { source: key.imported.source, id: key.imported.id },
  permissions: key => key.permissions,
  roles: key => key.roles,
  resources: key => key.resources,
  metadata: key => key.metadata,
  tags: key => key.tags,
  enabled: key => key.disabled === null,
  notBefore: key => key.notBefore,
  expiresAt: key => key.expiresAt,
  expiresAfterIdle: key => key.idle?.after ?? null,
  idleEndedAt: key => key.idle?.endedAt ?? null,
  restrictions: key => key.restrictions,
  limits: key => key.limits,
  credits: key => key.credits && { refill: key.credits.refill },
}

/** The parts of an event that do not come from the caller. */
export type EventFacts = Pick<AuditEvent, 'action' | 'keyId' | 'owner' | 'organizationId'> &
  Partial<Pick<AuditEvent, 'changes' | 'reason' | 'refused' | 'count'>>

/** An event of an act of this caller. */
export function auditEvent({ caller, request }: CallContext, facts: EventFacts, now: number): AuditEvent {
  const { changes = {}, reason = null, refused = null, count = 1, ...rest } = facts
  return {
    id: newEventId(now),
    at: new Date(now),
    ...rest,
    owner: rest.owner && { type: rest.owner.type, id: redact(rest.owner.id) },
    organizationId: rest.organizationId && redact(rest.organizationId),
    actor: auditActor(caller),
    changes,
    reason: reason && redact(reason),
    refused,
    count,
    ...requestFacts(request),
  }
}

/**
 * The events of a change by these actions: one each, with its part of what has changed; none where nothing has.
 * @param before `null` for a key that is made
 */
export function eventsOfChange(
  context: CallContext,
  actions: readonly ChangeAction[],
  before: StoredKey | null,
  after: StoredKey,
  now: number,
): AuditEvent[] {
  if (before !== null && isSame(before, after)) return []
  const { id: keyId, owner, organizationId } = after
  const all = changesBetween(before, after)
  const done = actions.filter(action => actions.length === 1 || isDone(action, all, before, after))
  return done.map(action => {
    const reason = action === 'revoke' ? (after.revoked?.reason ?? null) : null
    const changes = partOf(all, action)
    return auditEvent(context, { action, keyId, owner, organizationId, changes, reason }, now)
  })
}

/** An event as callers see it: nothing that they do to it changes what is kept. */
export function shownEvent<E extends AuditEvent>(event: E): E {
  return deepFreeze({ ...event, at: readonlyDate(event.at) })
}

/** Whether one of several actions has done anything. */
function isDone(action: ChangeAction, all: Changes, before: StoredKey | null, after: StoredKey): boolean {
  if (action === 'disable' || action === 'enable') return !isEqual(before?.disabled, after.disabled)
  return Object.keys(partOf(all, action)).length > 0
}

export function auditActor(caller: Caller): AuditActor {
  const { id, via } = caller
  return via === 'key' ? { id, via, keyId: caller.keyId } : { id, via }
}

/** Whether a change changes nothing. */
export function isSame(before: StoredKey, after: StoredKey): boolean {
  const facts = ({ hash, revoked, disabled, deleted }: StoredKey) => [hash, revoked, disabled, deleted]
  return isEqual(facts(before), facts(after)) && Object.keys(changesBetween(before, after)).length === 0
}

function changesBetween(before: StoredKey | null, after: StoredKey): Changes {
  const changes: Record<string, { from: Json; to: Json }> = {}
  for (const [field, read] of Object.entries(FIELDS)) {
    const from = before === null ? null : read(before)
    const to = read(after)
    if (!isEqual(from, to) && !(before === null && isEmpty(to))) {
      changes[field] = { from: told(from), to: told(to) }
    }
  }
  if (before !== null && before.hash !== after.hash) {
    changes.oldTokenEndsAt = { from: null, to: told(after.previous[0]?.until ?? null) }
  } else if (before !== null) {
    const i = after.previous.findIndex(({ until }, i) => !isEqual(until, before.previous[i]?.until))
    const [from, to] = [before.previous[i]?.until, after.previous[i]?.until]
    if (from !== undefined && to !== undefined) changes.oldTokenEndsAt = { from: told(from), to: told(to) }
  }
  return changes
}

/** Switching on or off is an act of its own, also where more is changed with it; so is what is said of credits. */
function partOf(changes: Changes, action: ChangeAction): Changes {
  if (action === 'create' || action === 'import') return changes
  const { enabled, credits, ...rest } = changes
  if (action === 'enable' || action === 'disable') return enabled === undefined ? {} : { enabled }
  if (action === 'credits') return credits === undefined ? {} : { credits }
  return rest
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** What a new key has by default is not worth telling. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === true) return true
  if (Array.isArray(value)) return value.length === 0
  return isEqual(value, {}) || isEqual(value, { ips: [], origins: [] })
}

/** A value as JSON (times in ISO 8601), without tokens. */
function told(value: unknown): Json {
  const json = JSON.stringify(value)
  const bytes = Buffer.byteLength(json)
  return JSON.parse(bytes > MOST_BYTES ? `"[${bytes} bytes]"` : redact(json)) as Json // what was written just now
}
