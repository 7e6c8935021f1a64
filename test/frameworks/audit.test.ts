/** What the audit tells over every framework: who asked, from where, what was refused; and never a token. */
import request from 'supertest'
import { type TestKeys, testKeys } from '../support/keys.js'
import { FRAMEWORKS } from './apps.js'

const as = (id: string) => ({ 'x-user': id })
const LOOPBACK = /^(?:::ffff:)?127\.0\.0\.1$/
const FROM = { 'user-agent': 'script/1.0', 'x-request-id': 'request-7' }
const FACTS = { ip: expect.stringMatching(LOOPBACK), userAgent: 'script/1.0', requestId: 'request-7' }

describe.each(FRAMEWORKS)('the audit over $name', ({ app }) => {
  function open() {
    const keys = testKeys()
    return { keys, http: request(app(keys)) }
  }
  type Opened = ReturnType<typeof open>
  const eventsOf = async ({ http }: Opened, who: string, path: string) =>
    (await http.get(`/api-keys${path}`).set(as(who)).expect(200)).body.data
  const issue = (keys: TestKeys, more: object = {}) =>
    keys.create({ name: 'k', owner: { id: 'alice' }, ...more })

  it('tells address, user agent and request id of acts and of refusals, by login and by key', async () => {
    const opened = open()
    const { http, keys } = opened
    const made = await http
      .post('/api-keys')
      .set({ ...as('alice'), ...FROM })
      .send({ name: 'k' })
    const { apiKey, token } = made.body
    await http
      .post('/api-keys')
      .set({ 'x-api-key': token, ...FROM })
      .send({ name: 'child' })
      .expect(403)
    await http
      .post(`/api-keys/${apiKey.id}/revoke`)
      .set({ 'x-api-key': token, ...FROM })
      .send({ reason: 'no longer needed' })
      .expect(200)
    const byKey = { id: 'alice', via: 'key', keyId: apiKey.id }
    const events = await eventsOf(opened, 'alice', `/${apiKey.id}/audit`)
    expect(events).toMatchObject([
      { action: 'revoke', actor: byKey, refused: null, reason: 'no longer needed', ...FACTS },
      { action: 'create', actor: { id: 'alice', via: 'session' }, refused: null, ...FACTS },
    ])
    // A key that was to be made has no id to look for.
    const { data } = await keys.audit({ refused: true })
    expect(data).toMatchObject([{ action: 'create', actor: byKey, refused: 'FORBIDDEN', ...FACTS }])
  })

  // What verifyRequest is told of the address, keys.as is not.
  it("tells them of what the app's own handlers do through keys.as", async () => {
    const { http, keys } = open()
    const { token } = await issue(keys)
    await http.get('/own').set({ 'x-api-key': token, ...FROM })
    const { data } = await keys.audit({ refused: true })
    expect(data).toMatchObject([{ action: 'read', refused: 'FORBIDDEN', ...FACTS }])
  })

  it("shows a stranger's attempt to the owner of the key, to its organisation's admin, to admins", async () => {
    const opened = open()
    const { http, keys } = opened
    const { id } = (await issue(keys, { organizationId: 'acme' })).apiKey
    for (const act of ['revoke', 'rotate', 'restore']) {
      await http
        .post(`/api-keys/${id}/${act}`)
        .set({ ...as('mallory'), ...FROM })
        .send({})
        .expect(404)
    }
    await http.get(`/api-keys/${id}/audit`).set(as('mallory')).expect(404)
    for (const [who, path] of [
      ['alice', '/audit?refused=true'],
      ['alice', `/${id}/audit?refused=true`],
      ['carol', '/audit?organizationId=acme&refused=true'],
      ['carol', `/${id}/audit?refused=true`],
      ['root', '/audit?all=true&refused=true'],
      ['root', '/audit?actorId=mallory&all=true'],
    ] as const) {
      const events: { action: string }[] = await eventsOf(opened, who, path)
      expect(events.map(({ action }) => action).sort()).toEqual(['audit', 'restore', 'revoke', 'rotate'])
      const attempt = { actor: { id: 'mallory', via: 'session' }, refused: 'NOT_FOUND', keyId: id, ...FACTS }
      expect(events.find(({ action }) => action === 'revoke')).toMatchObject(attempt)
    }
    // Whoever was refused learns nothing of it, nor do colleagues.
    expect(await eventsOf(opened, 'mallory', '/audit')).toEqual([])
    expect(await eventsOf(opened, 'bob', '/audit?organizationId=acme')).toEqual([])
  })

  // They are passed over, and nothing is told of them.
  it("shows an attempt at another's key among many", async () => {
    const { http, keys } = open()
    const { id } = (await issue(keys)).apiKey
    await http
      .post('/api-keys/revoke')
      .set(as('mallory'))
      .send({ ids: [id] })
      .expect(200, { revoked: 0, passedOver: [id] })
    const { data } = await keys.audit({ refused: true })
    expect(data).toMatchObject([{ action: 'revoke', actor: { id: 'mallory' }, keyId: id }])
  })

  it("shows an organisation's admin what colleagues do in it, and nothing of theirs outside it", async () => {
    const opened = open()
    const { http } = opened
    const create = (organizationId?: string) =>
      http.post('/api-keys').set(as('alice')).send({ name: 'k', organizationId }).expect(201)
    const [inside, outside] = [(await create('acme')).body.apiKey.id, (await create()).body.apiKey.id]
    await http.post(`/api-keys/${inside}/revoke`).set(as('carol')).send({ reason: 'left' }).expect(200)
    const seen: { keyId: string; action: string }[] = await eventsOf(
      opened,
      'carol',
      '/audit?organizationId=acme',
    )
    expect(seen.map(({ keyId, action }) => [keyId, action])).toEqual([
      [inside, 'revoke'],
      [inside, 'create'],
    ])
    expect(await eventsOf(opened, 'carol', '/audit?organizationId=acme&ownerId=alice')).toHaveLength(2)
    await http.get(`/api-keys/${outside}/audit`).set(as('carol')).expect(404)
    await http.get('/api-keys/audit?organizationId=acme').set(as('mallory')).expect(403)
    // It is the owner's own, whoever acts.
    expect(await eventsOf(opened, 'alice', '/audit?action=revoke')).toMatchObject([
      { actor: { id: 'carol', via: 'session' }, reason: 'left' },
    ])
  })

  it('goes on from page to page, each event once', async () => {
    const opened = open()
    for (let made = 0; made < 5; made++) await issue(opened.keys)
    const seen: string[] = []
    for (let query = '?limit=2'; query !== ''; ) {
      const page = await opened.http.get(`/api-keys/audit${query}`).set(as('alice')).expect(200)
      seen.push(...page.body.data.map(({ id }: { id: string }) => id))
      query = page.body.nextCursor === null ? '' : `?limit=2&cursor=${page.body.nextCursor}`
    }
    expect(seen).toHaveLength(5)
    expect(seen).toEqual([...new Set(seen)].sort().reverse())
  })
})
