/** The table of routes of the router: method, path, what it takes, and what it does through `keys.as(...)` alone. */
import { z } from 'zod'
import { SidekeyError } from '../errors.js'
import type { ApiKey } from '../key/record.js'
import type { ChangeOptions } from '../manage/change.js'
import type { Created } from '../manage/create.js'
import type { CreateInput, ListQuery, OwnerInput, RevokeFilter, UpdateInput } from '../manage/input.js'
import type { KeyManagement } from '../sidekey.js'
import {
  bulkBody,
  deleteQuery,
  graceBody,
  listQuery,
  lookupBody,
  nothing,
  ownerBody,
  reasonBody,
} from './takes.js'

/** What a route gets to work with. */
export interface RouteContext<Query = unknown, Body = unknown> {
  /** The management face of whoever asks. */
  readonly keys: KeyManagement
  /** The key that the request was made with, or `null`. */
  readonly madeBy: ApiKey | null
  /** The id in the path, where the route has one. */
  readonly id: string
  readonly query: Query
  readonly body: Body
  /** What `If-Match` asks, as the operations take it. */
  readonly condition: ChangeOptions
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
  /** Whom it is for: anyone who is somebody, or only whoever comes by a key. */
  readonly by: 'anyone' | 'key'
  readonly query: z.ZodType
  readonly body: z.ZodType
  handle(context: RouteContext): Promise<RouteAnswer>
}

/** Checked field by field by the operation itself, which knows the catalogue. */
const byOperation = z.unknown()

export const ROUTES: readonly Route[] = [
  route('POST', '/', { body: byOperation }, async ({ keys, body, base }) => {
    const created = await keys.create(unchecked<CreateInput>(body))
    return withToken(201, created, { location: `${base}/${created.apiKey.id}` })
  }),
  route('GET', '/', { query: listQuery }, async ({ keys, query: { ownerId, ownerType, ...rest } }) => {
    const page = await keys.list(unchecked<ListQuery>({ ...given(rest), ...ownerOf(ownerId, ownerType) }))
    return { status: 200, body: page }
  }),
  route('GET', '/me', { by: 'key' }, async ({ madeBy }) => found(madeBy)),
  route('POST', '/revoke', { body: bulkBody }, async ({ keys, body }) => {
    const { reason, ownerId, ownerType, ...rest } = body
    const filter = unchecked<RevokeFilter>({ ...given(rest), ...ownerOf(ownerId, ownerType) })
    return { status: 200, body: await keys.revokeAll(filter, given({ reason })) }
  }),
  route('POST', '/lookup', { body: lookupBody }, async ({ keys, body }) =>
    found(await keys.lookup(body.token)),
  ),
  route('GET', '/:id', {}, async ({ keys, id }) => found(await keys.get(id))),
  route('PATCH', '/:id', { body: byOperation }, async ({ keys, id, body, condition }) =>
    record(await keys.update(id, unchecked<UpdateInput>(body), condition)),
  ),
  route('DELETE', '/:id', { query: deleteQuery }, async ({ keys, id, query, condition }) => {
    await (query.purge ? keys.purge(id, condition) : keys.delete(id, condition))
    return { status: 204 }
  }),
  route('POST', '/:id/rotate', { body: graceBody }, async ({ keys, id, body, condition }) =>
    withToken(200, await keys.rotate(id, { ...given(body), ...condition }), {}),
  ),
  route('POST', '/:id/revoke', { body: reasonBody }, async ({ keys, id, body, condition }) =>
    record(await keys.revoke(id, { ...given(body), ...condition })),
  ),
  route('POST', '/:id/restore', {}, async ({ keys, id, condition }) =>
    record(await keys.restore(id, condition)),
  ),
  route('POST', '/:id/transfer', { body: ownerBody }, async ({ keys, id, body, condition }) =>
    record(await keys.transfer(id, unchecked<OwnerInput>(body.owner), condition)),
  ),
]

/** A row of the table, with the types of what it takes. */
function route<Q extends z.ZodType = typeof nothing, B extends z.ZodType = typeof nothing>(
  method: Route['method'],
  path: string,
  { by = 'anyone', query, body }: { readonly by?: Route['by']; readonly query?: Q; readonly body?: B },
  handle: (context: RouteContext<z.output<Q>, z.output<B>>) => Promise<RouteAnswer>,
): Route {
  const row = { method, path, by, query: query ?? nothing, body: body ?? nothing, handle }
  return row as Route // the handler parses query and body by these schemas before it calls
}

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

function ownerOf(id: string | undefined, type: string | undefined): { owner?: unknown } {
  return id === undefined ? {} : { owner: given({ id, type }) }
}

/** What came over the wire, for an operation that checks it itself, field by field. */
function unchecked<T>(value: unknown): T {
  return value as T
}

function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> } // what was filtered out
}
