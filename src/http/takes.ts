/** What the routes take in query and body, as far as the operations behind them do not check it themselves. */
import { z } from 'zod'

/** No parameter, no body (an empty object is as good). */
export const nothing = z.strictObject({}, 'takes nothing').default({})

const flag = z.enum(['true', 'false'], 'takes true or false').transform(text => text === 'true')
const id = z.string('takes an id')

export const reasonBody = z
  .strictObject({ reason: z.string('takes text').optional() }, 'takes { reason } or nothing')
  .default({})
export const graceBody = z
  .strictObject(
    { grace: z.string('takes a duration with a unit, such as "24h"').optional() },
    'takes { grace } or nothing',
  )
  .default({})
export const lookupBody = z.strictObject({ token: z.string('takes a token') }, 'takes { token }')
/** The operation checks the owner. */
export const ownerBody = z.strictObject({ owner: z.unknown() }, 'takes { owner }')

const TAKES_FILTER = 'takes { ids } or { ownerId, organizationId? }, and a reason'
/** The operation checks the ids. */
export const bulkBody = z
  .strictObject(
    {
      ids: z.unknown().optional(),
      ownerId: id.optional(),
      ownerType: z.string('takes a type').optional(),
      organizationId: id.optional(),
      reason: z.string('takes text').optional(),
    },
    TAKES_FILTER,
  )
  .refine(
    body => body.ids !== undefined || body.ownerId !== undefined || body.organizationId !== undefined,
    TAKES_FILTER,
  )
  .refine(typeComesWithId, { path: ['ownerType'], message: 'goes with ownerId' })

export const deleteQuery = z.strictObject({ purge: flag.default(false) })
export const listQuery = z
  .strictObject({
    ownerId: id.optional(),
    ownerType: z.string().optional(),
    organizationId: id.optional(),
    parentId: z.string().optional(),
    status: z.string().optional(),
    kind: z.string().optional(),
    tag: z.string().optional(),
    q: z.string().optional(),
    all: flag.optional(),
    limit: z
      .string()
      .regex(/^[0-9]{1,4}$/, 'takes a whole number from 1 to 100')
      .transform(Number)
      .optional(),
    cursor: z.string().optional(),
  })
  .refine(typeComesWithId, { path: ['ownerType'], message: 'goes with ownerId' })

function typeComesWithId(owner: { ownerId?: string | undefined; ownerType?: string | undefined }): boolean {
  return owner.ownerType === undefined || owner.ownerId !== undefined
}
