/** How operations are sent: what they wait for, where they read, and by which index. */
import type { mongo } from 'mongoose'

/** One operation on a collection. */
export type On<D extends { _id: string }> = <T>(
  operation: (collection: mongo.Collection<D>) => Promise<T>,
) => Promise<T>

/** A change is on disk, and on most members of a replica set, before it is acknowledged. */
export const DURABLE = { writeConcern: { w: 'majority', journal: true } } as const
/** What need not be on disk: it is done again where it is lost. */
export const ACKNOWLEDGED = { writeConcern: { w: 1 }, ordered: false } as const
/** Whatever the app's connection prefers: a secondary may not have heard of a revocation yet. */
export const PRIMARY = { readPreference: 'primary' } as const

/** Reads by the index that is named; where that is not there yet (it is being built, say), by whatever serves. */
export async function hinted<T>(
  find: (options: mongo.FindOptions) => Promise<T[]>,
  hint: string | undefined,
): Promise<T[]> {
  if (hint === undefined) return find(PRIMARY)
  try {
    return await find({ ...PRIMARY, hint })
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === BAD_VALUE)
      return find(PRIMARY)
    throw error
  }
}

/** What servers answer to the hint of an index that they do not have. */
const BAD_VALUE = 2
