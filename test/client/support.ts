/** A real server with the router, and clients of it. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express, type RequestHandler } from 'express'
import { keyRouter } from 'sidekey/express'
import { type KeyClient, KeyClientError, type KeyClientOptions, keyClient } from '../../src/client/index.js'
import { type TestKeys, type TestPermission, type TestUser, USERS } from '../support/keys.js'

/** What a request came with. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface TestServer {
  readonly origin: string
  /** The requests that came, in their order. */
  readonly seen: Seen[]
  /** Handlers that stand before the router, each for one request to it. */
  readonly faults: RequestHandler[]
  client(user: TestUser, options?: Partial<KeyClientOptions>): KeyClient<TestPermission>
  close(): Promise<void>
}

/** Serves the router of `keys` at `/api-keys`, for users who are logged in as `loginOf` says. */
export async function serve(keys: TestKeys, add: (app: Express) => void = () => {}): Promise<TestServer> {
  const seen: Seen[] = []
  const faults: RequestHandler[] = []
  const app = express()
  app.use('/api-keys', (req, res, next) => {
    seen.push({ method: req.method, url: req.url, headers: req.headers })
    const fault = faults.shift() ?? ((_req, _res, pass) => pass())
    return fault(req, res, next)
  })
  app.use(login)
  add(app)
  app.use('/api-keys', keyRouter(keys))
  const server = createServer(app)
  const origin = await listen(server)
  return {
    origin,
    seen,
    faults,
    client: (user, options = {}) =>
      keyClient({
        baseUrl: `${origin}/api-keys`,
        headers: loginOf(user),
        ...options,
      }),
    close: () => close(server),
  }
}

/** The app's own login: a header, or a cookie, names the user. */
export const login: RequestHandler = (req, _res, next) => {
  const [, id] = /^user=(\w+)$/.exec(req.headers.cookie ?? '') ?? []
  const user = USERS.find(one => one.id === (id ?? req.headers['x-user']))
  if (user !== undefined) Object.assign(req, { user })
  next()
}

/** The headers by which this user is logged in. */
export function loginOf(user: TestUser): Record<string, string> {
  return { 'x-user': user.id }
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return `http://127.0.0.1:${port}`
}

export function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise(resolve => server.close(() => resolve()))
}

/** Answers with this status and these headers, as a proxy would: without a problem document. */
export function answers(status: number, headers: Record<string, string> = {}): RequestHandler {
  return (_req, res) => void res.status(status).set(headers).type('html').send('<h1>A page of a proxy</h1>')
}

/** Hangs up without an answer. */
export const hangsUp: RequestHandler = req => void req.socket.destroy()

/** Does what is asked, and hangs up before it is answered. */
export const losesAnswer: RequestHandler = (req, res, next) => {
  res.end = () => {
    req.socket.destroy()
    return res
  }
  next()
}

/** The error that a call rejects with, which must be the client's. */
export async function failure(call: Promise<unknown>): Promise<KeyClientError> {
  try {
    await call
  } catch (error) {
    if (error instanceof KeyClientError) return error
    throw error
  }
  throw new Error('expected a KeyClientError, but the call resolved')
}
