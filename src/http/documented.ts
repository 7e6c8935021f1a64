/** What documents tell of a schema besides what it checks, and the JSON Schema that comes of both. */
import { z } from 'zod'
import { identifier } from '../manage/actor.js'
import { duration, keyId, ownerInput, point } from '../manage/fields.js'

/** A JSON Schema, or a part of an OpenAPI document. */
export type Json = { readonly [keyword: string]: unknown }

/** Keywords of JSON Schema that are added, or stand in place of zod's own; `undefined` takes one away. */
export type Told = Json & {
  /** The name of a component of the document: the schema is told once, and referred to. */
  readonly id?: string
  readonly description?: string
}

/** Of our own, so that nothing of it is in the app's. */
const REGISTRY = z.registry<Told>()

/** The same schema, with what is told of it. */
export function told<S extends z.ZodType>(schema: S, facts: Told): S {
  REGISTRY.add(schema, facts)
  return schema
}

/** A schema that is told by its description and examples alone. */
export function described<S extends z.ZodType>(schema: S, description: string, ...examples: unknown[]): S {
  return told(schema, { description, ...(examples.length > 0 && { examples }) })
}

/** What a key's id looks like. */
export const ID_PATTERN = '^[0-9A-Za-z]{16}$'

// The fields of the operations, whose checks no JSON Schema can have.
const time = { type: 'string', anyOf: [{ format: 'date-time' }, { format: 'date' }] }
told(keyId, { type: 'string', pattern: ID_PATTERN })
told(point, time)
told(duration, { type: 'string', examples: ['90d'] })
told(identifier, { anyOf: undefined, type: ['string', 'integer'], minLength: 1, maxLength: 256 })
told(ownerInput, {
  id: 'OwnerInput',
  description: 'Whom a key is to belong to. `type` is `user` if left out.',
})

/** A schema as JSON Schema 2020-12, and the components that it refers to, by their names. */
export interface Converted {
  readonly schema: Json
  readonly components: Readonly<Record<string, Json>>
}

/** What a schema takes (for bodies and parameters), or what has passed it (for answers: they are written without transforms). */
export function jsonSchemaOf(schema: z.ZodType): Converted {
  // In a list, so that a schema with a name is referred to like any other.
  const { items, $defs = {} } = z.toJSONSchema(z.array(schema), {
    io: 'input',
    metadata: REGISTRY,
    unrepresentable: 'any',
  })
  const text = JSON.stringify({ schema: items, components: $defs })
  return JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/'))
}
