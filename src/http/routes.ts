/** The table of routes of the router: method, path, and what it does through `keys.as(...)`, and nothing else. */
import { z } from 'zod'
import { SidekeyError } from '../errors.js'
import type { ApiKey } from '../key/record.js'
import type { Created } from '../manage/create.js'
import type { CreateInput, ListQuery, OwnerInput, RevokeFilter, UpdateInput } from '../manage/input.js'
import type { KeyManagement } from '../sidekey.js'
import { parseInput } from '../validation.js'

/** What a route gets to work with. */
export interface RouteContext {
  /** The management face of whoever asks. */
  readonly keys: KeyManagement
  /** The key that the request was made with, or `null`. */
  readonly madeBy: ApiKey | null
  /** The id in the path, where the route has one. */
  readonly id: string
  readonly query: Readonly<Record<string, string>>
  /** The parsed JSON body; `undefined` where there is none. */
  readonly body: unknown
  readonly ifMatch: string | undefined
  /** Where the router is mounted, for `Location`. */
  readonly base: string
}

export interface RouteAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Segments below the mount; `:id` is a key's id. */
  readonly path: string
  handle(context: RouteContext): Promise<RouteAnswer>
}

const reasonBody = z.strictObject({ reason: z.string().optional() }, 'takes an object').default({})
const rotateBody = z
  .strictObject({ grace: z.string('takes a duration').optional() }, 'takes an object')
  .default({})
const lookupBody = z.strictObject({ token: z.string('takes a token') }, 'takes { token }')
const transferBody = z.strictObject({ owner: z.custom<OwnerInput>(() => true) }, 'takes { owner }')
const bulkBody = z.strictObject(
  {
    ids: z.custom<readonly string[]>(() => true).optional(),
    ownerId: z.string('takes an id').optional(),
    ownerType: z.string('takes a type').optional(),
    organizationId: z.string('takes an id').optional(),
    reason: z.string('takes text').optional(),
  },
  'takes { ids } or { ownerId, organizationId?, reason? }',
)
const flag = z.enum(['true', 'false'], 'takes true or false').transform(text => text === 'true')
const deleteQuery = z.strictObject({ purge: flag.default(false) })
const listQuery = z.strictObject({
  ownerId: z.string().optional(),
  ownerType: z.string().optional(),
  organizationId: z.string().optional(),
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

export const ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/',
    async handle({ keys, body, base }) {
      const created = await keys.create(unchecked<CreateInput>(body))
      return withToken(201, created, { location: `${base}/${created.apiKey.id}` })
    },
  },
  {
    method: 'GET',
    path: '/',
    async handle({ keys, query }) {
      const { ownerId, ownerType, ...rest } = parseInput(listQuery, query)
      const page = await keys.list(unchecked<ListQuery>({ ...given(rest), ...ownerOf(ownerId, ownerType) }))
      return { status: 200, body: page }
    },
  },
  {
    method: 'GET',
    path: '/me',
    async handle({ madeBy }) {
      if (madeBy === null) throw new SidekeyError('KEY_MISSING', 'This tells a key who it is: present one.')
      return record(madeBy)
    },
  },
  {
    method: 'POST',
    path: '/revoke',
    async handle({ keys, body }) {
      const { reason, ownerId, ownerType, ...rest } = parseInput(bulkBody, body)
      const filter = unchecked<RevokeFilter>({ ...given(rest), ...ownerOf(ownerId, ownerType) })
      return { status: 200, body: await keys.revokeAll(filter, given({ reason })) }
    },
  },
  {
    method: 'POST',
    path: '/lookup',
    async handle({ keys, body }) {
      return found(await keys.lookup(parseInput(lookupBody, body).token))
    },
  },
  {
    method: 'GET',
    path: '/:id',
    async handle({ keys, id }) {
      return found(await keys.get(id))
    },
  },
  {
    method: 'PATCH',
    path: '/:id',
    async handle({ keys, id, body, ifMatch }) {
      const version = versionIn(ifMatch)
      return record(
        await keys.update(id, unchecked<UpdateInput>(body), version === null ? {} : { ifVersion: version }),
      )
    },
  },
  {
    method: 'DELETE',
    path: '/:id',
    async handle({ keys, id, query }) {
      await (parseInput(deleteQuery, query).purge ? keys.purge(id) : keys.delete(id))
      return { status: 204 }
    },
  },
  {
    method: 'POST',
    path: '/:id/rotate',
    async handle({ keys, id, body }) {
      return withToken(200, await keys.rotate(id, given(parseInput(rotateBody, body))), {})
    },
  },
  {
    method: 'POST',
    path: '/:id/revoke',
    async handle({ keys, id, body }) {
      return record(await keys.revoke(id, given(parseInput(reasonBody, body))))
    },
  },
  {
    method: 'POST',
    path: '/:id/restore',
    async handle({ keys, id }) {
      return record(await keys.restore(id))
    },
  },
  {
    method: 'POST',
    path: '/:id/transfer',
    async handle({ keys, id, body }) {
      return record(await keys.transfer(id, parseInput(transferBody, body).owner))
    },
  },
]

function record(apiKey: ApiKey): RouteAnswer {
  return { status: 200, headers: { etag: `"${apiKey.version}"` }, body: apiKey }
}

function found(apiKey: ApiKey | null): RouteAnswer {
  if (apiKey === null) throw new SidekeyError('NOT_FOUND', 'There is no such key.')
  return record(apiKey)
}

function withToken(status: number, created: Created, headers: Record<string, string>): RouteAnswer {
  return { status, headers: { ...headers, etag: `"${created.apiKey.version}"` }, body: created }
}

/** The version that `If-Match` names; `*` and none are no condition, since a change needs the record anyway. */
function versionIn(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null
  const version = /^"([0-9]{1,15})"$/.exec(ifMatch.trim())?.[1]
  if (version === undefined)
    throw new SidekeyError('VERSION_MISMATCH', 'If-Match takes the ETag of the record.')
  return Number(version)
}

function ownerOf(id: string | undefined, type: string | undefined): { owner?: unknown } {
  return id === undefined && type === undefined ? {} : { owner: given({ id, type }) }
}

/** What came over the wire, for an operation that checks it itself, field by field. */
function unchecked<T>(value: unknown): T {
  return value as T
}

function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> } // what was filtered out
}
