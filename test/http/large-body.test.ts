/** A body that is too large, of a client that is behind a proxy or still sending. */
import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express5, { type Express } from 'express'
import express4 from 'express4'
import Koa from 'koa'
import { keyRouter as expressRouter, requireKey } from 'sidekey/express'
import { keyRouter as koaRouter, requireKey as requireKeyOnKoa } from 'sidekey/koa'
import { type TestKeys, testKeys } from '../support/keys.js'

const LIMIT = 64 * 1024

interface App {
  readonly name: string
  /** With `/api-keys`, and behind a parser that reads only the first chunk of a body all else is a route for keys. */
  readonly listener: (keys: TestKeys) => RequestListener
}

function overExpress(express: () => Express): App['listener'] {
  return keys =>
    express()
      .set('trust proxy', true)
      .use('/api-keys', expressRouter(keys))
      .use(async (req, _res, next) => {
        for await (const _ of req) break
        next()
      })
      .use(requireKey(keys), (req, res) => void res.json({ id: req.apiKey?.id }))
}

const APPS: readonly App[] = [
  { name: 'Express 5', listener: overExpress(() => express5()) },
  // The types of the two differ in corners that the tests do not touch.
  { name: 'Express 4', listener: overExpress(() => express4() as unknown as Express) },
  {
    name: 'Koa',
    listener: keys => {
      const app = new Koa({ proxy: true })
      app.use(koaRouter(keys, { path: '/api-keys' }))
      app.use(async (ctx, next) => {
        for await (const _ of ctx.req) break
        return next()
      })
      app.use(requireKeyOnKoa(keys))
      app.use(ctx => {
        ctx.body = { id: ctx.state.apiKey.id }
      })
      return app.callback()
    },
  },
]

describe.each(APPS)('A body that is too large ($name)', ({ listener }) => {
  let keys: TestKeys
  let server: http.Server
  let agent: http.Agent
  beforeEach(async () => {
    keys = testKeys()
    server = http.createServer(listener(keys)).listen(0, '127.0.0.1')
    agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    await once(server, 'listening')
  })
  afterEach(() => {
    agent.destroy()
    server.closeAllConnections()
    server.close()
  })

  function start(path: string, headers: http.OutgoingHttpHeaders): http.ClientRequest {
    const { port } = server.address() as AddressInfo // it listens on TCP
    const all = {
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
      'x-forwarded-for': '203.0.113.7',
      ...headers,
    }
    return http.request({ port, path, method: 'POST', headers: all, agent })
  }

  async function answerTo(request: http.ClientRequest): Promise<{ status: unknown; body: unknown }> {
    const [response] = (await once(request, 'response')) as [http.IncomingMessage] // as Node documents it
    return { status: response.statusCode, body: JSON.parse((await response.toArray()).join('')) }
  }

  it('is told so to a key behind a proxy', async () => {
    const { token } = await keys.create({
      name: 'k',
      owner: { id: 'alice' },
      permissions: ['api-keys:*'],
      restrictions: { ips: ['203.0.113.7'] },
    })
    const request = start('/api-keys', { 'x-api-key': token })
    request.end('x'.repeat(2 * LIMIT))
    expect(await answerTo(request)).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } })
  })

  it('is told so while the client is still sending, who then goes on', async () => {
    const { token } = await keys.create({
      name: 'k',
      owner: { id: 'alice' },
      permissions: ['api-keys:*'],
    })
    const request = start('/api-keys', { 'x-api-key': token })
    request.write('x'.repeat(2 * LIMIT))
    expect(await answerTo(request)).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } })
    request.end('x'.repeat(2 * LIMIT))
    const next = start('/api-keys', { 'x-api-key': token })
    next.end('{"name":"next"}')
    expect(await answerTo(next)).toMatchObject({ status: 201, body: { apiKey: { name: 'next' } } })
  })

  it("is no failure of a route's, whose parser has destroyed the request: its address is not known", async () => {
    const free = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const bound = await keys.create({
      name: 'k',
      owner: { id: 'alice' },
      restrictions: { ips: ['203.0.113.7'] },
    })
    const first = start('/reports', { 'x-api-key': free.token })
    first.end('xx')
    expect(await answerTo(first)).toEqual({ status: 200, body: { id: free.apiKey.id } })
    const second = start('/reports', { 'x-api-key': bound.token })
    second.end('xx')
    expect(await answerTo(second)).toMatchObject({ status: 403, body: { code: 'IP_NOT_ALLOWED' } })
  })
})
