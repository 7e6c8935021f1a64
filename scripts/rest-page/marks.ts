/** What the table of routes and its OpenAPI document say, in the place of the marks of docs/rest.md. */
import { type ErrorCode, statusOf } from '../../src/errors.js'
import { CODE_RULES, CODES_WITHOUT_ROUTE } from '../../src/http/codes.js'
import type { Route } from '../../src/http/route.js'
import { openApiDocument, ROUTES } from '../../src/http/routes.js'
import { jsonBlock, table, wrapped } from './markdown.js'
import { kindOf, resolved, type Schema, type Schemas } from './schema.js'

interface Operation {
  readonly parameters: readonly {
    readonly name?: string
    readonly in: string
    readonly required?: boolean
    readonly description: string
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Schemas
    readonly parameters: Readonly<Record<string, Operation['parameters'][number]>>
  }
}

const { paths, components } = openApiDocument({ base: '' }) as unknown as Document // a validator has its eye on its form
const { schemas } = components

/** What stands for the marks of the page, by their names; some have a word more. */
export const PAGE_MARKS: Readonly<Record<string, (name: string) => string>> = {
  routes: () =>
    table(
      ['method', 'path', 'does'],
      ROUTES.map(route => [
        code(route.method),
        code(route.path),
        `[${route.operation.summary}](#${anchorOf(route)})`,
      ]),
    ),
  codes: () =>
    table(
      ['answered by', 'status', 'codes'],
      [
        ...CODE_RULES.flatMap(({ where, codes }) =>
          byStatus(codes).map(([status, told]) => [where, status, told]),
        ),
        ...byStatus(CODES_WITHOUT_ROUTE).map((row, i) => [
          i === 0 ? 'Paths and methods that no route has' : '',
          ...row,
        ]),
      ],
    ),
  record: () => jsonBlock(schemas.ApiKey?.examples?.[0] ?? {}),
  fields: name => table(['field', 'is', ''], fieldsOf({ $ref: name })),
}

export function nameOf({ method, path }: Route): string {
  return `${method} ${path}`
}

/** What stands for the marks in the section of a route. */
export function marksOf(route: Route): Record<'description' | 'takes' | 'answers', string> {
  const operation = paths[route.path.replace(':id', '{id}')]?.[route.method.toLowerCase()]
  if (operation === undefined) throw new Error(`the document has no ${nameOf(route)}`)
  return {
    description: wrapped(route.operation.description),
    takes: takesOf(operation),
    answers: answersOf(route, operation),
  }
}

function takesOf({ parameters, requestBody }: Operation): string {
  const told = parameters.map(one => components.parameters[refName(one)] ?? one)
  const rowsIn = (place: string) =>
    told
      .filter(one => one.in === place && one.name !== 'If-Match')
      .map(one => [
        code(one.name ?? ''),
        kindOf(one.schema, schemas),
        neededIf(one.required) + one.description,
      ])
  const tables: readonly (readonly [string, readonly string[][]])[] = [
    ['header', rowsIn('header')],
    ['parameter', rowsIn('query')],
    ['field', requestBody === undefined ? [] : fieldsOf(requestBody.content['application/json'].schema)],
  ]
  return tables
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => table([title, 'takes', ''], rows))
    .join('\n\n')
}

/** The fields of an object, those first that must be there. */
function fieldsOf(schema: Schema): string[][] {
  const { properties = {}, required = [] } = resolved(schema, schemas)
  const fields = Object.entries(properties)
  const needed = fields.filter(([name]) => required.includes(name))
  const others = fields.filter(([name]) => !required.includes(name))
  return [...needed, ...others].map(([name, field], i) => [
    code(name),
    kindOf(field, schemas),
    neededIf(i < needed.length && others.length > 0) +
      (field.description ?? resolved(field, schemas).description ?? ''),
  ])
}

function answersOf({ operation }: Route, { responses }: Operation): string {
  const good = Object.entries(operation.answers).map(([status, { description, headers = [] }]) => {
    const content = responses[status]?.content?.['application/json']
    const body = content === undefined ? 'nothing' : bodyOf(content.schema)
    return [status, description, body, headers.map(code).join(', ')]
  })
  const bad = byStatus(operation.codes ?? [], linked).map(([status, codes]) => [status, codes])
  const rows: readonly (readonly string[])[] = [...good, ...bad]
  const head = ['status', 'answer', 'body', 'headers']
  return table(good.some(row => row[3] !== '') ? head : head.slice(0, 3), rows)
}

function bodyOf(schema: Schema): string {
  return schema.$ref?.endsWith('/ApiKey') === true ? '[the record](#the-record)' : kindOf(schema, schemas)
}

/** Codes, a row for each status. */
function byStatus(
  codes: readonly ErrorCode[],
  written: (one: ErrorCode) => string = code,
): [status: string, codes: string][] {
  const statuses = [...new Set(codes.map(statusOf))].sort()
  return statuses.map(status => [
    String(status),
    codes
      .filter(one => statusOf(one) === status)
      .map(written)
      .join(', '),
  ])
}

function linked(one: ErrorCode): string {
  return `[${code(one)}](errors.md#${one.toLowerCase()})`
}

function anchorOf(route: Route): string {
  return nameOf(route)
    .toLowerCase()
    .replace(/[^a-z -]/g, '')
    .replaceAll(' ', '-')
}

function refName(parameter: object): string {
  return '$ref' in parameter ? String(parameter.$ref).replace(/.*\//, '') : ''
}

function neededIf(is: boolean | undefined): string {
  return is === true ? 'Needed. ' : ''
}

function code(text: string): string {
  return `\`${text}\``
}
