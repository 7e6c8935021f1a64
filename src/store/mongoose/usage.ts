/** The collection of what was counted: a document a key and hour, which changes by traffic. */
import { hash } from 'node:crypto'
import type { Connection, Model, mongo } from 'mongoose'
import type { HourlyUsage, Store, UsageBucket, UsageFilter } from '../store.js'
import { inOrder } from './bulk.js'
import { type KeyDocument, oneOf, ownerKey } from './documents.js'
import { goneOf } from './gone.js'
import { isDuplicate } from './guard.js'
import { modelOf } from './model.js'
import { DURABLE, hinted, type On } from './operations.js'

export interface UsageDocument extends Omit<UsageBucket, 'owner'> {
  /** Key, hour, and a digest of whose use it was: a key that is transferred has two within that hour. */
  readonly _id: string
  /** `type:id`. */
  readonly owner: string
}

export function usageModel(connection: Connection, collection: string): Model<UsageDocument> {
  return modelOf<UsageDocument>(connection, collection, {
    fields: mixed => ({
      _id: { type: String, required: true },
      keyId: { type: String, required: true },
      owner: { type: String, required: true },
      organizationId: String,
      hour: { type: Number, required: true },
      counts: mixed,
      expireAt: Date,
    }),
    // None has a count in it: adding to one that is there changes no index.
    indexes: [
      [{ keyId: 1, hour: 1 }],
      [{ owner: 1, hour: 1 }],
      [{ organizationId: 1, hour: 1 }],
      [{ hour: 1 }],
      [{ expireAt: 1 }, { expireAfterSeconds: 0 }],
    ],
  })
}

interface Parts {
  readonly onKeys: On<KeyDocument>
  readonly onUsage: On<UsageDocument>
  /** The server goes on with no sum that nobody waits for. */
  readonly timeoutMs: number
}

interface UsageOfKeys extends Pick<Store, 'addUsage' | 'usage' | 'usedKeys'> {
  /** Removes what was counted of these keys. */
  removeUsage(keyIds: readonly string[]): Promise<void>
}

export function usageOfKeys({ onKeys, onUsage, timeoutMs }: Parts): UsageOfKeys {
  const summed = <T extends object>(filter: UsageFilter, stages: readonly object[]) =>
    onUsage(async collection => {
      const pipeline = [{ $match: usageFilter(filter) }, ...stages]
      const read = (options: Sent) =>
        collection.aggregate<T>(pipeline, { ...options, maxTimeMS: timeoutMs }).toArray()
      return hinted(read, usageHint(filter))
    })

  async function removeUsage(keyIds: readonly string[]): Promise<void> {
    await onUsage(collection => collection.deleteMany({ keyId: { $in: [...keyIds] } }, DURABLE))
  }

  return {
    async addUsage(buckets) {
      if (buckets.length === 0) return
      await onUsage(collection => addAll(collection, inOrder(buckets, nameOf).map(additionOf)))
      // Afterwards: of a key that is purged meanwhile, either the purge finds what was written, or this finds the key gone.
      const gone = await goneOf(onKeys, [...new Set(buckets.map(({ keyId }) => keyId))])
      if (gone.length > 0) await removeUsage(gone)
    },

    async usage(filter) {
      const hours = new Map<number, Record<string, number>>()
      for (const { _id, n } of await summed<SumRow>(filter, SUMS)) {
        const counts = hours.get(_id.hour) ?? {}
        hours.set(_id.hour, counts)
        counts[_id.outcome] = n
      }
      return [...hours].sort(([a], [b]) => a - b).map(([hour, counts]): HourlyUsage => ({ hour, counts }))
    },

    async usedKeys(filter, limit) {
      const keys = await summed<{ readonly _id: string }>(filter, [
        { $group: { _id: '$keyId' } },
        { $limit: limit },
      ])
      return keys.map(({ _id }) => _id)
    },

    removeUsage,
  }
}

/** What `hinted` sends with a read. */
type Sent = Pick<mongo.AggregateOptions, 'readPreference' | 'hint'>

interface SumRow {
  readonly _id: { readonly hour: number; readonly outcome: string }
  readonly n: number
}

/** By hour and outcome. */
const SUMS = [
  { $project: { hour: 1, counts: { $objectToArray: '$counts' } } },
  { $unwind: '$counts' },
  { $group: { _id: { hour: '$hour', outcome: '$counts.k' }, n: { $sum: '$counts.v' } } },
]

type Addition = mongo.AnyBulkWriteOperation<UsageDocument>

/** Of its document. */
function nameOf({ keyId, owner, organizationId, hour }: UsageBucket): string {
  const digest = hash('sha256', JSON.stringify([ownerKey(owner), organizationId]), 'base64url').slice(0, 8)
  return `${keyId}:${hour}:${digest}`
}

function additionOf(bucket: UsageBucket): Addition {
  const { keyId, owner, organizationId, hour, counts, expireAt } = bucket
  const $inc = Object.fromEntries(Object.entries(counts).map(([outcome, n]) => [`counts.${outcome}`, n]))
  const $setOnInsert = { keyId, owner: ownerKey(owner), organizationId, hour, expireAt }
  return {
    updateOne: {
      filter: { _id: nameOf(bucket) },
      update: { $inc, $setOnInsert } as mongo.UpdateFilter<UsageDocument>, // the driver knows no paths into a record
      upsert: true,
    },
  }
}

/** Adds; of two that make one document at once, one is told that it is there already, and adds to it then. */
async function addAll(
  collection: mongo.Collection<UsageDocument>,
  additions: readonly Addition[],
): Promise<void> {
  try {
    await collection.bulkWrite([...additions], { ...DURABLE, ordered: false })
  } catch (error) {
    const failed = duplicatesIn(error)
    if (failed === null) throw error
    await addAll(
      collection,
      failed.map(index => additions[index] as Addition), // the server's numbers of what it was sent
    )
  }
}

/** Which operations of a bulk were refused as duplicates, where none failed otherwise. */
function duplicatesIn(error: unknown): number[] | null {
  const failed = [(error as { writeErrors?: unknown }).writeErrors ?? []].flat() as { index: number }[] // the driver's
  return failed.length > 0 && failed.every(isDuplicate) ? failed.map(({ index }) => index) : null
}

/** The filter that a question stands for. */
export function usageFilter({
  keyIds,
  owners,
  organizationId,
  from,
  to,
}: UsageFilter): Record<string, unknown> {
  return {
    ...(keyIds !== undefined && { keyId: oneOf(keyIds) }),
    ...(owners !== undefined && { owner: oneOf(owners.map(ownerKey)) }),
    ...(organizationId !== undefined && { organizationId }),
    hour: { $gte: from, $lt: to },
  }
}

/** The index by which nothing is looked at but what is in range. */
export function usageHint({ keyIds, owners, organizationId }: UsageFilter): string {
  if (keyIds !== undefined) return 'keyId_1_hour_1'
  if (owners !== undefined) return 'owner_1_hour_1'
  return organizationId === undefined ? 'hour_1' : 'organizationId_1_hour_1'
}
