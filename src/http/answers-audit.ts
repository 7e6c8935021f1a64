/** What the audit is answered as. */
import { z } from 'zod'
import type { Changes, ListedEvent } from '../key/audit-event.js'
import { AUDIT_ACTIONS, type AuditPage } from '../manage/audit-query.js'
import { errorCode, id, nextCursor, owner, time, type Wire } from './answers.js'
import { csvOf } from './csv.js'
import { described, told } from './documented.js'

const actor = told(
  z.object({
    id: z.string().nullable(),
    via: z.enum(['session', 'key', 'server']),
    keyId: id().exactOptional(),
  }),
  { description: "Who acted: a user, a key (`id` is its owner's), or the app's own code (`id` is `null`)." },
)

const changes = told(
  z.custom<Wire<Changes>>(value => typeof value === 'object'),
  {
    type: 'object',
    additionalProperties: { type: 'object', properties: { from: {}, to: {} }, required: ['from', 'to'] },
    description: 'The fields that were changed. A value of more than 1 KiB is told by its size.',
  },
)

export const auditEvent = told(
  z.object({
    id: id(),
    at: time(),
    action: z.enum(AUDIT_ACTIONS),
    actor,
    keyId: described(id().nullable(), '`null` where no one key is meant.'),
    keyName: described(
      z.string().nullable(),
      'What the key is called now; `null` where no one key is meant, or it is gone for good.',
    ),
    owner: told(owner.nullable(), { description: "The key's owner after the act." }),
    organizationId: z.string().nullable(),
    changes,
    reason: z.string().nullable(),
    refused: described(errorCode.nullable(), 'What the act was refused with; `null`: it was done.'),
    count: described(z.int().min(1), 'How many refusals it stands for: repeated ones are told together.'),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    requestId: z.string().nullable(),
  }) satisfies z.ZodType<Wire<ListedEvent>>,
  { id: 'AuditEvent', description: 'Who did what to which key, or was refused.' },
)

export const auditPage = told(z.object({ data: z.array(auditEvent), nextCursor }), { id: 'AuditPage' })

const COLUMNS: Readonly<Record<string, (event: ListedEvent) => string | number | null>> = {
  at: ({ at }) => at.toISOString(),
  action: ({ action }) => action,
  refused: ({ refused }) => refused,
  count: ({ count }) => count,
  actorId: ({ actor }) => actor.id,
  actorVia: ({ actor }) => actor.via,
  actorKeyId: ({ actor }) => actor.keyId ?? null,
  keyId: ({ keyId }) => keyId,
  keyName: ({ keyName }) => keyName,
  ownerType: ({ owner }) => owner?.type ?? null,
  ownerId: ({ owner }) => owner?.id ?? null,
  organizationId: ({ organizationId }) => organizationId,
  changes: ({ changes }) => (Object.keys(changes).length === 0 ? null : JSON.stringify(changes)),
  reason: ({ reason }) => reason,
  ip: ({ ip }) => ip,
  userAgent: ({ userAgent }) => userAgent,
  requestId: ({ requestId }) => requestId,
  id: ({ id }) => id,
}

/** A page of the audit as CSV: a row an event. What is `null` is empty. */
export function auditCsv({ data }: AuditPage): string {
  const rows = data.map(event => Object.values(COLUMNS).map(read => read(event) ?? ''))
  return csvOf([Object.keys(COLUMNS), ...rows])
}

/** What documents show of it. */
export const AUDIT_CSV_EXAMPLE = `${Object.keys(COLUMNS).join(',')}\r\n2026-11-24T22:08:18.489Z,revoke,,1,root,session,,0VbvmdHo9P49d4yC,my script,user,alice,,,found in a log,203.0.113.9,,,0VbvmdHo9P49d4yD\r\n`
