/** The schemas of what is answered. Clients must bear fields that are not in them: there may be new ones. */
import { z } from 'zod'
import { ERROR_CODES } from '../errors.js'
import { LIMIT_SCOPES } from '../key/limit.js'
import {
  type ApiKey,
  type Credits,
  type Json,
  KEY_STATUSES,
  type Metadata,
  type Owner,
} from '../key/record.js'
import type { Refill } from '../key/refill.js'
import type { Balance } from '../manage/credits.js'
import type { RevokeAllResult } from '../manage/revoke-all.js'
import type { RevokePreview } from '../manage/revoke-preview.js'
import { described, ID_PATTERN, told } from './documented.js'
import type { Problem } from './problem.js'

/** A type as it is in JSON. The schemas are held to the types of what is answered by it. */
export type Wire<T> = T extends Date ? string : T extends Json ? T : { readonly [K in keyof T]: Wire<T[K]> }

/** Fields that many answers have; made anew, so that each can be described by itself. */
export const id = () => told(z.string(), { pattern: ID_PATTERN, examples: ['0VbvmdHo9P49d4yC'] })
export const time = () => told(z.string(), { format: 'date-time' })
export const texts = () => z.array(z.string())
export const natural = () => z.int().min(0)

export const owner = told(z.object({ type: z.string(), id: z.string() }) satisfies z.ZodType<Owner>, {
  id: 'Owner',
  description: "`type` is `user`, `organization`, or one of the app's own. Owners are equal by both.",
})

const metadata = told(
  z.custom<Metadata>(value => typeof value === 'object'),
  { type: 'object', additionalProperties: true, description: "JSON of the app's own." },
)

const revocation = told(z.object({ at: time(), by: z.string().nullable(), reason: z.string().nullable() }), {
  description: "When, by whom (an actor's id; `null`: server code), and why.",
})

export const limits = () =>
  z.record(
    z.string(),
    z.object({
      points: described(natural(), 'How many a window.'),
      per: described(z.string(), 'How long a window is: a duration with a unit.'),
      by: described(z.enum(LIMIT_SCOPES), 'Who shares it. Default: `key`.').exactOptional(),
    }),
  )
const refill = told(
  z.object({
    amount: described(natural(), 'How many come each time.'),
    every: described(z.string(), '`day`, `month`, or a duration such as `6h`.'),
    max: described(natural().nullable(), 'They fill no higher; `null`: no bound.'),
  }) satisfies z.ZodType<Wire<Refill>>,
  { id: 'Refill', description: 'How often credits come back, and how many. All times are in UTC.' },
)

const credits = told(
  z.object({
    refill: described(refill.nullable(), '`null`: none come back.'),
    since: described(time(), 'When that was set; refills are counted from then.'),
    balance: described(
      natural(),
      'How many there are. It is not there in the answer to a verification or to `GET /me`, nor in that to a change where it ' +
        'could not be read.',
    ).exactOptional(),
    refillsAt: described(
      time().nullable(),
      'When the next refill comes; `null`: none does. There where `balance` is.',
    ).exactOptional(),
  }) satisfies z.ZodType<Wire<Credits>>,
  {
    id: 'Credits',
    description: 'What the requests of a key cost is taken from them. `null`: they cost nothing.',
  },
)

const keyFields = {
  id: id(),
  kind: z.string(),
  prefix: z.string(),
  start: described(
    z.string(),
    'The beginning of the token (prefix and id, unless it was imported), to know it by.',
  ),
  name: z.string(),
  description: z.string().nullable(),
  owner,
  organizationId: described(z.string().nullable(), 'The organisation in whose context the key is used.'),
  createdBy: described(z.string().nullable(), 'The id of the actor who made it; `null`: server code.'),
  parentId: described(id().nullable(), 'The key that made this key, within which it is verified.'),
  imported: described(
    z.object({ source: z.string(), id: z.string().nullable() }).nullable(),
    'The other system that has made its token, and by what id that knows it; `null`: it was made here.',
  ),
  permissions: described(texts(), 'Permissions, or patterns over them.'),
  roles: texts(),
  resources: described(texts(), 'The things that the key is narrowed to; empty: all.'),
  metadata,
  tags: texts(),
  enabled: z.boolean(),
  status: z.enum(KEY_STATUSES),
  notBefore: time().nullable(),
  expiresAt: time().nullable(),
  expiresAfterIdle: described(
    z.string().nullable(),
    'Unused for so long, the key ends: a duration; `null`: it does not.',
  ),
  revoked: revocation.nullable(),
  restrictions: z.object({ ips: texts(), origins: texts() }),
  limits: described(limits(), 'Its own limits, by name.'),
  credits: described(credits.nullable(), '`null`: requests cost nothing.'),
  version: described(z.int().min(1), 'Rises by one with each change; in quotes it is the `ETag`.'),
  createdAt: time(),
  updatedAt: time(),
  lastUsedAt: described(
    time().nullable(),
    'When it was last accepted, to about five seconds; `null`: never. It is not there in the answer to a verification or ' +
      'to `GET /me`, nor in that to a change where it could not be read.',
  ).exactOptional(),
  lastUsedIp: described(
    z.string().nullable(),
    'From what address, where the app keeps that; `null`: it was not known.',
  ).exactOptional(),
  idleExpiresAt: described(
    time().nullable(),
    'When the key ends if nobody uses it until then; `null`: it does not. There where `lastUsedAt` is.',
  ).exactOptional(),
}

const EXAMPLE: Wire<ApiKey> = {
  id: '0VbvmdHo9P49d4yC',
  kind: 'secret',
  prefix: 'acme_live',
  start: 'acme_live_0VbvmdHo9P49d4yC',
  name: 'my script',
  description: null,
  owner: { type: 'user', id: 'alice' },
  organizationId: null,
  createdBy: 'alice',
  parentId: null,
  imported: null,
  permissions: ['reports:read'],
  roles: [],
  resources: [],
  metadata: {},
  tags: [],
  enabled: true,
  status: 'active',
  notBefore: null,
  expiresAt: null,
  expiresAfterIdle: '90d',
  revoked: null,
  restrictions: { ips: [], origins: [] },
  limits: { requests: { points: 600, per: '1m' } },
  credits: null,
  version: 1,
  createdAt: '2026-11-24T22:08:18.489Z',
  updatedAt: '2026-11-24T22:08:18.489Z',
  lastUsedAt: null,
  idleExpiresAt: '2027-02-22T22:08:18.489Z',
}

export const apiKey = told(z.object(keyFields) satisfies z.ZodType<Wire<ApiKey>>, {
  id: 'ApiKey',
  description: 'The record of a key. It has neither the token nor a hash of it.',
  examples: [EXAMPLE],
})

export const creditBalance = told(
  z.object({ balance: described(natural(), 'How many there are after it.') }) satisfies z.ZodType<Balance>,
  { id: 'Balance' },
)

const token = described(z.string(), 'The token. It is in this answer and nowhere else.')
export const createdKey = told(z.object({ apiKey, token }), { id: 'CreatedKey' })

const replayed = described(
  z.literal(true),
  'An earlier request has made the key; its token is not told again.',
)
export const replayedKey = told(z.object({ apiKey, replayed }), { id: 'ReplayedKey' })

export const nextCursor = described(z.string().nullable(), 'Leads to the next page; `null` on the last one.')
export const keyPage = told(z.object({ data: z.array(apiKey), nextCursor }), { id: 'KeyPage' })

const revoked = described(
  natural(),
  'How many were ended, by this call and by those before it that were answered 202.',
)
const passedOver = described(
  z.array(id()),
  'There where `ids` were given: those that are not revoked now. The actor may not revoke them, or there is no such key.',
).exactOptional()
export const revokedKeys = told(
  z.object({ revoked, passedOver }) satisfies z.ZodType<Wire<RevokeAllResult>>,
  { id: 'RevokedKeys' },
)

export const revokePreview = told(
  z.object({
    keys: described(natural(), 'How many would be ended, deleted ones too.'),
    byStatus: told(z.partialRecord(z.enum(KEY_STATUSES), natural()), {
      propertyNames: undefined,
      description: 'How many by status; where there are none, it is not there.',
      examples: [{ active: 3, expired: 1 }],
    }),
    byKind: told(z.record(z.string(), natural()), {
      propertyNames: undefined,
      description: 'How many by kind.',
      examples: [{ secret: 4 }],
    }),
  }) satisfies z.ZodType<Wire<RevokePreview>>,
  { id: 'RevokePreview' },
)

const complete = described(z.literal(false), 'There are more: ask again until the answer is 200.')
export const revokedSoFar = told(z.object({ revoked, complete }), { id: 'RevokedSoFar' })

const fieldError = told(z.object({ path: z.string(), message: z.string() }), {
  id: 'FieldError',
  description:
    'A field that was refused, by its path (`permissions.1`; empty: the whole), and what it takes.',
})

export const errorCode = told(z.enum(ERROR_CODES), {
  id: 'ErrorCode',
  description: 'Codes are stable: there may be new ones, none is renamed.',
})

export const problem = told(
  z.object({
    type: told(z.string(), { pattern: '^urn:sidekey:error:[A-Z_]+$', description: 'A URN of the code.' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    code: errorCode,
    errors: described(z.array(fieldError), 'With `INVALID_INPUT`.').exactOptional(),
  }) satisfies z.ZodType<Problem>,
  { id: 'Problem', description: 'What went wrong, as RFC 9457 has it.' },
)

export const openApi = told(z.object({ openapi: z.string(), info: z.looseObject({}) }), {
  additionalProperties: true,
  description: 'An OpenAPI 3.1 document.',
})
