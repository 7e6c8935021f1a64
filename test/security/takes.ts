/** All that the router takes, by the OpenAPI document: so that a new parameter or field is attacked too. */
import { DOCUMENT } from '../http/document.js'

export interface Taken {
  readonly method: string
  /** Below the mount, with an id in its place. */
  readonly path: string
  /** Names of parameters of the query. */
  readonly query: readonly string[]
  /** Names of fields of the body. */
  readonly fields: readonly string[]
}

interface Schema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, unknown>>
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

/** Every operation, about the key of this id; not the partner's, whose messages are signed. */
export function takenBy(id: string): Taken[] {
  return Object.entries(DOCUMENT.paths)
    .filter(([path]) => path !== '/leaks')
    .flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([method]) => ['get', 'post', 'patch', 'delete'].includes(method))
        .map(([method, { parameters = [], requestBody }]) => ({
          method: method.toUpperCase(),
          path: path.replace('{id}', id),
          query: parameters
            .map(resolved<(typeof parameters)[number]>)
            .flatMap(one => (one.in === 'query' ? one.name : [])),
          fields: fieldsOf(requestBody?.content['application/json'].schema ?? {}),
        })),
    )
}

function fieldsOf(schema: Schema): string[] {
  const { properties = {}, anyOf = [], oneOf = [], allOf = [] } = resolved<Schema>(schema)
  return [...new Set([...Object.keys(properties), ...[...anyOf, ...oneOf, ...allOf].flatMap(fieldsOf)])]
}

function resolved<T>(part: T): T {
  const { $ref } = part as { $ref?: string } // of a part that stands for itself it is not there
  if ($ref === undefined) return part
  const found = $ref
    .slice(2)
    .split('/')
    .reduce<unknown>((all, name) => (all as Record<string, unknown>)[name], DOCUMENT) // a path within it
  return found as T // what the reference stands for
}
