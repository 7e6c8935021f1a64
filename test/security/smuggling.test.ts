/** What proxies and the app may read in two ways: the same header twice, folded, joined; bodies with two lengths; line breaks. */
import type { RequestListener } from 'node:http'
import express5 from 'express'
import express4 from 'express4'
import Koa from 'koa'
import type { Created } from 'sidekey'
import * as onExpress from 'sidekey/express'
import * as onKoa from 'sidekey/koa'
import { type TestKeys, testKeys } from '../support/keys.js'
import { answersIn, type RawServer, requestOf, serveRaw, statusesIn } from './raw.js'

const overExpress =
  (express: typeof express5) =>
  (keys: TestKeys): RequestListener =>
    express()
      .use('/of/:tenant/api-keys', onExpress.keyRouter(keys))
      .use('/api-keys', onExpress.keyRouter(keys))
      .get('/', onExpress.requireKey(keys), (req, res) => void res.json({ id: req.apiKey?.id }))

const FRAMEWORKS: readonly { readonly name: string; readonly app: (keys: TestKeys) => RequestListener }[] = [
  { name: 'Express 5', app: overExpress(express5) },
  { name: 'Express 4', app: overExpress(express4 as unknown as typeof express5) }, // only what both have is used
  {
    name: 'Koa 3',
    app: keys => {
      const app = new Koa()
      app.silent = true
      app.use(onKoa.keyRouter(keys, { path: '/api-keys' }))
      app.use(onKoa.requireKey(keys))
      app.use(ctx => {
        ctx.body = { id: ctx.state.apiKey.id }
      })
      return app.callback()
    },
  },
]

describe.each(FRAMEWORKS)('a request that can be read in two ways, over $name', ({ app }) => {
  let keys: TestKeys
  let server: RawServer
  let first: Created
  let second: Created
  beforeEach(async () => {
    keys = testKeys()
    server = await serveRaw(app(keys))
    first = await keys.create({ name: 'first', owner: { id: 'alice' }, permissions: ['*'] })
    second = await keys.create({ name: 'second', owner: { id: 'bob' } })
  })
  afterEach(() => server.close())

  const ask = (...headers: string[]) => server.send(requestOf('GET /', headers))

  it.each<[string, (a: string, b: string) => string[]]>([
    ['Authorization twice', (a, b) => [`Authorization: Bearer ${a}`, `authorization: Bearer ${b}`]],
    ['Authorization joined by a comma', (a, b) => [`Authorization: Bearer ${a}, Bearer ${b}`]],
    ['X-API-Key twice', (a, b) => [`X-API-Key: ${a}`, `X-Api-Key: ${b}`]],
    ['X-API-Key joined by a comma', (a, b) => [`X-API-Key: ${a}, ${b}`]],
    ['X-API-Key beside Authorization', (a, b) => [`X-API-Key: ${a}`, `Authorization: Bearer ${b}`]],
  ])('is refused where it presents two keys, whichever comes first: %s', async (_, headers) => {
    for (const [a, b] of [
      [first.token, second.token],
      [second.token, first.token],
    ] as const) {
      const answer = await ask(...headers(a, b))
      expect(statusesIn(answer)).toEqual([400])
      expect(answer).toContain('"code":"MULTIPLE_KEYS"')
      expect(answer).not.toContain('apiKey')
    }
  })

  it('is taken where it presents one key twice', async () => {
    const bearer = `Authorization: Bearer ${first.token}`
    expect(await ask(bearer, bearer)).toContain(first.apiKey.id)
    expect(await ask(`${bearer}, Bearer ${first.token}`)).toContain(first.apiKey.id)
  })

  it.each<[string, (token: string) => string[], number]>([
    ['a header that goes on in the next line', token => ['Authorization: Bearer', ` ${token}`], 400],
    ['the same with a tab', token => ['X-API-Key:', `\t${token}`], 400],
    ['a blank before the colon', token => [`X-API-Key : ${token}`], 400],
    ['a line that ends without a carriage return', token => [`X-Other: a\nX-API-Key: ${token}`], 400],
    ['a NUL', token => [`X-API-Key: ${token}\0`], 400],
    ['underscores in a name', token => [`X_API_Key: ${token}`], 401],
    ['a name that only begins so', token => [`X-API-Key2: ${token}`], 401],
    ['a proxy’s own credentials', token => [`Proxy-Authorization: Bearer ${token}`], 401],
    ['a name in a trailer, not a header', token => [`Trailer: X-API-Key`, `TE: trailers, ${token}`], 401],
  ])('lets nobody in by %s', async (_, headers, status) => {
    expect(statusesIn(await ask(...headers(first.token)))).toEqual([status])
  })

  const BODY = '{"name":"smuggled"}'
  it.each<[string, string[], string]>([
    [
      'Content-Length beside Transfer-Encoding',
      ['Content-Length: 4', 'Transfer-Encoding: chunked'],
      `0\r\n\r\n${BODY}`,
    ],
    ['the other way round', ['Transfer-Encoding: chunked', `Content-Length: ${BODY.length}`], BODY],
    ['an encoding that is not known', ['Transfer-Encoding: xchunked'], BODY],
    ['chunked that is not last', ['Transfer-Encoding: chunked, identity'], BODY],
    ['two lengths', ['Content-Length: 0', `Content-Length: ${BODY.length}`], BODY],
    ['a length with a sign', [`Content-Length: +${BODY.length}`], BODY],
    ['a size of a chunk that is no number', ['Transfer-Encoding: chunked'], `0x13\r\n${BODY}\r\n0\r\n\r\n`],
  ])('makes no key where its length is told in two ways: %s', async (_, headers, body) => {
    const all = ['Content-Type: application/json', `X-API-Key: ${first.token}`, ...headers]
    const answer = await server.send(requestOf('POST /api-keys', all, body))
    expect(statusesIn(answer)).toEqual([400])
    expect((await keys.list()).data.map(key => key.name).sort()).toEqual(['first', 'second'])
  })

  it.each([
    ['without a login', [], 401],
    ['of a type that is not taken', ['Content-Type: text/plain', 'X-API-Key: {token}'], 415],
    ['too large', ['Content-Type: application/json', 'X-API-Key: {token}'], 413],
    ['for no route', ['X-API-Key: {token}'], 404],
  ] as const)(
    'is one request: what is in its body is none, also where it is refused: %s',
    async (_, given, status) => {
      const inner = requestOf(`POST /api-keys/${first.apiKey.id}/revoke`, [
        `X-API-Key: ${first.token}`,
        'Content-Length: 0',
      ])
      const body = status === 413 ? inner.padEnd(70 * 1024, ' ') : inner
      const headers = given.map(header => header.replace('{token}', first.token))
      const line = status === 404 ? 'POST /api-keys/no/such' : 'POST /api-keys'
      const sent = requestOf(line, [...headers, `Content-Length: ${body.length}`], body)
      // The connection stays open, so that more could come of it.
      const outer = sent.replace('Connection: close\r\n', '')
      const last = requestOf('GET /api-keys/me', [`X-API-Key: ${first.token}`])
      expect(statusesIn(await server.send(outer + last))).toEqual([status, 200])
      expect(await keys.get(first.apiKey.id)).toMatchObject({ status: 'active' })
    },
  )

  it('writes nothing of a request into a header such that it begins another', async () => {
    const marks = ['%0d%0aX-Injected:%20yes', '%E5%98%8D%E5%98%8AX-Injected:yes', '\u00ff', '%00']
    const auth = `X-API-Key: ${first.token}`
    const json = ['Content-Type: application/json', `Content-Length: ${BODY.length}`]
    for (const mark of marks) {
      const answers = await Promise.all([
        server.send(requestOf(`GET /api-keys/${mark}`, [auth])),
        server.send(requestOf(`PUT /api-keys/${mark}`, [auth])),
        server.send(requestOf(`GET /api-keys?q=${mark}&${mark}=1`, [auth])),
        server.send(requestOf(`GET /api-keys/usage?timeZone=${mark}`, [auth, 'Accept: text/csv'])),
        server.send(requestOf('POST /api-keys', [auth, ...json, `Idempotency-Key: ${mark}`], BODY)),
        server.send(requestOf('PATCH /api-keys/x', [auth, ...json, `If-Match: "${mark}"`], BODY)),
        server.send(requestOf(`POST /of/${mark}/api-keys`, [auth, ...json], BODY)),
      ])
      for (const answer of answers) {
        const heads = answersIn(answer).map(one => one.split('\r\n\r\n')[0] ?? '')
        expect(heads).toHaveLength(1)
        expect(heads[0]).not.toMatch(/^x-injected/im)
        expect(heads[0]).not.toMatch(/[^\r\n\x20-\x7e]/)
      }
    }
  })
})

it.each(FRAMEWORKS.slice(0, 2))('a new key is where its path was written, over $name', async ({ app }) => {
  const keys = testKeys()
  const server = await serveRaw(app(keys))
  const { token } = await keys.create({ name: 'k', owner: { id: 'alice' }, permissions: ['*'] })
  const body = '{"name":"new"}'
  const headers = ['Content-Type: application/json', `X-API-Key: ${token}`, `Content-Length: ${body.length}`]
  const answer = await server.send(requestOf('POST /of/a%0d%0aX-Injected:%20b/api-keys', headers, body))
  server.close()
  expect(answer).toMatch(/^location: \/of\/a%0d%0aX-Injected:%20b\/api-keys\/\w{16}\r$/im)
})
