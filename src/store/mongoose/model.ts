import type { Connection, Model, Schema, SchemaDefinition } from 'mongoose'

/** What makes an index: its fields, and how. */
type Index = Parameters<Schema['index']>

interface Shape<D> {
  /** `mixed` is the type of whatever has a shape of its own. */
  readonly fields: (mixed: typeof Schema.Types.Mixed) => SchemaDefinition<D>
  readonly indexes?: readonly Index[]
}

/**
 * The model of a collection, made by the app's own copy of mongoose; where the connection has it already, that one. It
 * makes nothing in the database by itself.
 */
export function modelOf<D>(connection: Connection, collection: string, shape: Shape<D>): Model<D> {
  const existing = connection.models[collection]
  if (existing !== undefined) return existing as Model<D> // made by this function before
  const { Schema } = connection.base
  const options = {
    collection,
    versionKey: false,
    minimize: false,
    autoIndex: false,
    autoCreate: false,
  } as const
  const schema = new Schema<D>(shape.fields(Schema.Types.Mixed), options)
  for (const index of shape.indexes ?? []) schema.index(...index)
  return connection.model<D>(collection, schema as Schema) // the type of a schema with these options is one of its own
}

/** An index that serves a filter by this field with the greatest id first. */
export function newestFirst(field: string): Index {
  return [{ [field]: 1, _id: -1 }]
}
