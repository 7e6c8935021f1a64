/** What the audit is answered as. */
import { z } from 'zod'
import type { AuditEvent, Changes } from '../key/audit-event.js'
import { AUDIT_ACTIONS } from '../manage/audit-query.js'
import { errorCode, id, nextCursor, owner, time, type Wire } from './answers.js'
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
    owner: told(owner.nullable(), { description: "The key's owner after the act." }),
    organizationId: z.string().nullable(),
    changes,
    reason: z.string().nullable(),
    refused: described(errorCode.nullable(), 'What the act was refused with; `null`: it was done.'),
    count: described(z.int().min(1), 'How many refusals it stands for: repeated ones are told together.'),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    requestId: z.string().nullable(),
  }) satisfies z.ZodType<Wire<AuditEvent>>,
  { id: 'AuditEvent', description: 'Who did what to which key, or was refused.' },
)

export const auditPage = told(z.object({ data: z.array(auditEvent), nextCursor }), { id: 'AuditPage' })
