/**
 * The collection of leases, a document a process.
 *
 * A writer lists them once its entry is acknowledged (verify/announce.ts), and must find each lease whose insertion was
 * acknowledged before. Linearizable reads are promised for one document, and the list is of many; it is enough all
 * the same. The server reads first and has a majority confirm it after: had it been deposed by the time it read, it could
 * not. So it read as the primary, to which every acknowledged insertion is known; of a sharded cluster that is true of
 * each shard. The documents may be read at different moments, but a lease that is there all the while is read at one of
 * them: renewals change no `_id`, and nothing that a walk through the collection goes by.
 *
 * Where reads are plain, the list may come from a primary that was deposed after it had acknowledged the entry: a driver goes
 * to none that is older than one it has seen. A lease that is missing there was inserted at a newer primary, which has
 * the entry, and its process has read that before it used anything.
 *
 * No lease expires by an index: a server whose clock is wrong would take a lease from a process that still holds it, and
 * a writer that does not find it waits for nobody. Those of processes that died are taken away by who waited for them.
 */
import type { Connection, Model } from 'mongoose'
import type { SharedChanges } from '../store.js'
import type { Latest } from './latest.js'
import { modelOf } from './model.js'
import { DURABLE, type On } from './operations.js'

export interface LeaseDocument {
  readonly _id: string
  readonly ackedTag: string | null
  readonly beat: number
  readonly leaseMs: number
}

export function leaseModel(connection: Connection, collection: string): Model<LeaseDocument> {
  return modelOf<LeaseDocument>(connection, collection, {
    fields: () => ({
      _id: { type: String, required: true },
      ackedTag: String,
      beat: Number,
      leaseMs: Number,
    }),
  })
}

/** More than there are processes: what comes in further batches is not confirmed with the first. */
const ONE_BATCH = 10_000

export function leasesOn(
  onLeases: On<LeaseDocument>,
  latest: Latest,
): Pick<SharedChanges, 'insertLease' | 'renewLease' | 'leases' | 'removeLease'> {
  return {
    insertLease: ({ id, tag, beat, leaseMs }) =>
      onLeases(async collection => {
        await collection.insertOne({ _id: id, ackedTag: tag, beat, leaseMs }, DURABLE)
      }),

    renewLease: (id, tag) =>
      onLeases(async collection => {
        const update = { $set: { ackedTag: tag }, $inc: { beat: 1 } }
        return (await collection.updateOne({ _id: id }, update, DURABLE)).matchedCount === 1
      }),

    leases: () =>
      onLeases(async collection => {
        const found = await latest(options =>
          collection.find({}, { ...options, batchSize: ONE_BATCH }).toArray(),
        )
        return found.map(({ _id, ackedTag, beat, leaseMs }) => ({ id: _id, tag: ackedTag, beat, leaseMs }))
      }),

    removeLease: (id, beat) =>
      onLeases(async collection => {
        await collection.deleteOne({ _id: id, ...(beat !== undefined && { beat }) }, DURABLE)
      }),
  }
}
