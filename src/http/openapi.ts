/** The OpenAPI 3.1 document of a table of routes. */
import type { z } from 'zod'
import { problem } from './answers.js'
import { type Json, jsonSchemaOf } from './documented.js'
import { errorResponses, OF_NO_ROUTE } from './openapi-errors.js'
import { headerComponents } from './openapi-headers.js'
import { operationOf, PARAMETERS, unwrapped } from './openapi-operations.js'
import type { Operation, Route } from './route.js'

/** That of the package. */
const VERSION = '0.1.0'

const DESCRIPTION = `API keys for an app that has users and a login of its own. Who asks is told by that login, which is the
app's own and not described here, or by a key in the request; a valid key counts, whoever is logged in.

A method that a path does not take is 405 (\`MethodNotAllowed\`), a path that there is not is 404 (\`RouteNotFound\`).
\`HEAD\` works wherever \`GET\` does. Unknown fields and parameters are refused (400). Answers may get new fields.`

const TAGS: Readonly<Record<Operation['tag'], string>> = {
  Keys: 'Keys and their records.',
  Revocation: 'What to do when a key has leaked, or its owner leaves.',
  Verification: 'Checks of keys for gateways, and for services in other languages.',
  Audit: 'Who did what.',
  Usage: 'How often keys were used.',
  About: 'What the app has set, and this document.',
}

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A key, as `Authorization: Bearer <token>`.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A key, bare.' },
}

/** The document, without its servers. */
export function documentOf(routes: readonly Route[]): Json {
  const schemas: Record<string, Json> = {}
  /** The JSON Schema of a schema, with what it refers to among the components. */
  const convert = (schema: z.ZodType) => {
    const converted = jsonSchemaOf(schema)
    Object.assign(schemas, converted.components)
    return converted.schema
  }
  const errors = errorResponses(routes)
  convert(problem)

  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = route.path.replace(':id', '{id}')
    const operation = operationOf(route, errors.of(route), convert)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation }
  }
  const tags = Object.entries(TAGS).filter(([tag]) => routes.some(({ operation }) => operation.tag === tag))
  const document = {
    openapi: '3.1.0',
    info: { title: 'API keys', version: VERSION, description: unwrapped(DESCRIPTION) },
    tags: tags.map(([name, description]) => ({ name, description })),
    paths,
  }
  const components = {
    schemas,
    responses: errors.components,
    headers: headerComponents(),
    parameters: PARAMETERS,
  }
  return { ...document, components: { ...used(components, paths), securitySchemes: SECURITY_SCHEMES } }
}

type Components = Readonly<Record<string, Readonly<Record<string, Json>>>>

/** Those components that are referred to, from paths or from one another; and those that stand for no route. */
function used(components: Components, paths: Json): Json {
  const keep = new Set<string>(OF_NO_ROUTE.map(name => `responses/${name}`))
  const follow = (part: unknown): void => {
    for (const [, ref = ''] of JSON.stringify(part).matchAll(/"#\/components\/(\w+\/\w+)"/g)) {
      if (keep.has(ref)) continue
      keep.add(ref)
      const [kind = '', name = ''] = ref.split('/')
      follow(components[kind]?.[name])
    }
  }
  follow(paths)
  follow(OF_NO_ROUTE.map(name => components.responses?.[name]))
  return Object.fromEntries(
    Object.entries(components).map(([kind, all]) => [
      kind,
      Object.fromEntries(Object.entries(all).filter(([name]) => keep.has(`${kind}/${name}`))),
    ]),
  )
}
