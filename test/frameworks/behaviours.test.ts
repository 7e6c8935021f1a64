/** What holds over every framework: the router, the checks before routes, and what goes wrong. */

import { memoryStore } from 'sidekey'
import request from 'supertest'
import type { RouterOptions } from '../../src/http/router-options.js'
import { testKeys } from '../support/keys.js'
import { FRAMEWORKS } from './apps.js'

const asUser = (id: string) => ({ 'x-user': id })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'

describe.each(FRAMEWORKS)('$name', ({ app }) => {
  function open(overrides: Parameters<typeof testKeys>[0] = {}, options: RouterOptions<object> = {}) {
    const keys = testKeys(overrides)
    const listener = app(keys, options)
    return { keys, http: request(listener) }
  }

  it("gives a user the whole life of a key by the app's own login", async () => {
    const { http } = open()
    const me = asUser('alice')
    const made = await http
      .post('/api-keys')
      .set(me)
      .send({ name: 'k', permissions: ['reports:read'] })
    expect(made.status).toBe(201)
    const { id } = made.body.apiKey
    expect(made.headers).toMatchObject({
      location: `/api-keys/${id}`,
      etag: '"1"',
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
    })
    expect((await http.get('/api-keys').set(me)).body.data).toHaveLength(1)
    expect((await http.get(`/api-keys/${id}`).set(me)).body).toMatchObject({ id, name: 'k' })
    const patched = await http.patch(`/api-keys/${id}`).set(me).set('If-Match', '"1"').send({ name: 'n' })
    expect([patched.status, patched.body.name, patched.headers.etag]).toEqual([200, 'n', '"2"'])
    const stale = await http.patch(`/api-keys/${id}`).set(me).set('If-Match', '"1"').send({ name: 'm' })
    expect([stale.status, stale.body.code]).toEqual([412, 'VERSION_MISMATCH'])
    const rotated = await http.post(`/api-keys/${id}/rotate`).set(me).send({ grace: '0s' })
    expect(rotated.status).toBe(200)
    expect((await http.get('/reports').set(bearer(made.body.token))).status).toBe(401)
    expect((await http.get('/reports').set(bearer(rotated.body.token))).body).toEqual({
      user: 'alice',
      apiKey: id,
    })
    const revoked = await http.post(`/api-keys/${id}/revoke`).set(me).send({ reason: 'done' })
    expect([revoked.status, revoked.body.status]).toEqual([200, 'revoked'])
    const deleted = await http.delete(`/api-keys/${id}`).set(me)
    expect([deleted.status, deleted.text]).toEqual([204, ''])
  })

  it('binds every change of a record to the version that If-Match names', async () => {
    const { keys, http } = open()
    const { id } = (await keys.create({ name: 'k', owner: { id: 'deputy' } })).apiKey
    const me = asUser('deputy') // an admin, who may do all of it
    const changes = [
      () => http.patch(`/api-keys/${id}`).send({ name: 'n' }),
      () => http.post(`/api-keys/${id}/rotate`).send({}),
      () => http.post(`/api-keys/${id}/transfer`).send({ owner: { id: 'deputy' } }),
      () => http.delete(`/api-keys/${id}`),
      () => http.post(`/api-keys/${id}/restore`).send({}),
      () => http.post(`/api-keys/${id}/revoke`).send({}),
      () => http.delete(`/api-keys/${id}?purge=true`),
    ]
    let version = 1
    for (const change of changes) {
      for (const tag of ['"99"', `W/"${version}"`, `${version}`, '"1", "2"', '']) {
        const refused = await change().set(me).set('If-Match', tag)
        expect([refused.status, refused.body.code]).toEqual([412, 'VERSION_MISMATCH'])
      }
      const done = await change()
        .set(me)
        .set('If-Match', version % 2 === 0 ? '*' : `"${version}"`)
      expect(done.status).toBeLessThan(300)
      version++
    }
    expect(await keys.get(id)).toBeNull()
  })

  it('tells the holder of a token that was rotated away when it ends, on every answer (Sunset)', async () => {
    const { keys, http } = open()
    const permissions = ['reports:read'] as const
    const { apiKey, token: old } = await keys.create({ name: 'k', owner: { id: 'alice' }, permissions })
    const { token } = await keys.rotate(apiKey.id, { grace: '2h' })
    const earliest = Date.now() + 7_190_000
    for (const path of ['/reports', '/optional', '/either', '/api-keys/me']) {
      expect((await http.get(path).set(bearer(token))).headers.sunset).toBeUndefined()
      const { sunset = '' } = (await http.get(path).set(bearer(old))).headers
      expect(sunset).toMatch(/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/)
      expect(Date.parse(sunset)).toBeGreaterThan(earliest)
      expect(Date.parse(sunset)).toBeLessThan(earliest + 20_000)
    }
  })

  it('asks for If-Match where the app says so: 428', async () => {
    const { keys, http } = open({}, { requireIfMatch: true })
    const me = asUser('alice')
    const { id } = (await http.post('/api-keys').set(me).send({ name: 'k' })).body.apiKey
    for (const asked of [
      http.patch(`/api-keys/${id}`).send({ name: 'n' }),
      http.post(`/api-keys/${id}/revoke`).send({}),
      http.delete(`/api-keys/${id}`),
    ]) {
      const refused = await asked.set(me)
      expect([refused.status, refused.body.code]).toEqual([428, 'PRECONDITION_REQUIRED'])
    }
    expect(await keys.get(id)).toMatchObject({ version: 1 })
    expect(
      (await http.patch(`/api-keys/${id}`).set(me).set('If-Match', '"1"').send({ name: 'n' })).status,
    ).toBe(200)
    expect((await http.delete(`/api-keys/${id}`).set(me).set('If-Match', '*')).status).toBe(204)
  })

  it('tells nobody, strangers and other users apart', async () => {
    const { keys, http } = open()
    const { id } = (await keys.create({ name: 'k', owner: { id: 'alice' } })).apiKey
    const nobody = await http.get('/api-keys')
    expect([nobody.status, nobody.body.code]).toEqual([401, 'UNAUTHENTICATED'])
    expect(nobody.headers['www-authenticate']).toBe('Bearer realm="api"')
    expect((await http.get(`/api-keys/${id}`).set(asUser('bob'))).status).toBe(404)
    expect((await http.get('/api-keys?ownerId=alice').set(asUser('bob'))).status).toBe(403)
    expect((await http.get('/api-keys?ownerId=alice').set(asUser('root'))).body.data).toHaveLength(1)
  })

  it('takes a key by both headers, sets its user and its record, and verifies it once', async () => {
    const store = memoryStore()
    let reads = 0
    const { keys, http } = open({
      cache: false,
      store: {
        ...store,
        find: id => {
          reads++
          return store.find(id)
        },
      },
    })
    const { apiKey, token } = await keys.create({
      name: 'k',
      owner: { id: 'alice' },
      permissions: ['reports:read'],
    })
    for (const headers of [bearer(token), { 'x-api-key': token }]) {
      reads = 0
      const answer = await http.get('/reports').set(headers)
      expect([answer.status, answer.body, reads]).toEqual([200, { user: 'alice', apiKey: apiKey.id }, 1])
    }
  })

  it.each([
    ['/reports', {}, 401, 'KEY_MISSING'],
    ['/reports', bearer(jwt), 401, 'KEY_INVALID'],
    ['/reports', { 'x-api-key': 'nonsense' }, 401, 'KEY_INVALID'],
    ['/optional', { 'x-api-key': 'nonsense' }, 401, 'KEY_INVALID'],
    ['/either', {}, 401, 'KEY_MISSING'],
    ['/api-keys/me', {}, 401, 'KEY_MISSING'],
  ] as const)('refuses at %s with %j: %i %s', async (path, headers, status, code) => {
    const { http } = open()
    const answer = await http.get(path).set(headers)
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="api"/)
  })

  it('lets by whom it must: no key at an optional check, a logged-in user, a JWT of the app', async () => {
    const { http } = open()
    expect((await http.get('/optional')).body).toEqual({ user: null, apiKey: null })
    const alice = { user: 'alice', apiKey: null }
    expect((await http.get('/optional').set(asUser('alice')).set(bearer(jwt))).body).toEqual(alice)
    expect((await http.get('/either').set(asUser('alice'))).body).toEqual(alice)
    expect((await http.get('/either').set(asUser('alice')).set(bearer(jwt))).body).toEqual(alice)
  })

  it('counts a key whoever is logged in, and refuses two', async () => {
    const { keys, http } = open()
    const permissions = ['reports:read'] as const
    const a = await keys.create({ name: 'a', owner: { id: 'alice' }, permissions })
    const b = await keys.create({ name: 'b', owner: { id: 'bob' }, permissions })
    const seen = await http.get('/either').set(asUser('bob')).set(bearer(a.token))
    expect(seen.body).toEqual({ user: 'alice', apiKey: a.apiKey.id })
    const both = await http.get('/reports').set(bearer(a.token)).set('x-api-key', b.token)
    expect([both.status, both.body.code]).toEqual([400, 'MULTIPLE_KEYS'])
  })

  it("gives a key's request a key's rights: in the router, and in the app's own handlers", async () => {
    const { keys, http } = open()
    const { token, apiKey } = await keys.create({
      name: 'k',
      owner: { id: 'root' },
      permissions: ['reports:read'],
    })
    const headers = { ...bearer(token), ...asUser('root') }
    expect((await http.get('/api-keys/me').set(headers)).body.id).toBe(apiKey.id)
    expect((await http.post('/api-keys').set(headers).send({ name: 'x' })).status).toBe(403)
    expect((await http.get('/api-keys?all=true').set(headers)).status).toBe(403)
    const own = await http.get('/own').set(headers)
    expect(own.status).toBeGreaterThanOrEqual(403)
  })

  it('holds a key to its permissions, its resources, its kind and its addresses', async () => {
    const { keys, http } = open({ kinds: { secret: {}, other: {} } })
    const owner = { id: 'alice' }
    const all = { name: 'k', owner, permissions: ['reports:read'] as const }
    const token = async (fields: object) => bearer((await keys.create({ ...all, ...fields })).token)
    expect((await http.get('/reports').set(await token({ permissions: ['exports:run'] }))).status).toBe(403)
    const narrowed = await token({ resources: ['thing:1'] })
    expect((await http.get('/things/1').set(narrowed)).status).toBe(200)
    expect((await http.get('/things/2').set(narrowed)).status).toBe(403)
    expect((await http.get('/reports').set(narrowed)).status).toBe(403)
    expect((await http.get('/things/1').set(await token({ kind: 'other' }))).status).toBe(401)
    expect(
      (await http.get('/reports').set(await token({ restrictions: { ips: ['127.0.0.1', '::1'] } }))).status,
    ).toBe(200)
    const elsewhere = await http.get('/reports').set(await token({ restrictions: { ips: ['192.0.2.1'] } }))
    expect([elsewhere.status, elsewhere.body.code]).toEqual([403, 'IP_NOT_ALLOWED'])
  })

  it.each([
    ['not JSON', 'application/json', '{"name":', 400, 'INVALID_INPUT'],
    ['another type', 'text/plain', 'name=k', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['more than 64 KiB', 'application/json', `{"name":"${'x'.repeat(65 * 1024)}"}`, 413, 'BODY_TOO_LARGE'],
    ['a list', 'application/json', '[]', 400, 'INVALID_INPUT'],
    ['a field that is not known', 'application/json', '{"name":"k","x":1}', 400, 'INVALID_INPUT'],
  ])('refuses a body that is %s', async (_what, type, body, status, code) => {
    const { keys, http } = open()
    const answer = await http.post('/api-keys').set(asUser('alice')).type(type).send(body)
    // A parser of the app's own may refuse first, in its own words.
    expect(answer.status).toBe(status)
    if (answer.headers['content-type']?.startsWith('application/problem+json')) {
      expect(answer.body.code).toBe(code)
    }
    expect((await keys.list()).data).toEqual([])
  })

  it('answers 404 and 405 below its mount, and leaves what is beside it alone', async () => {
    const { http } = open()
    const me = asUser('alice')
    const none = await http.get('/api-keys/a/b/c').set(me)
    expect([none.status, none.body.code]).toEqual([404, 'ROUTE_NOT_FOUND'])
    const method = await http.put('/api-keys').set(me)
    expect([method.status, method.headers.allow]).toEqual([405, 'POST, GET'])
    expect((await http.get('/api-keys-of-another').set(me)).body.code).not.toBe('UNAUTHENTICATED')
    const head = await http.head('/api-keys').set(me)
    expect([head.status, head.text ?? '']).toEqual([200, ''])
  })

  it('refuses changes from pages of another origin, and not those of its own', async () => {
    const { http } = open()
    const create = (headers: Record<string, string>) =>
      http.post('/api-keys').set(asUser('alice')).set(headers).send({ name: 'k' })
    expect((await create({ 'sec-fetch-site': 'cross-site' })).body.code).toBe('CROSS_ORIGIN')
    expect((await create({ origin: 'https://evil.example' })).body.code).toBe('CROSS_ORIGIN')
    expect((await create({ origin: 'null' })).status).toBe(403)
    expect((await create({ 'sec-fetch-site': 'same-origin' })).status).toBe(201)
  })

  it('says 503 with a time to come back where the store is away', async () => {
    const away = async () => {
      throw Object.assign(new Error('away'), { name: 'MongoNetworkError' })
    }
    const store = memoryStore()
    const { keys } = open({ store })
    const { token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const { http } = open({ store: { ...store, find: away } })
    const answer = await http.get('/reports').set(bearer(token))
    expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([
      503,
      'STORE_UNAVAILABLE',
      '1',
    ])
  })
})
