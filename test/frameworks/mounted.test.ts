/** Where the router is, and what bodies look like when they come to it, over every framework. */
import http from 'node:http'
import { gzipSync } from 'node:zlib'
import request from 'supertest'
import { testKeys } from '../support/keys.js'
import { withServer } from './server.js'
import { type Before, STACKS } from './stacks.js'

const alice = { 'x-user': 'alice' }
const bodies = (parses: boolean): readonly Before[] =>
  parses ? ['nothing', 'json', 'text', 'bytes'] : ['nothing']

describe.each(STACKS)('two levels deep over $name', ({ app }) => {
  // koa-mount tells of its innermost mount alone.
  const open = () => request(app(testKeys(), { levels: ['/v1', '/acme', '/api-keys'] }))

  it('serves every route below, and none beside', async () => {
    const agent = open()
    const base = '/v1/acme/api-keys'
    const { id } = (await agent.post(base).set(alice).send({ name: 'k' }).expect(201)).body.apiKey
    for (const path of ['', `/${id}`, `/${id}/audit`, '/audit', '/config', '/openapi.json']) {
      await agent
        .get(base + path)
        .set(alice)
        .expect(200)
    }
    await agent.post(`${base}/${id}/revoke`).set(alice).send({}).expect(200)
    await agent
      .post(`${base}/revoke`)
      .set(alice)
      .send({ ids: [id] })
      .expect(200)
    for (const beside of ['/api-keys', '/acme/api-keys', '/v1/api-keys', '/v1/acme/api-keys2']) {
      expect((await agent.get(beside).set(alice)).body.code).toBeUndefined()
    }
  })

  it('tells where a new key is, and where its document is served', async () => {
    const agent = open()
    const made = await agent.post('/v1/acme/api-keys').set(alice).send({ name: 'k' }).expect(201)
    expect(made.headers.location).toBe(`/v1/acme/api-keys/${made.body.apiKey.id}`)
    await agent.get(`${made.headers.location}`).set(alice).expect(200)
    const document = await agent.get('/v1/acme/api-keys/openapi.json').expect(200)
    expect(document.body.servers).toEqual([{ url: '/v1/acme/api-keys' }])
  })
})

describe.each(STACKS)('bodies over $name', ({ app, parses }) => {
  it.each(bodies(parses))('that come in chunks, after a parser that leaves: %s', async before => {
    const keys = testKeys()
    await withServer(app(keys, { before }), async port => {
      const headers = { ...alice, 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
      const sent = http.request({ port, method: 'POST', path: '/api-keys', headers })
      for (const chunk of ['{"na', 'me":"Ün', 'ï 🔑"', '}']) sent.write(chunk)
      const status = await new Promise(resolve => {
        sent.on('response', answer => resolve(answer.resume().statusCode)).end()
      })
      expect(status).toBe(201)
    })
    expect((await keys.list()).data).toMatchObject([{ name: 'Ünï 🔑' }])
  })

  it.each(bodies(parses))(
    'that are empty where nothing is needed, after a parser that leaves: %s',
    async before => {
      const keys = testKeys()
      const { id } = (await keys.create({ name: 'k', owner: { id: 'alice' } })).apiKey
      const answer = await request(app(keys, { before })).post(`/api-keys/${id}/rotate`).set(alice).send({})
      expect([answer.status, answer.body.apiKey?.version]).toEqual([200, 2])
    },
  )

  it('that are compressed, where nobody inflates them, make nothing', async () => {
    const keys = testKeys()
    const answer = await request(app(keys))
      .post('/api-keys')
      .set({ ...alice, 'content-encoding': 'gzip' })
      .type('json')
      .serialize(one => one)
      .send(gzipSync('{"name":"packed"}'))
    expect([400, 415]).toContain(answer.status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect((await keys.list()).data).toEqual([])
  })
})

describe.each(STACKS.filter(({ parses }) => parses))('bodies over $name', ({ app }) => {
  // Whoever inflates is the app's parser: the router itself reads what it is.
  it.each(['json', 'text'] as const)(
    'that are compressed, and inflated by a parser that leaves: %s',
    async before => {
      const keys = testKeys()
      const agent = request(app(keys, { before }))
      const post = (body: Buffer) =>
        agent
          .post('/api-keys')
          .set({ ...alice, 'content-encoding': 'gzip' })
          .type('json')
          .serialize(one => one)
          .send(body)
      expect((await post(gzipSync('{"name":"packed"}'))).status).toBe(201)
      expect((await keys.list()).data).toMatchObject([{ name: 'packed' }])
      // 70 KiB that come in 100 bytes.
      const large = await post(gzipSync(`{"name":"${'x'.repeat(70 * 1024)}"}`))
      expect([large.status, large.body.code]).toEqual([413, 'BODY_TOO_LARGE'])
    },
  )
})

describe.each(STACKS)('no body at all over $name', ({ app }) => {
  // The servers of the Fetch standard make a stream of nothing.
  it('is as good as an empty object', async () => {
    const keys = testKeys()
    const { id } = (await keys.create({ name: 'k', owner: { id: 'alice' } })).apiKey
    await request(app(keys)).post(`/api-keys/${id}/rotate`).set(alice).expect(200)
    await request(app(keys)).post(`/api-keys/${id}/revoke`).set(alice).expect(200)
  })
})
