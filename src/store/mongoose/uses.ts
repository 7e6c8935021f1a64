/** The collection of last uses, a document a key: they change by traffic, so they are not in the record. */
import type { Connection, Model, mongo } from 'mongoose'
import type { Use } from '../store.js'
import { modelOf } from './model.js'

export interface UseDocument {
  /** The key's id. */
  readonly _id: string
  readonly at: Date
  readonly ip?: string | null
}

export function useModel(connection: Connection, collection: string): Model<UseDocument> {
  return modelOf<UseDocument>(connection, collection, {
    fields: () => ({ _id: { type: String, required: true }, at: Date, ip: String }),
  })
}

/** A use as an update: an earlier one takes neither the time nor the address of a later one away. */
export function useUpdate({ at, ip }: Use): mongo.UpdateFilter<UseDocument> | mongo.Document[] {
  // Also where an address was kept before: it would be told with a later time.
  if (ip === undefined) return { $max: { at }, $unset: { ip: '' } }
  const isLater = { $gt: [at, '$at'] }
  return [{ $set: { ip: { $cond: [isLater, { $literal: ip }, '$ip'] }, at: { $max: ['$at', at] } } }]
}
