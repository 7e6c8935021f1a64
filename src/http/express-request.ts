/** What the router, the checks and the Passport strategy do with a request of Express, and with its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Request } from 'express'
import type { ApiKey } from '../key/record.js'
import { identityOf } from '../manage/caller.js'
import { keepOutOfSession, setUserOfKey } from './login.js'
import { nodeHeader } from './node-header.js'
import { mergedVary } from './vary.js'
import type { RequestView } from './view.js'

/** Makes the request the key's: its record, its owner's user (or none), and no login from it. */
export function enter(request: Request, apiKey: ApiKey, user: unknown): void {
  request.apiKey = apiKey
  setUserOfKey(request, user)
  keepOutOfSession(request)
}

/** What the checks look at. */
export function viewOf(request: Request): RequestView {
  return {
    native: request,
    identity: identityOf(request),
    // None, once a parser of the app's has destroyed the request: Express itself would throw.
    ip: () => (request.socket ? request.ip : undefined),
    trustsProxy: () => trustsProxy(request),
    header: name => nodeHeader(request, name),
    beforeMark: () => loosen(request),
  }
}

/** Whether the app believes what the nearest proxy says, as Express itself asks. */
export function trustsProxy(request: Request): boolean {
  const trusts: unknown = request.app?.get('trust proxy fn')
  return typeof trusts === 'function' && trusts(request.socket?.remoteAddress, 0) === true
}

/** Sets them beside those of the app, whose `Vary` stays. */
export function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const name in headers) {
    const value = headers[name] as string // a name of its own
    response.setHeader(name, name === 'vary' ? mergedVary(response.getHeader(name), value) : value)
  }
}

/**
 * Has the engine keep a request's properties in a table, as it does with any object that one is taken from. Express gives each
 * request another prototype; from then on no two share a shape, each property more makes a shape of its own, and each that is
 * read is looked for in it: three properties that are set take longer than the table and the properties together, and
 * whatever the app and Express read afterwards is found sooner (bench/http.ts).
 */
function loosen(request: IncomingMessage): void {
  const { httpVersionMinor } = request
  if (httpVersionMinor !== undefined && Reflect.deleteProperty(request, 'httpVersionMinor'))
    request.httpVersionMinor = httpVersionMinor
}
