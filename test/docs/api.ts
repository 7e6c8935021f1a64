/** The API as its OpenAPI document tells of it: what the documents call must be there. */

import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { documentOf } from '../../src/http/openapi.js'
import { ROUTES } from '../../src/http/routes.js'

interface Parameter {
  readonly name: string
  readonly in: string
  readonly schema: { readonly enum?: readonly unknown[] }
}

interface Told {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly parameters?: readonly (Parameter | { readonly $ref: string })[] }>>
    >
  >
  readonly components: { readonly parameters?: Readonly<Record<string, Parameter>> }
}

const told = documentOf(ROUTES) as unknown as Told // a document of JSON
const ajv = addFormats.default(new Ajv2020({ strict: false, validateSchema: false }))
ajv.addSchema(told, 'api')

/** What is wrong with a call; `path` is what is below the router, with its query. */
export function faultsOf(method: string, path: string, body?: string): string[] {
  const [below = '', query = ''] = path.split('?')
  const route = ROUTES.find(
    one => one.method === method && new RegExp(`^${one.path.replace(':id', '[^/]+')}$`).test(below || '/'),
  )
  if (route === undefined) return [`there is no route ${method} ${below}`]
  const at = route.path.replace(':id', '{id}')
  const takes = (told.paths[at]?.[method.toLowerCase()]?.parameters ?? []).map(one =>
    '$ref' in one ? told.components.parameters?.[one.$ref.split('/').at(-1) ?? ''] : one,
  )
  const unknown = [...new URLSearchParams(query).keys()].filter(
    name => !takes.some(one => one?.in === 'query' && one.name === name),
  )
  return [
    ...unknown.map(name => `${method} ${route.path} takes no query '${name}'`),
    ...bodyFaults(at, method, body),
  ]
}

function bodyFaults(path: string, method: string, body?: string): string[] {
  if (body === undefined) return []
  const pointer = ['paths', path, method.toLowerCase(), 'requestBody/content', 'application/json', 'schema']
  const escaped = pointer.map(part => (part.includes('requestBody/') ? part : part.replaceAll('/', '~1')))
  const valid = ajv.compile({ $ref: `api#/${escaped.map(encodeURI).join('/')}` })
  return valid(JSON.parse(body)) ? [] : [ajv.errorsText(valid.errors)]
}

/** What is wrong with a record as a page shows it. */
export function recordFaults(record: unknown): string[] {
  const valid = ajv.compile({ $ref: 'api#/components/schemas/ApiKey' })
  return valid(record) ? [] : [ajv.errorsText(valid.errors)]
}
