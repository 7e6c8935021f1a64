import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Express } from 'express'
import { keyRouter, requireKey } from 'sidekey/express'
import request from 'supertest'
import { type TestKeys, testKeys } from '../support/keys.js'
import { expectProblem, overExpress, whoami } from './support.js'

overExpress('Tokens that are none', express => {
  let keys: TestKeys
  let app: Express
  let token: string
  beforeEach(async () => {
    keys = testKeys()
    app = express().get('/', requireKey(keys), whoami).use('/api-keys', keyRouter(keys))
    token = (await keys.create({ name: 'CI', owner: { id: 'alice' } })).token
  })

  it('answers 431, as Node does, to a header of 1 MiB', async () => {
    const answer = await request(app)
      .get('/')
      .set('X-API-Key', 'x'.repeat(1024 * 1024))
    expect(answer.status).toBe(431)
  })

  it('refuses a token as long as a header may be', async () => {
    for (const header of [`Bearer acme_test_${'x'.repeat(12_000)}`, `Bearer ${token}${'x'.repeat(12_000)}`]) {
      expectProblem(await request(app).get('/').set('Authorization', header), 401, 'KEY_INVALID')
    }
  })

  it.each([
    ['another case', (t: string) => t.toUpperCase()],
    ['half of it', (t: string) => t.slice(0, 40)],
    ['one character more', (t: string) => `${t}0`],
    ['another secret, with a good checksum of its own kind', (t: string) => t.replace(/.{6}$/, 'AAAAAA')],
    ['letters of Latin-1', (t: string) => `${t.slice(0, -1)}é`],
    ['a tab in it', (t: string) => `${t.slice(0, 30)}\t${t.slice(30)}`],
    ['spaces in it', (t: string) => `${t.slice(0, 30)} ${t.slice(30)}`],
    ['quotes around it', (t: string) => `"${t}"`],
    ['another text beside it in one header', (t: string) => `${t.slice(1)}x`],
    ['JSON', (t: string) => JSON.stringify({ $gt: t })],
  ])('refuses %s: 401', async (_, spoil) => {
    expectProblem(await request(app).get('/').set('X-API-Key', spoil(token)), 401, 'KEY_INVALID')
    expectProblem(await request(app).get('/api-keys/me').set('X-API-Key', spoil(token)), 401, 'KEY_INVALID')
  })

  it('never lets two X-API-Key headers pass for one key', async () => {
    const other = (await keys.create({ name: 'CD', owner: { id: 'alice' } })).token
    const server = http.createServer(app).listen(0, '127.0.0.1')
    try {
      await new Promise(resolve => server.once('listening', resolve))
      const { port } = server.address() as AddressInfo // it listens on TCP
      const status = await new Promise(resolve => {
        const headers = { 'X-API-Key': [token, other] }
        http.get({ port, headers }, response => resolve(response.resume().statusCode))
      })
      expect([400, 401]).toContain(status)
    } finally {
      server.close()
    }
  })
})
