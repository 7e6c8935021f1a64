import type { Express } from 'express'
import { keyRouter } from 'sidekey/express'
import request from 'supertest'
import { alice, type TestKeys, testKeys } from '../support/keys.js'
import { type Agent, appWith, expectProblem, loggedIn, namesOf, overExpress } from './support.js'

const HOST = 'app.example.com'
type Headers = Readonly<Record<string, string>>

/** What browsers send of pages that are not of this origin. */
const FOREIGN: readonly (readonly [string, Headers])[] = [
  ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }],
  ['another site, origin withheld', { 'Sec-Fetch-Site': 'cross-site' }],
  ['a sister host of the same site', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://blog.example.com' }],
  ['a sandboxed page', { 'Sec-Fetch-Site': 'cross-site', Origin: 'null' }],
  ['a sandboxed page, in an older browser', { Origin: 'null' }],
  ['another site, in an older browser', { Origin: 'https://evil.example' }],
  ['a host that begins alike', { Origin: `https://${HOST}.evil.example` }],
  ['a host that ends alike', { Origin: `https://evil${HOST}` }],
  ['another port', { Origin: `https://${HOST}:8443` }],
  ['no origin at all', { Origin: 'nonsense' }],
  ['a value nobody knows', { 'Sec-Fetch-Site': 'whatever' }],
]

/** What browsers send of pages of this origin, and programs that are no browsers. */
const OWN: readonly (readonly [string, Headers])[] = [
  ['a page of this origin', { 'Sec-Fetch-Site': 'same-origin', Origin: `https://${HOST}` }],
  ['a page of this origin, in an older browser', { Origin: `https://${HOST}` }],
  ['the user themselves', { 'Sec-Fetch-Site': 'none' }],
  ['a program', {}],
]

overExpress('Changes asked for by pages of other origins', express => {
  let keys: TestKeys
  let app: Express
  let agent: Agent
  const build = (own: TestKeys): Express => appWith(express, app => app.use('/api-keys', keyRouter(own)))
  beforeEach(async () => {
    keys = testKeys()
    app = build(keys)
    agent = await loggedIn(app, alice)
  })

  it.each(FOREIGN)('are refused with the cookie of a session: %s', async (_, headers) => {
    const { apiKey } = await keys.create({ name: 'kept', owner: { id: 'alice' } })
    const path = `/api-keys/${apiKey.id}`
    const as = (headers_: Headers) => ({ Host: HOST, ...headers_ })
    for (const answer of [
      await agent.post('/api-keys').set(as(headers)).send({ name: 'new' }),
      await agent.post('/api-keys').set(as(headers)).type('text/plain').send('{"name":"new"}'),
      await agent.patch(path).set(as(headers)).send({ name: 'changed' }),
      await agent.delete(path).set(as(headers)),
      await agent.post(`${path}/rotate`).set(as(headers)),
      await agent.post(`${path}/revoke`).set(as(headers)),
      await agent
        .post('/api-keys/revoke')
        .set(as(headers))
        .send({ ids: [apiKey.id] }),
      await agent.post('/api-keys/lookup').set(as(headers)).send({ token: 'x' }),
    ]) {
      expectProblem(answer, 403, 'CROSS_ORIGIN')
    }
    expect(await namesOf(agent)).toEqual(['kept'])
    expect(await keys.get(apiKey.id)).toMatchObject({ status: 'active', version: 1 })
  })

  it.each(OWN)('are taken from %s', async (_, headers) => {
    await agent
      .post('/api-keys')
      .set({ Host: HOST, ...headers })
      .send({ name: 'new' })
      .expect(201)
  })

  it.each(FOREIGN)('do not concern reading: %s', async (_, headers) => {
    await agent
      .get('/api-keys')
      .set({ Host: HOST, ...headers })
      .expect(200)
    await agent
      .head('/api-keys')
      .set({ Host: HOST, ...headers })
      .expect(200)
  })

  it.each(FOREIGN)('do not concern keys, which no browser sends by itself: %s', async (_, headers) => {
    const { apiKey, token } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
    const ask = request(app).post(`/api-keys/${apiKey.id}/revoke`)
    await ask.set({ Host: HOST, ...headers, 'X-API-Key': token }).expect(200)
  })

  it('are taken from trusted origins, and only from those', async () => {
    const trusting = await loggedIn(build(testKeys({ trustedOrigins: ['https://admin.example.com'] })), alice)
    const from = (headers: Headers) =>
      trusting
        .post('/api-keys')
        .set({ Host: HOST, ...headers })
        .send({ name: 'new' })
    await from({ 'Sec-Fetch-Site': 'same-site', Origin: 'https://admin.example.com' }).expect(201)
    await from({ Origin: 'https://admin.example.com' }).expect(201)
    for (const origin of ['http://admin.example.com', 'https://admin.example.com:444', 'null']) {
      expectProblem(await from({ 'Sec-Fetch-Site': 'same-site', Origin: origin }), 403, 'CROSS_ORIGIN')
      expectProblem(await from({ Origin: origin }), 403, 'CROSS_ORIGIN')
    }
  })

  it('believe X-Forwarded-Host only behind a proxy that the app trusts', async () => {
    const headers = { Host: 'internal:3000', 'X-Forwarded-Host': HOST, Origin: `https://${HOST}` }
    expectProblem(await agent.post('/api-keys').set(headers).send({ name: 'new' }), 403, 'CROSS_ORIGIN')
    app.set('trust proxy', 1)
    await agent.post('/api-keys').set(headers).send({ name: 'new' }).expect(201)
    const foreign = { ...headers, Origin: 'https://evil.example' }
    expectProblem(await agent.post('/api-keys').set(foreign).send({ name: 'new' }), 403, 'CROSS_ORIGIN')
  })
})
