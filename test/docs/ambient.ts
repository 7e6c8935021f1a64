/**
 * What the examples of the documents take as given. A text, since as a file of this folder it would be given to every
 * test too.
 */
export const AMBIENT = `
import type { Express, RequestHandler } from 'express'
import type Koa from 'koa'
import type passportModule from 'passport'
import type { ApiKey, ApiKeys } from 'sidekey'

declare global {
  /** The app, and what it has of sidekey. */
  const app: Express
  const koa: Koa
  /** What a framework hands to a function from request to answer. */
  const request: Request
  const keys: ApiKeys<'reports:read' | 'reports:write'>
  const passport: typeof passportModule

  /** The app's own login. */
  const verifyJwt: RequestHandler
  const currentUser: unknown

  /** A token that somebody sent, and a key whose token was found where it should not be. */
  const token: string
  const leaked: ApiKey
}
`
