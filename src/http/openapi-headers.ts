/** The headers of answers, as the OpenAPI document tells them. */
import type { Json } from './documented.js'
import type { AnswerHeader } from './route.js'

export type HeaderName = AnswerHeader | 'Cache-Control' | 'Vary' | 'Sunset' | 'WWW-Authenticate' | 'Allow'

interface HeaderFacts {
  readonly description: string
  readonly schema: Json
  readonly example?: string | number
}

const HEADERS: Readonly<Record<HeaderName, HeaderFacts>> = {
  'Cache-Control': {
    description: 'No cache keeps an answer.',
    schema: { type: 'string', const: 'no-store' },
  },
  Vary: {
    description: 'What the answer depends on: the headers that keys are read from, and the session.',
    schema: { type: 'string' },
    example: 'authorization, x-api-key, cookie',
  },
  ETag: {
    description: "The record's version, in quotes: for `If-Match`.",
    schema: { type: 'string', pattern: '^"[0-9]+"$' },
    example: '"1"',
  },
  Location: {
    description: 'Where the record is.',
    schema: { type: 'string', pattern: '/[0-9A-Za-z]{16}$' },
    example: '/api-keys/0VbvmdHo9P49d4yC',
  },
  'Retry-After': {
    description: 'Seconds after which it is worth trying again.',
    schema: { type: 'integer', minimum: 0 },
    example: 1,
  },
  'Idempotency-Replayed': {
    description: 'An earlier request with this `Idempotency-Key` has made the key.',
    schema: { type: 'string', const: 'true' },
  },
  'Next-Cursor': {
    description: 'With `text/csv`: leads to the next page; not there on the last one.',
    schema: { type: 'string' },
  },
  Sunset: {
    description:
      'When the token that the request was made with ends, where it has been rotated away (RFC 8594).',
    schema: { type: 'string', pattern: '^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$' },
    example: 'Fri, 25 Dec 2026 22:08:18 GMT',
  },
  'WWW-Authenticate': {
    description: 'The challenge (RFC 6750).',
    schema: { type: 'string', pattern: '^Bearer realm="' },
    example: 'Bearer realm="api"',
  },
  Allow: {
    description: 'The methods that the path takes.',
    schema: { type: 'string', pattern: '^[A-Z]+(, [A-Z]+)*$' },
    example: 'POST, GET',
  },
}

/** Not on every answer of the sort, whoever asks. */
const OPTIONAL: ReadonlySet<HeaderName> = new Set(['Sunset', 'Next-Cursor'])

/** All headers, as components. */
export function headerComponents(): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(HEADERS).map(([name, facts]) => [
      componentOf(name),
      { ...facts, required: !OPTIONAL.has(name as HeaderName) }, // a key of HEADERS
    ]),
  )
}

/** The headers of an answer; some of them only now and then. */
export function headersOf(always: readonly HeaderName[], sometimes: readonly HeaderName[] = []): Json {
  return Object.fromEntries([
    ...always.map(name => [name, { $ref: `#/components/headers/${componentOf(name)}` }]),
    ...sometimes.map(name => [name, { ...HEADERS[name], required: false }]),
  ])
}

function componentOf(name: string): string {
  return name.replaceAll('-', '')
}
