/** The collection of last uses, a document a key: they change by traffic, so they are not in the record. */
import type { Connection, Model } from 'mongoose'
import { modelOf } from './model.js'

export interface UseDocument {
  /** The key's id. */
  readonly _id: string
  readonly at: Date
}

export function useModel(connection: Connection, collection: string): Model<UseDocument> {
  return modelOf<UseDocument>(connection, collection, {
    fields: () => ({ _id: { type: String, required: true }, at: Date }),
  })
}
