/** Operations on many documents at once, each by itself. */
import type { mongo } from 'mongoose'
import { DURABLE } from './operations.js'

/**
 * In the order of ids: servers that apply a bulk as one transaction (FerretDB) lock document by document, and two that lock the same
 * ones in other orders wait for each other.
 */
export function inOrder<T>(all: readonly T[], idOf: (one: T) => string): T[] {
  return [...all].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
}

/** Inserts what is not there yet, and answers the ids of that. `all` must not be empty. */
export async function addedInBulk<D extends { _id: string }>(
  collection: mongo.Collection<D>,
  all: readonly D[],
): Promise<string[]> {
  const documents = inOrder(all, ({ _id }) => _id)
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
