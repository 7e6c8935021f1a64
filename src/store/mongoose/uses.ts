/** The collection of last uses, a document a key: they change by traffic, so they are not in the record. */
import type { Connection, Model } from 'mongoose'

export interface UseDocument {
  /** The key's id. */
  readonly _id: string
  readonly at: Date
}

export function useModel(connection: Connection, collection: string): Model<UseDocument> {
  const existing = connection.models[collection]
  if (existing !== undefined) return existing as Model<UseDocument> // made by this function before
  const { Schema } = connection.base
  const schema = new Schema<UseDocument>(
    { _id: { type: String, required: true }, at: Date },
    { collection, versionKey: false, autoIndex: false, autoCreate: false },
  )
  return connection.model<UseDocument>(collection, schema)
}
