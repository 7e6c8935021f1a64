/** Insertion of many documents at once, each by itself: those that are there already stay as they are. */
import type { mongo } from 'mongoose'
import { DURABLE } from './operations.js'

/** Inserts what is not there yet, and answers the ids of that. `documents` must not be empty. */
export async function addedInBulk<D extends { _id: string }>(
  collection: mongo.Collection<D>,
  documents: readonly D[],
): Promise<string[]> {
  const ids = documents.map(({ _id }) => _id)
  try {
    // As the driver types it, an `_id` may be left out; here it never is.
    const inserted = documents as unknown as mongo.OptionalUnlessRequiredId<D>[]
    await collection.insertMany(inserted, { ...DURABLE, ordered: false })
    return ids
  } catch (error) {
    const others = addedOf(ids, error)
    if (others === null) throw error
    return others
  }
}

/** Those of a bulk insertion that were not there before, told from what the server said of the others. */
function addedOf(ids: readonly string[], error: unknown): string[] | null {
  const failed = [(error as { writeErrors?: unknown }).writeErrors ?? []].flat() as {
    code?: number
    index: number
  }[] // the driver's
  if (failed.length === 0 || failed.some(({ code }) => code !== DUPLICATE)) return null
  const indexes = new Set(failed.map(({ index }) => index))
  return ids.filter((_, i) => !indexes.has(i))
}

const DUPLICATE = 11_000
