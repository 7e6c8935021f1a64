/** The collection of the audit: its schema, its indexes, and how a query is asked of them. */
import type { Connection, Model } from 'mongoose'
import type { AuditEvent } from '../../key/audit-event.js'
import { firstIdAt } from '../../key/token.js'
import type { EventQuery, KeptEvent } from '../store.js'
import { BEYOND_ALL_IDS, oneOf, ownerKey, ownerOf } from './documents.js'
import { modelOf, newestFirst } from './model.js'

export interface EventDocument extends Omit<AuditEvent, 'id' | 'owner'> {
  readonly _id: string
  /** `type:id`. */
  readonly owner: string | null
  /** When the server removes it; not there: never. */
  readonly expireAt?: Date
}

export function eventModel(connection: Connection, collection: string): Model<EventDocument> {
  return modelOf<EventDocument>(connection, collection, {
    fields: mixed => ({
      _id: { type: String, required: true },
      at: { type: Date, required: true },
      action: { type: String, required: true },
      actor: { type: mixed, required: true },
      keyId: String,
      owner: String,
      organizationId: String,
      changes: mixed,
      reason: String,
      refused: String,
      count: Number,
      ip: String,
      userAgent: String,
      requestId: String,
      expireAt: Date,
    }),
    // Each serves one filter with the newest first. An id begins with its time, so that a range of time is one of ids.
    indexes: [
      ...['keyId', 'actor.id', 'owner', 'organizationId'].map(newestFirst),
      [{ expireAt: 1 }, { expireAfterSeconds: 0 }],
    ],
  })
}

export function toEventDocument({ id, owner, expireAt, ...rest }: KeptEvent): EventDocument {
  return { _id: id, ...rest, owner: owner && ownerKey(owner), ...(expireAt !== null && { expireAt }) }
}

export function fromEventDocument({ _id, owner, expireAt, ...rest }: EventDocument): AuditEvent {
  return { id: _id, ...rest, owner: owner === null ? null : ownerOf(owner) }
}

/** The filter that a query stands for. */
export function eventFilter(query: EventQuery): Record<string, unknown> {
  const { keyId, actorId, owners, organizationId, action, refused, from, to, before } = query
  const ends = [before, to && firstIdAt(to.getTime())].filter(end => end !== undefined).sort()
  return {
    // A bound also for the first page: with it every server walks the index, and sorts nothing.
    _id: { $lt: ends[0] ?? BEYOND_ALL_IDS, ...(from && { $gte: firstIdAt(from.getTime()) }) },
    ...(keyId !== undefined && { keyId }),
    ...(actorId !== undefined && { 'actor.id': actorId }),
    ...(owners !== undefined && { owner: oneOf(owners.map(ownerKey)) }),
    ...(organizationId !== undefined && { organizationId }),
    ...(action !== undefined && { action }),
    ...(refused !== undefined && { refused: refused ? { $ne: null } : null }),
  }
}

/** The index that a query must be served by, where it names few events of many (see `keyHint`). */
export function eventHint({ keyId, owners, actorId }: EventQuery): string | undefined {
  if (keyId !== undefined) return 'keyId_1__id_-1'
  if (owners !== undefined) return 'owner_1__id_-1'
  return actorId === undefined ? undefined : 'actor.id_1__id_-1'
}
