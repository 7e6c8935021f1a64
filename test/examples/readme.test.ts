/** The sample on the README's first screen, word for word, in an app with a login, on the Mongo server. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import request from 'supertest'
import { blocksOf } from '../docs/pages.js'
import { type Running, startAround } from './around.js'
import { answersOf } from './typed.js'

const README = readFileSync(resolve(__dirname, '../../README.md'), 'utf8')

let app: Running

beforeEach(async () => {
  const [diff] = blocksOf(README).filter(({ language }) => language === 'diff')
  if (diff === undefined) throw new Error('the README has no sample')
  expect(diff.code).toMatch(/^\+/m)
  expect(diff.code).not.toMatch(/^-/m) // green lines only
  const sample = diff.code
    .split('\n')
    .map(line => line.slice(1))
    .join('\n')
  app = await startAround('readme', sample)
})
afterEach(() => app.stop())

it('is what it takes: the diff of the README runs as it stands', async () => {
  const { address } = app
  const alice = request.agent(address)
  await alice.post('/login').send({ username: 'alice', password: 'alice-password' }).expect(200)
  const made = await alice
    .post('/api-keys')
    .send({ name: 'my script', permissions: ['reports:read'] })
    .expect(201)
  const headers = { Authorization: `Bearer ${made.body.token}` }
  const reports = [{ title: 'Sales, first quarter', by: 'alice' }]
  expect((await request(address).get('/reports').set(headers).expect(200)).body).toEqual(reports)
  expect((await alice.get('/reports').expect(200)).body).toEqual(reports)
  await request(address).get('/reports').expect(401)
  expect((await request(address).get('/api-keys/ui/').expect(200)).text).toContain('<title>API keys</title>')

  const root = request.agent(address)
  await root.post('/login').send({ username: 'root', password: 'root-password' }).expect(200)
  await root.post(`/api-keys/${made.body.apiKey.id}/revoke`).send({ reason: 'leaked' }).expect(200)
  const refused = await request(address).get('/reports').set(headers).expect(401)
  expect(refused.body.code).toBe('KEY_REVOKED')
})

it('answers what the README says to the commands that it shows', async () => {
  const sessions = blocksOf(README).filter(({ language }) => language === 'console')
  expect(sessions.length).toBeGreaterThan(3)
  const compared = await answersOf(app.address, sessions)
  expect(compared).toHaveLength(5)
  for (const { shown, got } of compared) expect(got).toMatchObject(shown)
})
