/**
 * A document by its id in one command, as `findOne` sends it, without the cursor that the driver makes for it: that takes a
 * sixth of a whole read (docs/decisions/0024-find-as-a-command.md).
 */
import type { mongo } from 'mongoose'
import { nameOf } from './guard.js'
import type { ReadOptions } from './latest.js'
import { PRIMARY } from './operations.js'

/** What a server answers to `find`. */
interface Found<D> {
  readonly cursor: { readonly firstBatch: readonly D[] }
}

/** Reads it from the primary. Like `findOne`, it asks once more where a server or the network fails. */
export async function documentById<D extends { _id: string }>(
  db: mongo.Db,
  collection: string,
  _id: string,
  options: ReadOptions,
): Promise<D | null> {
  const { readPreference: _asAnOption, ...inCommand } = options
  const command = { find: collection, filter: { _id }, limit: 1, singleBatch: true, ...inCommand }
  try {
    // The driver knows of no answer more than that it is a document.
    const { cursor } = (await db.command(command, PRIMARY)) as unknown as Found<D>
    return cursor.firstBatch[0] ?? null
  } catch (error) {
    if (!MAY_PASS.test(nameOf(error))) throw error
    // The driver repeats no commands, only what it knows to be a read: this is one, which it knows when to repeat.
    return db
      .collection<D>(collection)
      .findOne({ _id } as mongo.Filter<D>, { ...PRIMARY, ...options }) as Promise<D | null>
  }
}

/** Errors of the driver that come of one server or one connection: not that there is none, or no room in the pool. */
const MAY_PASS = /^Mongo(?:Network|NetworkTimeout|PoolCleared|Server)Error$/
