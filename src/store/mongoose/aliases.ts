/** The collection of aliases: names that lead to a key. Their uniqueness is that of `_id`, which holds over shards too. */
import type { Connection, Model } from 'mongoose'
import type { Alias } from '../store.js'
import { modelOf } from './model.js'

export interface AliasDocument extends Omit<Alias, 'id'> {
  readonly _id: string
}

export function aliasModel(connection: Connection, collection: string): Model<AliasDocument> {
  return modelOf<AliasDocument>(connection, collection, {
    fields: () => ({
      _id: { type: String, required: true },
      keyId: { type: String, required: true },
      digest: String,
      at: Date,
      expireAt: Date,
      retired: Boolean,
    }),
    // What has no date there stays.
    indexes: [[{ expireAt: 1 }, { expireAfterSeconds: 0 }]],
  })
}

export function fromAliasDocument({ _id, ...alias }: AliasDocument): Alias {
  return { id: _id, ...alias }
}
