/** What the OpenAPI document says of a request and its answer, and where the two part. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { openApiDocument } from '../../src/http/routes.js'

/** A request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string
  /** Below the mount. */
  readonly path: string
  readonly query: string
  /** The body that was sent; `null`: it cannot be read. */
  readonly sent: string | null
  readonly status: number
  /** Those of the answer; names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

interface Header {
  readonly required?: boolean
  readonly schema: { readonly type?: string }
}
interface Response {
  readonly headers?: Readonly<Record<string, Header>>
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}
interface Parameter extends Header {
  readonly name: string
  readonly in: string
}
interface Operation {
  readonly operationId: string
  readonly parameters: readonly Parameter[]
  readonly requestBody?: {
    readonly required: boolean
    readonly content: { readonly 'application/json': { readonly schema: object } }
  }
  readonly responses: Readonly<Record<string, Response>>
}
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly responses: Readonly<Record<string, Response>> }
}

/** The document, as it is served. */
export const DOCUMENT = openApiDocument({ base: '/api-keys' }) as unknown as Document // a validator has its eye on its form

/** What is wrong, by a document, with a request that was accepted, or with any answer. */
export function checker(document: Document): (exchange: Exchange) => string[] {
  const all = closed(document)
  const resolved = <T>(part: T): T => {
    const { $ref } = part as { $ref?: string } // of a part that stands for itself it is not there
    return $ref === undefined ? part : (at(all, $ref.slice(2).split('/')) as T)
  }
  const ajv = addFormats.default(new Ajv2020({ strict: false, validateSchema: false }))
  ajv.addSchema(all, 'document')
  const compiled = new Map<object, ValidateFunction>()
  /** What is wrong with a value; `schema` is a part of the document. */
  const faultsIn = (what: string, schema: object, value: unknown): string[] => {
    let validate = compiled.get(schema)
    if (validate === undefined) {
      validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')))
      compiled.set(schema, validate)
    }
    return validate(value) ? [] : (validate.errors ?? []).map(error => `${what}: ${inWords(error)}`)
  }
  const textFaults = (what: string, { schema }: Header, text: string): string[] =>
    faultsIn(what, schema, fromText(text, resolved(schema).type))
  const ours = new Set(
    responsesOf(all)
      .flatMap(response => Object.keys(response.headers ?? {}))
      .map(name => name.toLowerCase()),
  )

  function answerFaults({ method, status, headers, text }: Exchange, response: Response): string[] {
    const told = new Map(
      Object.entries(response.headers ?? {}).map(([name, one]) => [name.toLowerCase(), resolved(one)]),
    )
    // Of what is offered beside JSON only the type itself is told, not its parameters.
    const sent = headers['content-type']?.replace(/^(text\/csv);.*/, '$1')
    const contents = Object.entries(response.content ?? {})
    const [type, content] = contents.find(([name]) => name === sent) ?? contents[0] ?? []
    const faults = sent === type ? [] : [`content-type: ${sent}`]
    for (const [name, header] of told) {
      const value = headers[name]
      if (value !== undefined) faults.push(...textFaults(name, header, value))
      else if (header.required === true) faults.push(`${name}: is not there`)
    }
    for (const name of Object.keys(headers))
      if (ours.has(name) && !told.has(name)) faults.push(`${name}: is not told of`)
    if (method === 'HEAD') return faults
    if (content === undefined) return text === '' ? faults : [...faults, 'body: is not told of']
    return [...faults, ...faultsIn(`body of a ${status}`, content.schema, parsed(text))]
  }

  function requestFaults(
    { method, query, sent }: Exchange,
    { parameters, requestBody }: Operation,
  ): string[] {
    const told = new Map(parameters.map(one => [resolved(one).name, resolved(one)]))
    const faults = [...new URLSearchParams(query)].flatMap(([name, value]) => {
      const parameter = told.get(name)
      return parameter?.in === 'query' ? textFaults(name, parameter, value) : [`${name}: is not told of`]
    })
    // Of others a body is not read.
    if (sent === null || !['POST', 'PATCH'].includes(method)) return faults
    const isEmpty = sent.trim() === ''
    if (requestBody === undefined)
      return isEmpty || JSON.stringify(parsed(sent)) === '{}' ? faults : [...faults, 'a body is not told of']
    if (isEmpty) return requestBody.required ? [...faults, 'a body is needed'] : faults
    return [
      ...faults,
      ...faultsIn('what was sent', requestBody.content['application/json'].schema, parsed(sent)),
    ]
  }

  return exchange => {
    const operation = operationFor(all, exchange)
    if (typeof operation === 'string')
      return answerFaults(exchange, resolved(all.components.responses[operation] ?? {}))
    const response = operation.responses[exchange.status]
    if (response === undefined) return [`${exchange.status}: is not told of`]
    const accepted = exchange.status < 300
    return [
      ...(accepted ? requestFaults(exchange, operation) : []),
      ...answerFaults(exchange, resolved(response)),
    ]
  }
}

/** The operation of a request, or the answer to those that have none. */
function operationFor({ paths }: Document, { method, path }: Exchange): Operation | string {
  const segments = path === '' || path === '/' ? [] : path.slice(1).replace(/\/$/, '').split('/')
  if (segments.includes('')) return 'RouteNotFound'
  const templates = [segments, ['{id}', ...segments.slice(1)]].map(template => `/${template.join('/')}`)
  const item = templates.map(template => paths[template]).find(one => one !== undefined)
  if (item === undefined) return 'RouteNotFound'
  return item[method === 'HEAD' ? 'get' : method.toLowerCase()] ?? 'MethodNotAllowed'
}

/** The same document, in which an object has no other fields than those that are told of. */
function closed<T>(document: T): T {
  const isOpen = (part: unknown) => {
    const { type, properties, additionalProperties } = part as Record<string, unknown> // any object will do
    return type === 'object' && properties !== undefined && additionalProperties === undefined
  }
  return JSON.parse(JSON.stringify(document), (_name, part: unknown) =>
    typeof part === 'object' && part !== null && isOpen(part)
      ? { ...part, unevaluatedProperties: false }
      : part,
  )
}

function responsesOf({ paths, components }: Document): Response[] {
  const operations = Object.values(paths).flatMap(item => Object.values(item))
  return [
    ...operations.flatMap(({ responses }) => Object.values(responses)),
    ...Object.values(components.responses),
  ]
}

function inWords({ instancePath, message, params }: ErrorObject): string {
  const { unevaluatedProperty: name } = params as { unevaluatedProperty?: string } // of that keyword alone
  return [instancePath, message, ...(name === undefined ? [] : [`(${name})`])].join(' ').trim()
}

function at(whole: unknown, names: readonly string[]): unknown {
  return names.reduce((part, name) => (part as Record<string, unknown>)[name], whole) // a reference leads to something
}

function fromText(text: string, type: string | undefined): unknown {
  return type === 'integer' || type === 'boolean' ? parsed(text) : text
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
