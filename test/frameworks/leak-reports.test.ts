/** `POST /leaks` over every framework: messages signed by a key made here. */
import { hash } from 'node:crypto'
import type { KeyEvent } from 'sidekey'
import { keyRouter } from 'sidekey/express'
import request from 'supertest'
import type { LeakOptions } from '../../src/http/leak-options.js'
import { quiet, refusal, testKeys } from '../support/keys.js'
import { messageOf, newPartner, PLACE } from '../support/partner.js'
import { FRAMEWORKS } from './apps.js'
import { type Before, STACKS } from './stacks.js'
import '../http/documented.js'

const partner = newPartner()
const leaks: LeakOptions = { publicKeys: { public_keys: [partner.published] } }
const KINDS = { secret: {}, publishable: { prefix: 'acme_pub' } } as const

const label = (token: string, is: 'true_positive' | 'false_positive') => ({
  token_hash: hash('sha256', token, 'hex'),
  token_type: 'acme_api_key',
  label: is,
})

describe.each(FRAMEWORKS)('a report of leaked tokens over $name', ({ app }) => {
  it('ends secret keys, only reports publishable ones, and tells which are real', async () => {
    const keys = testKeys({ kinds: KINDS })
    const told: KeyEvent[] = []
    keys.on('leaked', event => told.push(event))
    const secret = await keys.create({ name: 's', owner: { id: 'alice' } })
    const publishable = await keys.create({ name: 'p', owner: { id: 'alice' }, kind: 'publishable' })
    const nobodys = `acme_test_${'0'.repeat(16)}_${'x'.repeat(49)}`
    const body = messageOf(secret.token, publishable.token, nobodys, 'something else')
    const answer = await request(app(keys, { leaks }))
      .post('/api-keys/leaks')
      .set(partner.headers(body))
      .send(body)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual([
      label(secret.token, 'true_positive'),
      label(publishable.token, 'true_positive'),
      label(nobodys, 'false_positive'),
      label('something else', 'false_positive'),
    ])
    expect(await keys.verify(secret.token)).toMatchObject({ ok: false, code: 'KEY_REVOKED' })
    expect(await keys.verify(publishable.token)).toMatchObject({ ok: true })
    expect(await keys.get(secret.apiKey.id)).toMatchObject({
      revoked: { by: null, reason: `leaked: ${PLACE}` },
    })
    expect(told.map(({ apiKey, audit }) => [apiKey?.id, audit.action, audit.reason])).toEqual([
      [secret.apiKey.id, 'leak', `found: ${PLACE}`],
      [publishable.apiKey.id, 'leak', `found: ${PLACE}`],
    ])
    const { data } = await keys.audit({ keyId: secret.apiKey.id })
    expect(data.map(({ action, ip }) => [action, ip])).toEqual([
      ['leak', expect.any(String)],
      ['revoke', expect.any(String)],
      ['create', null],
    ])
  })

  it('that comes again changes nothing, and is told once', async () => {
    const keys = testKeys()
    const told: KeyEvent[] = []
    keys.on('leaked', event => told.push(event))
    const { apiKey, token } = await keys.create({ name: 's', owner: { id: 'alice' } })
    const body = messageOf(token)
    const http = request(app(keys, { leaks }))
    const send = () => http.post('/api-keys/leaks').set(partner.headers(body)).send(body).expect(200)
    await send()
    const first = await keys.get(apiKey.id)
    await Promise.all([send(), send()])
    expect(await keys.get(apiKey.id)).toEqual(first)
    expect(told).toHaveLength(1)
  })

  it.each([
    ['unsigned', {}],
    ['signed by another', newPartner(partner.name).headers(messageOf('x'))],
  ])('is refused where it is %s, before anything is looked up', async (_, headers) => {
    const keys = testKeys()
    const { apiKey, token } = await keys.create({ name: 's', owner: { id: 'alice' } })
    const answer = await request(app(keys, { leaks }))
      .post('/api-keys/leaks')
      .set({ 'content-type': 'application/json', ...headers, 'x-user': 'root' })
      .send(messageOf(token))
    expect(answer).toMatchObject({ status: 403, body: { code: 'SIGNATURE_INVALID' } })
    expect(JSON.stringify(answer.body)).not.toContain(apiKey.id)
    expect(await keys.get(apiKey.id)).toMatchObject({ status: 'active' })
  })

  it.each([
    ['no JSON', 'nonsense'],
    ['no list', '{"token":"x"}'],
    ['an empty list', '[]'],
    ['a match without a type', '[{"token":"x"}]'],
    ['nothing', ''],
  ])('that is %s is refused though it is signed', async (_, body) => {
    const http = request(app(testKeys(), { leaks }))
    const answer = await http.post('/api-keys/leaks').set(partner.headers(body)).send(body)
    expect(answer.status).toBe(400)
  })

  it('has no route where the app has not asked for it', async () => {
    const body = messageOf('x')
    const http = request(app(testKeys()))
    const answer = await http.post('/api-keys/leaks').set(partner.headers(body)).send(body)
    expect(answer).toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } })
  })

  it('is asked for neither a login, nor an origin, nor a CSRF token', async () => {
    const csrf = jest.fn(() => false)
    const body = messageOf('x')
    const http = request(app(testKeys(), { leaks, csrf }))
    await http.post('/api-keys/leaks').set(partner.headers(body)).send(body).expect(200)
    expect(csrf).not.toHaveBeenCalled()
  })
})

describe.each(STACKS)('the bytes as they were sent, over $name', ({ name, parses, app }) => {
  const befores: Before[] = [
    'nothing',
    'text',
    'bytes',
    ...(name.startsWith('Koa') ? (['json'] as const) : []),
  ]

  it.each(befores)('are there after %s', async before => {
    const keys = testKeys()
    const { token } = await keys.create({ name: 's', owner: { id: 'alice' } })
    // Spaces and order that a parser would not keep.
    const body = `[ { "token" : "${token}",\n "url":"", "type":"é \\u00e9" } ]`
    const http = request(app(keys, { before, options: { leaks } }))
    await http.post('/api-keys/leaks').set(partner.headers(body)).send(body).expect(200)
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_REVOKED' })
  })

  it('are asked for, in words, where a parser has not kept them', async () => {
    if (!parses || name.startsWith('Koa')) return expect(befores).toContain('nothing')
    const warn = jest.fn()
    const keys = testKeys({ logger: { ...quiet, warn } })
    const body = messageOf('x')
    const http = request(app(keys, { before: 'json', options: { leaks } }))
    const answer = await http.post('/api-keys/leaks').set(partner.headers(body)).send(body)
    expect(answer).toMatchObject({ status: 500, body: { code: 'RAW_BODY_REQUIRED' } })
    expect(warn).toHaveBeenCalledWith(
      { help: 'docs/warnings.md#raw-body-required' },
      expect.stringContaining('express.json({ verify'),
    )
  })

  it('are bounded in size', async () => {
    const body = messageOf('x'.repeat(1024 * 1024))
    const http = request(app(testKeys(), { options: { leaks } }))
    const answer = await http.post('/api-keys/leaks').set(partner.headers(body)).send(body)
    expect(answer).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } })
  })
})

it('serves behind express.json() that keeps the bytes', async () => {
  const { default: express } = await import('express')
  const keys = testKeys()
  const app = express()
  app.use(express.json({ verify: (req, _res, bytes) => void Reflect.set(req, 'rawBody', bytes) }))
  app.use('/api-keys', keyRouter(keys, { leaks }))
  const body = messageOf('x')
  await request(app).post('/api-keys/leaks').set(partner.headers(body)).send(body).expect(200)
})

it.each([
  ['leaks', {}],
  ['leaks.publicKeys', { publicKeys: [] }],
  ['leaks.refresh', { refresh: 'https://api.github.com' }],
  ['leaks.policy.secret', { ...leaks, policy: { secret: 'delete' } }],
  ['leaks.frobnicate', { ...leaks, frobnicate: true }],
])('refuses an option at once, by its name: %s', async (path, options) => {
  const mounting = Promise.resolve().then(() => keyRouter(testKeys(), { leaks: options as never }))
  expect(await refusal(mounting)).toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(`${path}:`),
  })
})
