/** The collection of keys: its schema, its indexes, and how a query is asked of them. */
import type { Connection, Model } from 'mongoose'
import { KEY_STATUSES, type KeyStatus } from '../../key/record.js'
import type { KeyQuery } from '../store.js'
import { BEYOND_ALL_IDS, type KeyDocument, oneOf, ownerKey, type State } from './documents.js'
import { modelOf, newestFirst } from './model.js'

/** The model of keys, made by the app's own copy of mongoose. */
export function keyModel(connection: Connection, collection: string): Model<KeyDocument> {
  return modelOf<KeyDocument>(connection, collection, {
    fields: mixed => ({
      _id: { type: String, required: true },
      owner: { type: String, required: true },
      state: { type: String, required: true },
      kind: { type: String, required: true },
      prefix: { type: String, required: true },
      name: { type: String, required: true },
      description: String,
      organizationId: String,
      createdBy: String,
      parentId: String,
      imported: mixed,
      permissions: [String],
      roles: [String],
      resources: [String],
      metadata: mixed,
      tags: [String],
      notBefore: Date,
      expiresAt: Date,
      idle: mixed,
      revoked: mixed,
      restrictions: mixed,
      limits: mixed,
      credits: mixed,
      version: { type: Number, required: true },
      createdAt: { type: Date, required: true },
      updatedAt: { type: Date, required: true },
      hash: { type: String, required: true },
      previous: [mixed],
      disabled: mixed,
      deleted: mixed,
      outbox: [mixed],
    }),
    // Each serves one filter with the newest first; the cursor is a range on the last part. The state, which tells least, comes
    // last: of indexes that it takes to cost the same, a planner may take the one that is there first.
    indexes: [
      ...['owner', 'organizationId', 'kind', 'tags', 'parentId', 'state'].map(newestFirst),
      [{ expiresAt: 1 }],
      // Sparse: only keys that end when they are not used are in the one, only those with something in the outbox in the other.
      [{ 'idle.checkAt': 1 }, { sparse: true }],
      [{ 'outbox.at': 1 }, { sparse: true }],
    ],
  })
}

const STATES: Readonly<Record<KeyStatus, State>> = {
  active: 'live',
  scheduled: 'live',
  expired: 'live',
  disabled: 'disabled',
  revoked: 'revoked',
  deleted: 'deleted',
}

/** The filter that a query stands for. */
export function keyFilter(query: KeyQuery): Record<string, unknown> {
  const { ids, owners, organizationId, parentId, kind, tag, text, before } = query
  const conditions: Record<string, unknown>[] = []
  if (ids !== undefined)
    conditions.push({ _id: { $in: [...ids], ...(before !== undefined && { $lt: before }) } })
  // A bound also for the first page: with it every server walks the index, and sorts nothing.
  else conditions.push({ _id: { $lt: before ?? BEYOND_ALL_IDS } })
  if (owners !== undefined) conditions.push({ owner: oneOf(owners.map(ownerKey)) })
  if (organizationId !== undefined) conditions.push({ organizationId })
  if (parentId !== undefined) conditions.push({ parentId })
  if (kind !== undefined) conditions.push({ kind })
  if (tag !== undefined) conditions.push({ tags: tag })
  if (text !== undefined) conditions.push({ name: { $regex: escaped(text), $options: 'i' } })
  if (query.expiresAfter !== undefined) conditions.push({ expiresAt: { $gt: query.expiresAfter } })
  if (query.expiresBy !== undefined) conditions.push({ expiresAt: { $lte: query.expiresBy, $ne: null } })
  if (query.idleCheckBy !== undefined)
    conditions.push({ 'idle.checkAt': { $lte: query.idleCheckBy }, 'idle.endedAt': null })
  if (query.deletedBefore !== undefined) conditions.push({ 'deleted.at': { $lt: query.deletedBefore } })
  const statuses = statusFilter(query.statuses, new Date(query.now))
  if (statuses !== null) {
    conditions.push(query.orUnsettled ? { $or: [statuses, { 'outbox.0': { $exists: true } }] } : statuses)
  }
  return conditions.length === 0 ? {} : { $and: conditions }
}

/**
 * The index that a query must be served by, where it names few keys of many, or nearly all of them: a planner that knows no
 * numbers may walk the whole collection by id for the few, or sort it for the many. Others are left to the planner.
 */
export function keyHint(query: KeyQuery): string | undefined {
  if (query.ids !== undefined) return undefined
  if (query.parentId !== undefined) return 'parentId_1__id_-1'
  if (query.owners !== undefined) return 'owner_1__id_-1'
  if (query.idleCheckBy !== undefined) return 'idle.checkAt_1'
  return asksForNearlyAll(query) ? '_id_' : undefined
}

function asksForNearlyAll(query: KeyQuery): boolean {
  const { organizationId, kind, tag, expiresAfter, expiresBy, deletedBefore, statuses } = query
  const narrow = [organizationId, kind, tag, expiresAfter, expiresBy, deletedBefore]
  return (
    narrow.every(one => one === undefined) &&
    KEY_STATUSES.every(one => one === 'deleted' || statuses.includes(one))
  )
}

/** The states that the statuses fall into, and for the live ones what time makes of them at `now`. */
function statusFilter(statuses: readonly KeyStatus[], now: Date): Record<string, unknown> | null {
  const states = [...new Set(statuses.map(status => STATES[status]))]
  const started = { $or: [{ notBefore: null }, { notBefore: { $lte: now } }] }
  const lasts = { $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] }
  const ended = { $or: [{ expiresAt: { $lte: now, $ne: null } }, { 'idle.endedAt': { $ne: null } }] }
  const inTime: Partial<Record<KeyStatus, Record<string, unknown>>> = {
    active: { $and: [started, lasts, { 'idle.endedAt': null }] },
    scheduled: { notBefore: { $gt: now } },
    expired: { $and: [started, ended] },
  }
  const wanted = statuses.map(status => inTime[status]).filter(one => one !== undefined)
  const every = Object.keys(inTime).length
  if (wanted.length === 0 || wanted.length === every) {
    return anyOf(states)
  }
  const others = states.filter(state => state !== 'live')
  const live = { state: 'live', $or: wanted }
  return others.length === 0 ? live : { $or: [live, { state: oneOf(others) }] }
}

/** All but deleted is asked as what it is not: else a planner may take the index of states, which tells little, for the owner's. */
function anyOf(states: readonly State[]): Record<string, unknown> | null {
  const others = [...new Set(Object.values(STATES))].filter(state => !states.includes(state))
  if (others.length === 0) return null
  return { state: others.length === 1 ? { $ne: others[0] } : oneOf(states) }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
