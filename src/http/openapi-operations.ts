/** How the OpenAPI document tells of a route. */
import type { z } from 'zod'
import { ID_PATTERN, type Json } from './documented.js'
import { headersOf } from './openapi-headers.js'
import { type AnswerFacts, changesOne, type Operation, type Route } from './route.js'

/** The JSON Schema of a schema; what it refers to comes to be among the components. */
type Convert = (schema: z.ZodType) => Json

const BY_KEY = [{ bearer: [] }, { apiKey: [] }]

/** Parameters that several operations have, as components. */
export const PARAMETERS: Readonly<Record<string, Json>> = {
  Id: {
    name: 'id',
    in: 'path',
    required: true,
    description: "A key's id.",
    schema: { type: 'string', pattern: ID_PATTERN },
    example: '0VbvmdHo9P49d4yC',
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description:
      'The `ETag` of the record: it must still be at that version, else 412. `*` is no condition. An app may ask that ' +
      'it is there, else 428.',
    schema: { type: 'string', pattern: '^(\\*|"[0-9]{1,15}")$' },
    example: '"3"',
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'Makes it safe to send the request again: a repeat with the same body makes no second key.',
    schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
    example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
  },
  GithubPublicKeyIdentifier: {
    name: 'Github-Public-Key-Identifier',
    in: 'header',
    required: true,
    description: 'Which of the published keys the body is signed with.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,256}$' },
  },
  GithubPublicKeySignature: {
    name: 'Github-Public-Key-Signature',
    in: 'header',
    required: true,
    description: 'The signature of the body, DER in base64.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9+/]{8,100}={0,2}$' },
  },
}

/** A row of the table as an operation of the document. */
export function operationOf(route: Route, errors: Json, convert: Convert): Json {
  const { operation, path, by } = route
  const { id, tag, summary, description, headers = [] } = operation
  const parameters = [
    ...(path.startsWith('/:id') ? ['Id'] : []),
    ...(changesOne(route) ? ['IfMatch'] : []),
    ...headers.map(name => name.replaceAll('-', '')),
  ].map(name => ({ $ref: `#/components/parameters/${name}` }))
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: unwrapped(description),
    security: by === 'key' ? BY_KEY : by === 'public' || by === 'partner' ? [] : [...BY_KEY, {}],
    parameters: [...parameters, ...queryOf(route, convert)],
    ...requestBodyOf(route, convert),
    responses: { ...answersOf(operation, convert), ...errors },
  }
}

/** A line for each paragraph: some readers show every break. */
export function unwrapped(text: string): string {
  return text.replace(/(?<!\n)\n(?!\n)/g, ' ')
}

/** The parameters of the query, one by one. */
function queryOf({ query }: Route, convert: Convert): Json[] {
  const { properties = {}, required = [] } = convert(query) as ObjectSchema // of a strict object
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(required.includes(name) && { required: true }),
    description,
    schema,
  }))
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Json>>
  readonly required?: readonly string[]
}

function requestBodyOf({ body, operation }: Route, convert: Convert): Json {
  const taken = operation.body ?? body
  // That nothing is as good as an empty object goes without saying.
  const { default: _empty, ...schema } = convert(taken)
  const { properties } = schema as ObjectSchema // of a strict object, or a reference to one
  if (properties !== undefined && Object.keys(properties).length === 0) return {}
  const { example } = operation
  const required = !taken.safeParse(undefined).success
  const content = { schema, ...(example !== undefined && { example }) }
  return { requestBody: { required, content: { 'application/json': content } } }
}

function answersOf({ answers }: Operation, convert: Convert): Record<string, Json> {
  return Object.fromEntries(
    Object.entries<AnswerFacts>(answers).map(([status, { description, body, csv, headers = [] }]) => [
      status,
      {
        description,
        headers: headersOf(['Cache-Control', 'Vary', ...headers, 'Sunset']),
        ...(body !== undefined && {
          content: {
            'application/json': { schema: convert(body) },
            ...(csv !== undefined && { 'text/csv': { schema: { type: 'string' }, example: csv } }),
          },
        }),
      },
    ]),
  )
}
