import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Express, RequestHandler } from 'express'
import { keyRouter } from 'sidekey/express'
import { alice, type TestKeys, testKeys } from '../support/keys.js'
import {
  type Agent,
  appWith,
  type ExpressModule,
  expectFields,
  expectProblem,
  loggedIn,
  namesOf,
  overExpress,
} from './support.js'

/** What an app may have before the router. */
const PARSERS: readonly {
  readonly name: string
  readonly parser: (express: ExpressModule) => RequestHandler[]
}[] = [
  { name: 'no body parser', parser: () => [] },
  {
    name: 'express.json() and express.urlencoded()',
    parser: express => [express.json({ limit: '1mb' }), express.urlencoded({ extended: true })],
  },
  { name: 'express.text()', parser: express => [express.text({ type: '*/*', limit: '1mb' })] },
  { name: 'express.raw()', parser: express => [express.raw({ type: '*/*', limit: '1mb' })] },
]

const LIMIT = 64 * 1024
/** JSON of exactly this many bytes. */
const sized = (bytes: number, tail = '}'): string => {
  const head = '{"name":"CI"'
  return head + ' '.repeat(bytes - head.length - tail.length) + tail
}

overExpress('Bodies', express => {
  describe.each(PARSERS)('after $name', ({ parser }) => {
    let keys: TestKeys
    let app: Express
    let agent: Agent
    beforeEach(async () => {
      keys = testKeys()
      app = appWith(express, app => {
        for (const handler of parser(express)) app.use(handler)
        app.use('/api-keys', keyRouter(keys))
      })
      agent = await loggedIn(app, alice)
    })

    const post = (type: string, text: string) => agent.post('/api-keys').set('Content-Type', type).send(text)

    it.each([
      'application/json',
      'application/json; charset=utf-8',
      'Application/JSON',
      'application/vnd.acme+json',
    ])('takes %s', async type => {
      await post(type, '{"name":"Ünï 🔑"}').expect(201)
      expect(await namesOf(agent)).toEqual(['Ünï 🔑'])
    })

    it.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'text/json',
      'application/xml',
    ])('refuses %s: 415', async type => {
      expectProblem(await post(type, '{"name":"CI"}'), 415, 'UNSUPPORTED_MEDIA_TYPE')
      expect(await namesOf(agent)).toEqual([])
    })

    it('takes a body of 64 KiB', async () => {
      await post('application/json', sized(LIMIT)).expect(201)
    })

    it('refuses a body over 64 KiB that says its length: 413', async () => {
      expectProblem(await post('application/json', sized(LIMIT + 1)), 413, 'BODY_TOO_LARGE')
      expect(await namesOf(agent)).toEqual([])
    })

    it('refuses a token of 1 MiB at /lookup: 413', async () => {
      const answer = await agent.post('/api-keys/lookup').send({ token: 'x'.repeat(900_000) })
      expectProblem(answer, 413, 'BODY_TOO_LARGE')
    })

    it('refuses a body over 64 KiB that comes in chunks: 413', async () => {
      const { apiKey } = await keys.create({ name: 'kept', owner: { id: 'alice' } })
      const chunk = `"${'x'.repeat(16 * 1024)}",`
      const text = ['{"name":"x","tags":[', chunk, chunk, chunk, chunk, chunk, '"x"]}']
      expect(await inChunks(app, `/api-keys/${apiKey.id}`, 'PATCH', text)).toMatchObject({
        status: 413,
        code: 'BODY_TOO_LARGE',
      })
      expect(await keys.get(apiKey.id)).toMatchObject({ name: 'kept', version: 1 })
    })

    it('takes a small body that comes in chunks', async () => {
      const answer = await inChunks(app, '/api-keys', 'POST', ['{"na', 'me":', '"CI"}'])
      expect(answer.status).toBe(201)
    })

    it.each(['[]', '[{"name":"CI"}]', '{}'])('refuses %s, which is no key', async text => {
      expectProblem(await post('application/json', text), 400, 'INVALID_INPUT')
      expect(await namesOf(agent)).toEqual([])
    })

    it('refuses no body where one is needed, and needs none where all is optional', async () => {
      expectFields(await agent.post('/api-keys'), '')
      const { apiKey } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
      await agent.post(`/api-keys/${apiKey.id}/rotate`).expect(200)
      await agent.post(`/api-keys/${apiKey.id}/revoke`).expect(200)
    })
  })

  // With express.json() these are its own errors, answered by the app.
  it.each([
    '{"name":',
    '{name:"CI"}',
    "{'name':'CI'}",
    'name=CI',
    '\u0000',
    '{"name":"CI"} x',
    '{"name":"a\nb"}',
  ])('refuses %j, which is not JSON', async text => {
    const agent = await loggedIn(
      appWith(express, app => app.use('/api-keys', keyRouter(testKeys()))),
      alice,
    )
    const answer = await agent.post('/api-keys').set('Content-Type', 'application/json').send(text)
    expectFields(answer, '')
    expect(await namesOf(agent)).toEqual([])
  })

  it.each(['null', '"CI"', '42', 'true'])('refuses %s, which is JSON but no object', async text => {
    const agent = await loggedIn(
      appWith(express, app => {
        app.use('/parsed', express.json({ strict: false }), keyRouter(testKeys()))
        app.use('/api-keys', keyRouter(testKeys()))
      }),
      alice,
    )
    for (const path of ['/api-keys', '/api-keys/revoke', '/api-keys/lookup', '/parsed', '/parsed/revoke']) {
      const answer = await agent.post(path).set('Content-Type', 'application/json').send(text)
      expectProblem(answer, 400, 'INVALID_INPUT')
    }
    expect(await namesOf(agent)).toEqual([])
  })
})

/** Sends a body that does not say its length, in alice's session. */
async function inChunks(
  app: Express,
  path: string,
  method: string,
  chunks: readonly string[],
): Promise<{ status: number | undefined; code: unknown }> {
  const server = http.createServer(app).listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // it listens on TCP
    const headers = {
      cookie: await cookieOf(port),
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
    }
    const request = http.request({ port, path, method, headers })
    for (const chunk of chunks) request.write(chunk)
    request.end()
    const [response] = (await once(request, 'response')) as [http.IncomingMessage] // as Node documents it
    const answer = JSON.parse((await response.toArray()).join(''))
    return { status: response.statusCode, code: answer.code }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function cookieOf(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/login/${alice.id}`, { method: 'POST' })
  return answer.headers.getSetCookie().join('; ')
}
