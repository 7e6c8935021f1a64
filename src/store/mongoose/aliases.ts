/** The collection of aliases: names that lead to a key. Their uniqueness is that of `_id`, which holds over shards too. */
import type { Connection, Model } from 'mongoose'
import type { Alias } from '../store.js'

export interface AliasDocument extends Omit<Alias, 'id'> {
  readonly _id: string
}

export function aliasModel(connection: Connection, collection: string): Model<AliasDocument> {
  const existing = connection.models[collection]
  if (existing !== undefined) return existing as Model<AliasDocument> // made by this function before
  const { Schema } = connection.base
  const schema = new Schema<AliasDocument>(
    {
      _id: { type: String, required: true },
      keyId: { type: String, required: true },
      digest: String,
      at: Date,
      expireAt: Date,
    },
    { collection, versionKey: false, autoIndex: false, autoCreate: false },
  )
  schema.index({ expireAt: 1 }, { expireAfterSeconds: 0 })
  return connection.model<AliasDocument>(collection, schema)
}

export function fromAliasDocument({ _id, ...alias }: AliasDocument): Alias {
  return { id: _id, ...alias }
}
