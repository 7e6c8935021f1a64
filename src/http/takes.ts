/** What the routes take in query and body, as far as the operations behind them do not check it themselves. */
import { z } from 'zod'
import { KEY_STATUSES } from '../key/record.js'
import { AUDIT_ACTIONS } from '../manage/audit-query.js'
import { PERIOD_LENGTHS } from '../usage/periods.js'
import { described, ID_PATTERN, type Told, told } from './documented.js'

/** No parameter, no body (an empty object is as good). */
export const nothing = z.strictObject({}, 'takes nothing').default({})

const flag = () =>
  told(
    z.enum(['true', 'false'], 'takes true or false').transform(text => text === 'true'),
    { type: 'boolean', enum: undefined },
  )
/** Text that the operation checks; documents tell what it takes. */
const text = (description: string, facts: Told = {}, takes?: string) =>
  told(z.string(takes), { description, ...facts })
const wholeNumber = () =>
  z
    .string()
    .regex(/^[0-9]{1,4}$/, 'takes a whole number from 1 to 100')
    .transform(Number)

const ID = { minLength: 1, maxLength: 256 }
/** A point in time, as text. */
const TIME = { anyOf: [{ format: 'date-time' }, { format: 'date' }] }

/** Which page of a list. */
const paging = () => ({
  limit: told(wholeNumber().optional(), {
    type: 'integer',
    pattern: undefined,
    minimum: 1,
    maximum: 100,
    description: 'How many at most, 1 to 100. Default: 20.',
  }),
  cursor: text('`nextCursor` of the page before, with the same parameters.', { maxLength: 200 }).optional(),
})

const REASON = 'Why; up to 500 characters.'
const OWNER_TYPE = 'Goes with `ownerId`. `user` if left out.'

export const reasonBody = z
  .strictObject(
    { reason: text(REASON, { minLength: 1, maxLength: 500 }, 'takes text').optional() },
    'takes { reason } or nothing',
  )
  .default({})
export const graceBody = z
  .strictObject(
    {
      grace: text(
        'How long earlier tokens go on working at most, up to 366 days. `24h` if left out; `0s`: they end at once.',
        { examples: ['1h'] },
        'takes a duration with a unit, such as "24h"',
      ).optional(),
    },
    'takes { grace } or nothing',
  )
  .default({})
export const lookupBody = z.strictObject(
  { token: text('The token.', {}, 'takes a token') },
  'takes { token }',
)
/** The operation checks the owner. */
export const ownerBody = z.strictObject({ owner: z.unknown() }, 'takes { owner }')

/** The operation checks the fields. */
export const creditsBody = z.looseObject({}, 'takes one of add, set and refund')

const ids = told(z.unknown(), {
  type: 'array',
  items: { type: 'string', pattern: ID_PATTERN },
  minItems: 1,
  maxItems: 200,
  description: '1 to 200 ids.',
})
/** The operation checks the ids. */
const bulkFilter = {
  ids: ids.optional(),
  ownerId: text('Keys of this owner.', ID, 'takes an id').optional(),
  ownerType: text(OWNER_TYPE, {}, 'takes a type').optional(),
  organizationId: text('Keys in this organisation.', ID, 'takes an id').optional(),
}
const BULK_FACTS: Told = {
  anyOf: [{ required: ['ids'] }, { required: ['ownerId'] }, { required: ['organizationId'] }],
  dependentRequired: { ownerType: ['ownerId'] },
}
const TAKES_FILTER = 'takes { ids } or { ownerId, organizationId? }'
const namesSome = (filter: { ids?: unknown; ownerId?: unknown; organizationId?: unknown }) =>
  [filter.ids, filter.ownerId, filter.organizationId].some(value => value !== undefined)
const TYPE_ALONE = { path: ['ownerType'], message: 'goes with ownerId' }

export const previewBody = told(
  z
    .strictObject(bulkFilter, TAKES_FILTER)
    .refine(namesSome, TAKES_FILTER)
    .refine(typeComesWithId, TYPE_ALONE),
  BULK_FACTS,
)
const reason = text(REASON, { minLength: 1, maxLength: 500 }, 'takes text').optional()
export const bulkBody = told(
  z
    .strictObject({ ...bulkFilter, reason }, `${TAKES_FILTER}, and a reason`)
    .refine(namesSome, `${TAKES_FILTER}, and a reason`)
    .refine(typeComesWithId, TYPE_ALONE),
  BULK_FACTS,
)

export const deleteQuery = z.strictObject({
  purge: described(flag().default(false), '`true`: the record goes for good. For admins.'),
})
export const listQuery = z
  .strictObject({
    ownerId: text('Keys of this owner.', ID, 'takes an id').optional(),
    ownerType: text(OWNER_TYPE).optional(),
    organizationId: text('Keys in this organisation.', ID, 'takes an id').optional(),
    parentId: text('Keys that this key has made.', { pattern: ID_PATTERN }).optional(),
    status: text('One status. Default: all but `deleted`.', { enum: KEY_STATUSES }).optional(),
    kind: text('Keys of this kind.', { minLength: 1, maxLength: 64 }).optional(),
    tag: text('Keys with this tag.', { minLength: 1, maxLength: 64 }).optional(),
    q: text('A part of the name, in any case, up to 100 characters.', {
      minLength: 1,
      maxLength: 100,
    }).optional(),
    expiresWithin: text('Living keys that end within this time.', { examples: ['7d'] }).optional(),
    unusedSince: text('Keys not used since this time.', TIME).optional(),
    all: described(flag().optional(), "`true`: everyone's, for admins."),
    ...paging(),
  })
  .refine(typeComesWithId, { path: ['ownerType'], message: 'goes with ownerId' })

const auditFilters = {
  action: text('Events of this act.', { enum: AUDIT_ACTIONS }).optional(),
  refused: described(flag().optional(), '`true`: refusals only; `false`: acts only.'),
  from: text('Not before this time.', TIME).optional(),
  to: text('Before this time.', TIME).optional(),
  ...paging(),
}
export const keyAuditQuery = z.strictObject(auditFilters)
export const auditQuery = z
  .strictObject({
    ...auditFilters,
    keyId: text('Events of this key.', { pattern: ID_PATTERN }).optional(),
    actorId: text('Events by this actor.', ID).optional(),
    ownerId: text("Events of this owner's keys.", ID).optional(),
    ownerType: text(OWNER_TYPE).optional(),
    organizationId: text('Events in this organisation.', ID).optional(),
    all: described(flag().optional(), "`true`: everyone's, for admins."),
  })
  .refine(typeComesWithId, { path: ['ownerType'], message: 'goes with ownerId' })

export const configQuery = z
  .strictObject({
    ownerId: text('Tells the grants of this owner, for who may make keys of theirs.', ID).optional(),
    ownerType: text(OWNER_TYPE).optional(),
    organizationId: text('Tells the grants in this organisation.', ID).optional(),
  })
  .refine(typeComesWithId, { path: ['ownerType'], message: 'goes with ownerId' })

const usageFilters = {
  from: text(
    'Not before this time, to the whole hour; a date is its beginning in `timeZone`. Default: 30 days before `to`.',
    TIME,
  ).optional(),
  to: text('Before this time, likewise. Default: now.', TIME).optional(),
  by: text('How the answer is parted. Default: `day`.', { enum: PERIOD_LENGTHS }).optional(),
  timeZone: text('Whose days and months. Default: `UTC`.', { examples: ['Europe/Berlin'] }).optional(),
}
export const keyUsageQuery = z.strictObject(usageFilters)
export const usageQuery = z
  .strictObject({
    ...usageFilters,
    keyId: text('Use of this key.', { pattern: ID_PATTERN }).optional(),
    ownerId: text("Use of keys while they were this owner's.", ID).optional(),
    ownerType: text(OWNER_TYPE).optional(),
    organizationId: text('Use of keys while they were in this organisation.', ID).optional(),
    all: described(flag().optional(), "`true`: everyone's, for admins."),
  })
  .refine(typeComesWithId, { path: ['ownerType'], message: 'goes with ownerId' })

/** The operation checks all but the token. */
export const verifyBody = z.strictObject(
  {
    token: text('The token.', {}, 'takes a token'),
    permissions: told(z.unknown(), {
      description: 'A permission, a list (all of them), `{ any: […] }` or `{ all: […] }`, nested.',
      type: ['string', 'array', 'object'],
      examples: ['reports:read'],
    }).optional(),
    resource: text('The thing that the request is about.', { examples: ['project:42'] }).optional(),
    ip: text("The client's address.").optional(),
    origin: text('The `Origin` of the request.').optional(),
    kind: told(z.unknown(), {
      description: 'The kind, or kinds, that will do.',
      type: ['string', 'array'],
      items: { type: 'string' },
    }).optional(),
    limit: told(z.unknown(), {
      description: 'The limit, or limits, that `cost` is taken from.',
      type: ['string', 'array'],
      items: { type: 'string' },
    }).optional(),
    cost: told(z.unknown(), {
      description: 'How many points the request takes.',
      type: 'integer',
    }).optional(),
  },
  'takes { token } and what is asked of it',
)

function typeComesWithId(owner: { ownerId?: string | undefined; ownerType?: string | undefined }): boolean {
  return owner.ownerType === undefined || owner.ownerId !== undefined
}
