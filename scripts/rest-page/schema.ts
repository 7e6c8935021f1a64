/** JSON Schemas of the document in few words. */

export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly format?: string
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly examples?: readonly object[]
}

export type Schemas = Readonly<Record<string, Schema>>

/** The schema itself, where it is a reference to one. */
export function resolved(schema: Schema, schemas: Schemas): Schema {
  const found = schema.$ref === undefined ? schema : schemas[schema.$ref.replace(/.*\//, '')]
  if (found === undefined) throw new Error(`there is no ${schema.$ref}`)
  return found
}

/** What a value is: `text`, `list of ids`, `time or null`. */
export function kindOf(schema: Schema, schemas: Schemas): string {
  if (schema.$ref?.endsWith('/ErrorCode') === true) return 'a code'
  const { type, format, pattern, enum: values, items, anyOf, properties } = resolved(schema, schemas)
  if (Object.hasOwn(schema, 'const')) return `\`${schema.const}\``
  if (values !== undefined) return values.map(value => `\`${value}\``).join(', ')
  if (format === 'date-time' || anyOf?.some(one => one.format === 'date')) return 'time'
  if (anyOf !== undefined) return anyOf.map(one => kindOf(one, schemas)).join(' or ')
  if (items !== undefined && type === 'array')
    return `list of ${kindOf(items, schemas).replace(/^(text|id)$/, '$1s')}`
  if (pattern?.endsWith('{16}$') === true) return 'id'
  if (properties !== undefined) return `\`{ ${Object.keys(properties).join(', ')} }\``
  return [type ?? 'anything'].flat().map(wordFor).join(' or ')
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: '`true` or `false`',
  array: 'list',
  object: 'object',
  null: '`null`',
}

function wordFor(type: string): string {
  return WORDS[type] ?? type
}
