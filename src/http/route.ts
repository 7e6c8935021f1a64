/** What a row of the table of routes is. */
import type { z } from 'zod'
import type { ErrorCode } from '../errors.js'
import type { Internals } from '../internals.js'
import type { ApiKey } from '../key/record.js'
import type { ChangeOptions } from '../manage/change.js'
import type { KeyManagement } from '../sidekey.js'
import type { RouterSettings } from './router-options.js'
import { nothing } from './takes.js'

/** What a route gets to work with. */
export interface RouteContext<Query = unknown, Body = unknown> {
  /** The management face of whoever asks. */
  readonly keys: KeyManagement
  /** Who asks, as text by which repeats of the same actor are known. */
  readonly who: () => Promise<string>
  /** The key that the request was made with, or `null`. */
  readonly madeBy: ApiKey | null
  /** The id in the path, where the route has one. */
  readonly id: string
  readonly query: Query
  readonly body: Body
  /** What `If-Match` asks, as the operations take it. */
  readonly condition: ChangeOptions
  /** What `Idempotency-Key` says. */
  readonly idempotencyKey: string | undefined
  /** Where the router is mounted, for `Location`. */
  readonly base: string
  readonly settings: RouterSettings
  /** What the answer is to be, of what the route offers. */
  readonly mediaType: MediaType
  /** Tells of leaked tokens, for a partner. */
  readonly report: (leaks: Parameters<Internals['reportLeaks']>[1]) => ReturnType<Internals['reportLeaks']>
  /** Looks after an operation that goes on when the answer has been given. */
  readonly goesOn: (operation: Promise<unknown>) => void
}

export interface RouteAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** In place of it: CSV. */
  readonly csv?: string
}

export type MediaType = 'application/json' | 'text/csv'

/** Headers that only some answers have. */
export type AnswerHeader = 'ETag' | 'Location' | 'Retry-After' | 'Idempotency-Replayed' | 'Next-Cursor'

/** Headers that only some operations take. */
export type RequestHeader = 'Idempotency-Key' | 'Github-Public-Key-Identifier' | 'Github-Public-Key-Signature'

/** What a route answers with one status, where all is well. */
export interface AnswerFacts {
  /** One sentence. */
  readonly description: string
  /** Without it the answer has no body. */
  readonly body?: z.ZodType
  /** An example of the same as CSV, where that is offered too. */
  readonly csv?: string
  readonly headers?: readonly AnswerHeader[]
}

/** What tells people and programs of a route: all of it is in the OpenAPI document, and in docs/rest.md. */
export interface Operation {
  /** What generated clients call it; never renamed. */
  readonly id: string
  readonly tag: 'Keys' | 'Revocation' | 'Verification' | 'Audit' | 'Usage' | 'About'
  /** A few words, without a full stop. */
  readonly summary: string
  /** Plain words, in Markdown without links. */
  readonly description: string
  readonly answers: Readonly<Record<number, AnswerFacts>>
  /** The codes besides those that follow from method, path and `by`; see codes.ts. */
  readonly codes?: readonly ErrorCode[]
  /** The body, where the operation itself checks it, with the catalogue. */
  readonly body?: z.ZodType
  /** A body that could be sent. */
  readonly example?: object
  /** Headers that it takes, besides `If-Match`, which every change of one record takes. */
  readonly headers?: readonly RequestHeader[]
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Segments below the mount; `:id` is a key's id. */
  readonly path: string
  /**
   * Whom it is for: anyone who is somebody, only whoever comes by a key, everybody, nobody included, or a partner who signs
   * what they send.
   */
  readonly by: 'anyone' | 'key' | 'public' | 'partner'
  readonly query: z.ZodType
  readonly body: z.ZodType
  readonly operation: Operation
  handle(context: RouteContext): Promise<RouteAnswer>
}

interface Takes<Q extends z.ZodType, B extends z.ZodType> {
  readonly by?: Route['by']
  readonly query?: Q
  readonly body?: B
}

/** A row of the table, with the types of what it takes. */
export function route<Q extends z.ZodType = typeof nothing, B extends z.ZodType = typeof nothing>(
  method: Route['method'],
  path: string,
  operation: Operation,
  { by = 'anyone', query, body }: Takes<Q, B>,
  handle: (context: RouteContext<z.output<Q>, z.output<B>>) => Promise<RouteAnswer>,
): Route {
  const row = { method, path, by, query: query ?? nothing, body: body ?? nothing, operation, handle }
  return row as Route // the handler parses query and body by these schemas before it calls
}

/** What the answers of a route may be, that first which it is unless asked otherwise. */
export function offersOf({ operation }: Pick<Route, 'operation'>): readonly MediaType[] {
  const hasCsv = Object.values(operation.answers).some(({ csv }) => csv !== undefined)
  return hasCsv ? ['application/json', 'text/csv'] : ['application/json']
}

/** Whether a route changes one record, and so can be bound to its version by `If-Match`. A balance is not in the record. */
export function changesOne({ method, path }: Pick<Route, 'method' | 'path'>): boolean {
  return method !== 'GET' && path.startsWith('/:id') && path !== '/:id/credits'
}
