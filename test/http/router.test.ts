import type { Express } from 'express'
import request from 'supertest'
import { alice, deputy, root, type TestKeys, testKeys } from '../support/keys.js'
import { type Agent, createOver, expectProblem, loggedIn, NO_ID, overExpress, routerApp } from './support.js'

overExpress('keyRouter', express => {
  let keys: TestKeys
  let app: Express
  let agent: Agent
  beforeEach(async () => {
    keys = testKeys()
    app = routerApp(express, keys)
    agent = await loggedIn(app, alice)
  })

  it('creates a key: 201, where it is, its ETag, and the token', async () => {
    const answer = await agent.post('/api-keys').send({ name: 'CI', permissions: ['reports:read'] })
    expect(answer.status).toBe(201)
    const { apiKey, token } = answer.body
    expect(apiKey).toMatchObject({
      name: 'CI',
      owner: { type: 'user', id: 'alice' },
      permissions: ['reports:read'],
      status: 'active',
      version: 1,
    })
    expect(answer.headers.location).toBe(`/api-keys/${apiKey.id}`)
    expect(answer.headers.etag).toBe('"1"')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['content-type']).toBe('application/json')
    expect(await keys.verify(token)).toMatchObject({ ok: true, apiKey: { id: apiKey.id } })
  })

  it('leads by Location to the record', async () => {
    const created = await agent.post('/api-keys').send({ name: 'CI' }).expect(201)
    const found = await agent.get(`${created.headers.location}`).expect(200)
    expect(found.body).toEqual(created.body.apiKey)
  })

  it('shows the token once: no later answer has it, nor a hash', async () => {
    const { apiKey, token } = await createOver(agent, { name: 'CI' })
    const path = `/api-keys/${apiKey.id}`
    const answers = [
      await agent.get(path).expect(200),
      await agent.get('/api-keys').expect(200),
      await agent.patch(path).send({ name: 'CI 2' }).expect(200),
      await agent.post('/api-keys/lookup').send({ token }).expect(200),
      await agent.post(`${path}/revoke`).expect(200),
    ]
    const secret = token.slice(apiKey.start.length + 1)
    for (const { text } of answers) {
      expect(text).not.toContain(secret)
      expect(text).not.toMatch(/hash|\$sha256/)
    }
  })

  it('answers a record bare, with its ETag, for no cache to keep', async () => {
    const { apiKey } = await createOver(agent, { name: 'CI' })
    const answer = await agent.get(`/api-keys/${apiKey.id}`).expect(200)
    expect(answer.body).toEqual(apiKey)
    expect(answer.headers.etag).toBe('"1"')
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('answers 404 for an id of no key', async () => {
    expectProblem(await agent.get(`/api-keys/${NO_ID}`), 404, 'NOT_FOUND')
  })

  it('changes a key and its ETag', async () => {
    const { apiKey } = await createOver(agent, { name: 'CI' })
    const answer = await agent
      .patch(`/api-keys/${apiKey.id}`)
      .send({ name: 'CD', tags: ['a'] })
      .expect(200)
    expect(answer.body).toMatchObject({ name: 'CD', tags: ['a'], version: 2 })
    expect(answer.headers.etag).toBe('"2"')
  })

  it('changes a key that is as If-Match says', async () => {
    const { apiKey } = await createOver(agent, { name: 'CI' })
    const path = `/api-keys/${apiKey.id}`
    const { etag = '' } = (await agent.get(path)).headers
    await agent.patch(path).set('If-Match', etag).send({ name: 'CD' }).expect(200)
    await agent.patch(path).set('If-Match', '*').send({ name: 'CE' }).expect(200)
  })

  it('refuses a lost update: 412, and the key stays as it was', async () => {
    const { apiKey } = await createOver(agent, { name: 'CI' })
    const path = `/api-keys/${apiKey.id}`
    await agent.patch(path).send({ name: 'theirs' }).expect(200)
    const answer = await agent.patch(path).set('If-Match', '"1"').send({ name: 'mine' })
    expectProblem(answer, 412, 'VERSION_MISMATCH')
    expect((await agent.get(path)).body).toMatchObject({ name: 'theirs', version: 2 })
  })

  it.each(['W/"1"', '1', '"x"', '"1", "2"', '""'])('refuses If-Match: %s, which is no ETag', async value => {
    const { apiKey } = await createOver(agent, { name: 'CI' })
    const answer = await agent.patch(`/api-keys/${apiKey.id}`).set('If-Match', value).send({ name: 'mine' })
    expectProblem(answer, 412, 'VERSION_MISMATCH')
  })

  it('deletes a key: 204 without a body, it is gone and refused', async () => {
    const { apiKey, token } = await createOver(agent, { name: 'CI' })
    const answer = await agent.delete(`/api-keys/${apiKey.id}`).expect(204)
    expect(answer.text).toBe('')
    expectProblem(await agent.get(`/api-keys/${apiKey.id}`), 404, 'NOT_FOUND')
    expect(await keys.verify(token)).toMatchObject({ ok: false, code: 'KEY_INVALID' })
  })

  it('restores a deleted key as it was', async () => {
    const { apiKey, token } = await createOver(agent, { name: 'CI' })
    await agent.delete(`/api-keys/${apiKey.id}`).expect(204)
    const answer = await agent.post(`/api-keys/${apiKey.id}/restore`).expect(200)
    expect(answer.body).toMatchObject({ id: apiKey.id, status: 'active' })
    expect(await keys.verify(token)).toMatchObject({ ok: true })
  })

  it('purges a key for an admin, and for nobody else', async () => {
    const { apiKey } = await createOver(agent, { name: 'CI' })
    const path = `/api-keys/${apiKey.id}?purge=true`
    expectProblem(await agent.delete(path), 403, 'FORBIDDEN')
    const admin = await loggedIn(app, root)
    await admin.delete(path).expect(204)
    expectProblem(await admin.post(`/api-keys/${apiKey.id}/restore`), 404, 'NOT_FOUND')
  })

  it('rotates a key: a new token, the old one for the grace period', async () => {
    const { apiKey, token } = await createOver(agent, { name: 'CI' })
    const answer = await agent.post(`/api-keys/${apiKey.id}/rotate`).expect(200)
    expect(answer.body.apiKey).toMatchObject({ id: apiKey.id, version: 2 })
    expect(answer.headers.etag).toBe('"2"')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.body.token).not.toBe(token)
    expect(await keys.verify(answer.body.token)).toMatchObject({ ok: true })
    expect(await keys.verify(token)).toMatchObject({ ok: true })
  })

  it('ends the old token at once by grace 0s', async () => {
    const { apiKey, token } = await createOver(agent, { name: 'CI' })
    const answer = await agent.post(`/api-keys/${apiKey.id}/rotate`).send({ grace: '0s' }).expect(200)
    expect(await keys.verify(answer.body.token)).toMatchObject({ ok: true })
    expect(await keys.verify(token)).toMatchObject({ ok: false, code: 'KEY_INVALID' })
  })

  it('revokes a key, and says when, by whom and why', async () => {
    const { apiKey, token } = await createOver(agent, { name: 'CI' })
    const answer = await agent.post(`/api-keys/${apiKey.id}/revoke`).send({ reason: 'leaked' }).expect(200)
    expect(answer.body).toMatchObject({ status: 'revoked', revoked: { by: 'alice', reason: 'leaked' } })
    expect(answer.headers.etag).toBe('"2"')
    expect(await keys.verify(token)).toMatchObject({ ok: false, code: 'KEY_REVOKED' })
  })

  it('answers a second revoke as the first, and changes nothing', async () => {
    const { apiKey } = await createOver(agent, { name: 'CI' })
    const path = `/api-keys/${apiKey.id}/revoke`
    const first = await agent.post(path).send({ reason: 'leaked' }).expect(200)
    const second = await agent.post(path).send({ reason: 'again' }).expect(200)
    expect(second.body).toEqual(first.body)
  })

  it.each([
    ['patch', ''],
    ['post', '/rotate'],
  ] as const)('refuses to %s a revoked key%s: 409', async (method, tail) => {
    const { apiKey } = await createOver(agent, { name: 'CI' })
    await agent.post(`/api-keys/${apiKey.id}/revoke`).expect(200)
    const answer = await agent[method](`/api-keys/${apiKey.id}${tail}`).send({})
    expectProblem(answer, 409, 'ALREADY_REVOKED')
  })

  it('finds the key of a token, revoked or not', async () => {
    const { apiKey, token } = await createOver(agent, { name: 'CI' })
    await agent.post(`/api-keys/${apiKey.id}/revoke`).expect(200)
    const admin = await loggedIn(app, root)
    const answer = await admin.post('/api-keys/lookup').send({ token }).expect(200)
    expect(answer.body).toMatchObject({ id: apiKey.id, status: 'revoked' })
    expect(answer.headers.etag).toBe('"2"')
  })

  it('transfers a key for an admin who may act as users, and for no other', async () => {
    const { apiKey, token } = await createOver(agent, { name: 'CI' })
    const path = `/api-keys/${apiKey.id}/transfer`
    const admin = await loggedIn(app, root)
    expectProblem(await admin.post(path).send({ owner: { id: 'bob' } }), 403, 'FORBIDDEN')
    const answer = await (await loggedIn(app, deputy))
      .post(path)
      .send({ owner: { id: 'bob' } })
      .expect(200)
    expect(answer.body).toMatchObject({ id: apiKey.id, owner: { type: 'user', id: 'bob' } })
    expect(await keys.verify(token)).toMatchObject({ ok: true, owner: { id: 'bob' } })
  })

  it('tells a key who it is', async () => {
    const { apiKey, token } = await createOver(agent, { name: 'CI' })
    const answer = await request(app).get('/api-keys/me').set('X-API-Key', token).expect(200)
    const { lastUsedAt, idleExpiresAt, ...record } = apiKey // a verification does not look them up
    expect(answer.body).toEqual(record)
    expect(answer.headers.etag).toBe('"1"')
  })

  it('tells a logged-in user that /me is for keys: 401', async () => {
    expectProblem(await agent.get('/api-keys/me'), 401, 'KEY_MISSING')
  })
})
