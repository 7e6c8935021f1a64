/** What the router, the checks and the Passport strategy do with a request of Express, and with its answer. */
import type { ServerResponse } from 'node:http'
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
 * Has the engine keep the properties of a request and of its response in tables, as it does with any object that one is taken
 * from. Express gives each of both another prototype; from then on no two share a shape, each property more makes a shape of its
 * own, and each that is read is looked for in it: a header that is set, or three properties, take longer than the tables do, and
 * whatever the app, Express and Node read afterwards is found sooner (bench/http.ts).
 */
function loosen(request: Request): void {
  const { httpVersionMinor, res } = request
  if (httpVersionMinor !== undefined && Reflect.deleteProperty(request, 'httpVersionMinor'))
    request.httpVersionMinor = httpVersionMinor
  if (res === undefined) return
  const { sendDate } = res
  if (sendDate !== undefined && Reflect.deleteProperty(res, 'sendDate')) res.sendDate = sendDate
}
