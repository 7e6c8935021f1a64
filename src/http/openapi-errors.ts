/** How the OpenAPI document tells of errors: one answer a status, with its codes and headers. */
import { type ErrorCode, statusOf, titleOf } from '../errors.js'
import { CODES_WITHOUT_ROUTE, codesOf } from './codes.js'
import type { Json } from './documented.js'
import { type HeaderName, headersOf } from './openapi-headers.js'
import { challengeFor, type Problem } from './problem.js'
import type { Route } from './route.js'

const NAMES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  406: 'NotAcceptable',
  409: 'Conflict',
  412: 'PreconditionFailed',
  413: 'ContentTooLarge',
  415: 'UnsupportedMediaType',
  428: 'PreconditionRequired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'Unavailable',
}

/** The codes of one status that a route may answer. */
type Group = readonly ErrorCode[]

/** What a path or a method is answered that no route has: components that no operation refers to. */
export const OF_NO_ROUTE = ['RouteNotFound', 'MethodNotAllowed'] as const

/** The error answers of routes, and the components that they refer to: the commonest of each status. */
export function errorResponses(routes: readonly Route[]) {
  const shared = commonest(routes.flatMap(route => groupsOf(codesOf(route))))
  const components = [...shared].map(
    ([status, group]) => [NAMES[status] ?? `Status${status}`, group] as const,
  )
  const names = new Map(components.map(([name, group]) => [String(group), name]))
  const ofNoRoute = CODES_WITHOUT_ROUTE.map((code, i) => [OF_NO_ROUTE[i], responseOf([code])])
  return {
    components: {
      ...Object.fromEntries(components.map(([name, group]) => [name, responseOf(group)])),
      ...Object.fromEntries(ofNoRoute),
    },
    /** The error answers of a route, by status. */
    of(route: Route): Record<string, Json> {
      return Object.fromEntries(
        groupsOf(codesOf(route)).map(group => {
          const name = names.get(String(group))
          const response = name === undefined ? responseOf(group) : { $ref: `#/components/responses/${name}` }
          return [statusIn(group), response]
        }),
      )
    },
  }
}

function groupsOf(codes: readonly ErrorCode[]): Group[] {
  return grouped(codes, code => String(statusOf(code)))
}

/** Of each status the group that most routes have, where it is more than one route's. */
function commonest(groups: readonly Group[]): Map<number, Group> {
  const alike = grouped(groups, String).filter(({ length }) => length > 1)
  const rising = alike.sort((a, b) => a.length - b.length)
  // The last of a status stands.
  return new Map(rising.flatMap(([group = []]) => [[statusIn(group), group]]))
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return [...groups.values()]
}

function statusIn([code = 'INTERNAL_ERROR']: Group): number {
  return statusOf(code)
}

function responseOf(codes: Group): Json {
  const status = statusIn(codes)
  const carried = codes.map(headersWith)
  const all = [...new Set(carried.flat())]
  const always = all.filter(name => carried.every(headers => headers.includes(name)))
  const atTimes = all.filter(name => !always.includes(name))
  if (codes.some(code => RETRIED_AT_TIMES.has(code)) && !all.includes('Retry-After'))
    atTimes.push('Retry-After')
  const told = { status: { const: status }, code: { enum: codes } }
  return {
    description: codes.map(code => `- \`${code}\`: ${titleOf(code)}.`).join('\n'),
    headers: headersOf(['Cache-Control', 'Vary', ...always], atTimes),
    content: {
      'application/problem+json': {
        schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: told }] },
        examples: Object.fromEntries(codes.map(code => [code, { value: exampleOf(code) }])),
      },
    },
  }
}

/** Codes that always tell when to try again. */
const RETRIED: ReadonlySet<ErrorCode> = new Set([
  'STORE_UNAVAILABLE',
  'IDEMPOTENCY_IN_PROGRESS',
  'RATE_LIMITED',
  'TOO_MANY_REQUESTS',
])

/** Codes that tell so where they know. */
const RETRIED_AT_TIMES: ReadonlySet<ErrorCode> = new Set(['CREDITS_EXHAUSTED'])

function headersWith(code: ErrorCode): HeaderName[] {
  return [
    ...(challengeFor(code) === null ? [] : ['WWW-Authenticate' as const]),
    ...(RETRIED.has(code) ? ['Retry-After' as const] : []),
    ...(code === 'METHOD_NOT_ALLOWED' ? ['Allow' as const] : []),
  ]
}

function exampleOf(code: ErrorCode): Problem {
  const errors = [{ path: 'limit', message: 'takes 1 to 100' }]
  return {
    type: `urn:sidekey:error:${code}`,
    title: titleOf(code),
    status: statusOf(code),
    detail: code === 'INVALID_INPUT' ? 'limit: takes 1 to 100' : `${titleOf(code)}.`,
    code,
    ...(code === 'INVALID_INPUT' && { errors }),
  }
}
