/** The table of routes of the router: method, path, what it takes, and what it does through `keys.as(...)` alone. */

import { z } from 'zod'
import { given } from '../given.js'
import type { ApiKey } from '../key/record.js'
import { notFound } from '../manage/access.js'
import type { ConfigQuery } from '../manage/actor-config.js'
import type { AuditQuery } from '../manage/audit-query.js'
import type { Created, Replayed } from '../manage/create.js'
import type { RefundOptions } from '../manage/credits.js'
import type { CreateInput, ListQuery, OwnerInput, RevokeFilter, UpdateInput } from '../manage/input.js'
import type { UsageQuery } from '../manage/usage-query.js'
import { once } from '../once.js'
import type { KeyManagement } from '../sidekey.js'
import type { VerifyRequest } from '../verify/verification.js'
import { auditCsv } from './answers-audit.js'
import { usageCsv } from './answers-usage.js'
import type { Json } from './documented.js'
import { answerLeaks, leakMessage } from './leaks.js'
import { documentOf } from './openapi.js'
import * as operations from './operations.js'
import { type MediaType, type Route, type RouteAnswer, route } from './route.js'
import {
  auditQuery,
  bulkBody,
  configQuery,
  creditsBody,
  deleteQuery,
  graceBody,
  keyAuditQuery,
  keyUsageQuery,
  listQuery,
  lookupBody,
  ownerBody,
  previewBody,
  reasonBody,
  usageQuery,
  verifyBody,
} from './takes.js'

export type { Route, RouteAnswer, RouteContext } from './route.js'

/** Checked field by field by the operation itself, which knows the catalogue. */
const byOperation = z.unknown()

export const ROUTES: readonly Route[] = [
  route(
    'POST',
    '/',
    operations.createKey,
    { body: byOperation },
    async ({ keys, body, base, idempotencyKey }) => {
      const created = await keys.create(unchecked<CreateInput>(body), given({ idempotencyKey }))
      if ('replayed' in created) return withToken(200, created, { 'idempotency-replayed': 'true' })
      return withToken(201, created, { location: `${base}/${created.apiKey.id}` })
    },
  ),
  route(
    'GET',
    '/',
    operations.listKeys,
    { query: listQuery },
    async ({ keys, query: { ownerId, ownerType, ...rest } }) => {
      const page = await keys.list(unchecked<ListQuery>({ ...given(rest), ...ownerOf(ownerId, ownerType) }))
      return { status: 200, body: page }
    },
  ),
  route('GET', '/me', operations.getOwnKey, { by: 'key' }, async ({ madeBy }) => found(madeBy)),
  route('GET', '/config', operations.getConfig, { query: configQuery }, async ({ keys, query, settings }) => {
    const { ownerId, ownerType, ...rest } = query
    const asked = unchecked<ConfigQuery>({ ...given(rest), ...ownerOf(ownerId, ownerType) })
    return { status: 200, body: { ...(await keys.config(asked)), requireIfMatch: settings.requireIfMatch } }
  }),
  route('GET', '/audit', operations.listAudit, { query: auditQuery }, async ({ keys, query, mediaType }) => {
    const { ownerId, ownerType, ...rest } = query
    return auditAnswer(keys, { ...rest, ...ownerOf(ownerId, ownerType) }, mediaType)
  }),
  route('GET', '/usage', operations.getUsage, { query: usageQuery }, async ({ keys, query, mediaType }) => {
    const { ownerId, ownerType, ...rest } = query
    return usageAnswer(keys, { ...rest, ...ownerOf(ownerId, ownerType) }, mediaType)
  }),
  route(
    'POST',
    '/revoke',
    operations.revokeKeys,
    { body: bulkBody },
    async ({ keys, who, body, settings, goesOn }) => {
      const { reason, ownerId, ownerType, ...rest } = body
      const filter = unchecked<RevokeFilter>({ ...given(rest), ...ownerOf(ownerId, ownerType) })
      const start = (onProgress: (revoked: number) => void) =>
        keys.revokeAll(filter, { ...given({ reason }), onProgress })
      const name = JSON.stringify([await who(), filter])
      const { complete, ...result } = await settings.bulk.answer(name, start, settings.answerWithin, goesOn)
      if (complete) return { status: 200, body: result }
      return { status: 202, headers: { 'retry-after': '1' }, body: { ...result, complete } }
    },
  ),
  route(
    'POST',
    '/revoke/preview',
    operations.previewRevoke,
    { body: previewBody },
    async ({ keys, body: { ownerId, ownerType, ...rest } }) => {
      const filter = unchecked<RevokeFilter>({ ...given(rest), ...ownerOf(ownerId, ownerType) })
      return { status: 200, body: await keys.previewRevoke(filter) }
    },
  ),
  route('POST', '/verify', operations.verifyKey, { body: verifyBody }, async ({ keys, body }) => {
    const { token, ...request } = body
    return { status: 200, body: await keys.verify(token, unchecked<VerifyRequest>(given(request))) }
  }),
  route('POST', '/lookup', operations.lookupKey, { body: lookupBody }, async ({ keys, body }) =>
    found(await keys.lookup(body.token)),
  ),
  route(
    'POST',
    '/leaks',
    operations.reportLeaks,
    { by: 'partner', body: leakMessage },
    async ({ body, report }) => ({ status: 200, body: await answerLeaks(body, report) }),
  ),
  route('GET', '/openapi.json', operations.getOpenApi, { by: 'public' }, async ({ base }) => ({
    status: 200,
    body: openApiDocument({ base }),
  })),
  route('GET', '/:id', operations.getKey, {}, async ({ keys, id }) => found(await keys.get(id))),
  route(
    'GET',
    '/:id/audit',
    operations.listKeyAudit,
    { query: keyAuditQuery },
    async ({ keys, id, query, mediaType }) => auditAnswer(keys, { ...query, keyId: id }, mediaType),
  ),
  route(
    'GET',
    '/:id/usage',
    operations.getKeyUsage,
    { query: keyUsageQuery },
    async ({ keys, id, query, mediaType }) => usageAnswer(keys, { ...query, keyId: id }, mediaType),
  ),
  route('PATCH', '/:id', operations.updateKey, { body: byOperation }, async ({ keys, id, body, condition }) =>
    record(await keys.update(id, unchecked<UpdateInput>(body), condition)),
  ),
  route(
    'DELETE',
    '/:id',
    operations.deleteKey,
    { query: deleteQuery },
    async ({ keys, id, query, condition }) => {
      await (query.purge ? keys.purge(id, condition) : keys.delete(id, condition))
      return { status: 204 }
    },
  ),
  route(
    'POST',
    '/:id/rotate',
    operations.rotateKey,
    { body: graceBody },
    async ({ keys, id, body, condition }) =>
      withToken(200, await keys.rotate(id, { ...given(body), ...condition }), {}),
  ),
  route(
    'POST',
    '/:id/revoke',
    operations.revokeKey,
    { body: reasonBody },
    async ({ keys, id, body, condition }) => record(await keys.revoke(id, { ...given(body), ...condition })),
  ),
  route('POST', '/:id/restore', operations.restoreKey, {}, async ({ keys, id, condition }) =>
    record(await keys.restore(id, condition)),
  ),
  route(
    'POST',
    '/:id/transfer',
    operations.transferKey,
    { body: ownerBody },
    async ({ keys, id, body, condition }) =>
      record(await keys.transfer(id, unchecked<OwnerInput>(body.owner), condition)),
  ),
  route(
    'POST',
    '/:id/credits',
    operations.changeCredits,
    { body: creditsBody },
    async ({ keys, id, body }) => ({ status: 200, body: await changeCredits(keys, id, body) }),
  ),
]

const document = once(() => documentOf(ROUTES))

/**
 * The OpenAPI 3.1 document of the table, which is made once.
 * @param base where the router is mounted, such as `/api-keys`; empty: it is not known
 */
export function openApiDocument({ base }: { readonly base: string }): Json {
  // Beside the document itself: what is relative is so to where that is served.
  return { ...document(), servers: [{ url: base === '' ? '.' : base }] }
}

/** The operation checks what is given, and that nothing is given beside it. */
function changeCredits({ credits }: KeyManagement, id: string, body: Record<string, unknown>) {
  const { refund, ...rest } = body
  if (refund !== undefined)
    return credits.refund(id, unchecked<number>(refund), unchecked<RefundOptions>(rest))
  const { set, ...others } = rest
  if (set !== undefined) return credits.set(id, unchecked<number>(set), others)
  const { add, ...options } = others
  return credits.add(id, unchecked<number>(add), options)
}

function record(apiKey: ApiKey): RouteAnswer {
  return { status: 200, headers: { etag: `"${apiKey.version}"` }, body: apiKey }
}

function found(apiKey: ApiKey | null): RouteAnswer {
  if (apiKey === null) throw notFound()
  return record(apiKey)
}

async function auditAnswer(keys: KeyManagement, query: object, mediaType: MediaType): Promise<RouteAnswer> {
  const page = await keys.audit(unchecked<AuditQuery>(given(query)))
  if (mediaType !== 'text/csv') return { status: 200, body: page }
  const headers = page.nextCursor === null ? {} : { 'next-cursor': page.nextCursor }
  return { status: 200, headers, csv: auditCsv(page) }
}

async function usageAnswer(keys: KeyManagement, query: object, mediaType: MediaType): Promise<RouteAnswer> {
  const usage = await keys.usage(unchecked<UsageQuery>(given(query)))
  return { status: 200, ...(mediaType === 'text/csv' ? { csv: usageCsv(usage) } : { body: usage }) }
}

function withToken(
  status: number,
  created: Created | Replayed,
  headers: Record<string, string>,
): RouteAnswer {
  return { status, headers: { ...headers, etag: `"${created.apiKey.version}"` }, body: created }
}

function ownerOf(id: string | undefined, type: string | undefined): { owner?: unknown } {
  return id === undefined ? {} : { owner: given({ id, type }) }
}

/** What came over the wire, for an operation that checks it itself, field by field. */
function unchecked<T>(value: unknown): T {
  return value as T
}
