import type { AuditEvent } from 'sidekey'
import {
  actingBy,
  alice,
  bob,
  carol,
  mallory,
  refusal,
  refusalCode,
  root,
  type TestKeys,
  testKeys,
} from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'

const acts = (events: readonly AuditEvent[]) => events.map(({ action }) => action).reverse()

overEveryStore('audit', store => {
  let keys: TestKeys
  beforeEach(() => {
    keys = testKeys({ store: store() })
  })
  afterEach(() => keys.close())

  it('calls keys by the name that they have now, as long as there is one', async () => {
    const { apiKey } = await keys.as(alice).create({ name: 'Alpha' })
    await keys.as(alice).update(apiKey.id, { name: 'Beta' })
    const namesFor = async (list: Pick<TestKeys, 'audit'>) =>
      (await list.audit({ keyId: apiKey.id })).data.map(({ keyName }) => keyName)
    expect(await namesFor(keys)).toEqual(['Beta', 'Beta'])
    expect(await namesFor(keys.as(alice))).toEqual(['Beta', 'Beta'])
    await keys.delete(apiKey.id)
    expect(new Set(await namesFor(keys))).toEqual(new Set(['Beta']))
    await keys.purge(apiKey.id)
    expect(new Set(await namesFor(keys.as(root)))).toEqual(new Set([null]))
  })

  const auditOf = async (keyId: string) => (await keys.audit({ keyId, limit: 100 })).data

  it('tells of every act: who, what, on which key, what has changed and why', async () => {
    const { apiKey } = await keys.as(alice).create({ name: 'CI', permissions: ['reports:read'] })
    const { id } = apiKey
    await keys.as(alice).update(id, { name: 'Nightly', enabled: false })
    await keys.as(alice).update(id, { enabled: true })
    await keys.as(alice).rotate(id, { grace: '1h' })
    await keys.as(root).revoke(id, { reason: 'left the company' })
    await keys.as(root).delete(id)
    await keys.as(root).restore(id)
    await keys.as(root).purge(id)

    const events = await auditOf(id)
    expect(acts(events)).toEqual([
      'create',
      ...['disable', 'update'], // one event each
      'enable',
      'rotate',
      'revoke',
      'delete',
      'restore',
      'purge',
    ])
    const [created, disabled, updated, , rotated, revoked] = [...events].reverse()
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9A-Za-z]{16}$/),
      at: expect.any(Date),
      action: 'create',
      actor: { id: 'alice', via: 'session' },
      keyId: id,
      keyName: null, // it is purged
      owner: { type: 'user', id: 'alice' },
      organizationId: null,
      changes: {
        name: { from: null, to: 'CI' },
        kind: { from: null, to: 'secret' },
        owner: { from: null, to: { type: 'user', id: 'alice' } },
        permissions: { from: null, to: ['reports:read'] },
      },
      reason: null,
      refused: null,
      count: 1,
      ip: null,
      userAgent: null,
      requestId: null,
    })
    expect(disabled?.changes).toEqual({ enabled: { from: true, to: false } })
    expect(updated?.changes).toEqual({ name: { from: 'CI', to: 'Nightly' } })
    expect(rotated?.changes).toEqual({
      oldTokenEndsAt: { from: null, to: expect.stringMatching(/^\d{4}-.*Z$/) },
    })
    expect(revoked).toMatchObject({ actor: { id: 'root', via: 'session' }, reason: 'left the company' })
    expect(await keys.get(id)).toBeNull()
    expect(await keys.lookup(`${'x'.repeat(10)}`)).toBeNull()
  })

  it('tells nothing where nothing has changed', async () => {
    const { apiKey } = await keys.as(alice).create({ name: 'CI' })
    await keys.as(alice).update(apiKey.id, { name: 'CI' })
    await keys.as(alice).revoke(apiKey.id)
    await keys.as(alice).revoke(apiKey.id)
    await keys.as(alice).delete(apiKey.id)
    await keys.as(alice).delete(apiKey.id)
    expect(acts(await auditOf(apiKey.id))).toEqual(['create', 'revoke', 'delete'])
  })

  it('tells server code, users and keys apart', async () => {
    const parent = await keys.create({ name: 'parent', owner: { id: 'alice' }, permissions: ['api-keys:*'] })
    const byKey = await actingBy(keys, parent.token)
    const child = await byKey.create({ name: 'child' })
    await keys.as(alice).revoke(child.apiKey.id)
    expect((await auditOf(parent.apiKey.id))[0]?.actor).toEqual({ id: null, via: 'server' })
    const [revoked, created] = await auditOf(child.apiKey.id)
    expect(created?.actor).toEqual({ id: 'alice', via: 'key', keyId: parent.apiKey.id })
    expect(created?.changes.parentId).toEqual({ from: null, to: parent.apiKey.id })
    expect(revoked?.actor).toEqual({ id: 'alice', via: 'session' })
  })

  it('tells where a request came from, in plain text of a bounded length, without the token in it', async () => {
    const { apiKey, token } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
    const request = {
      ip: '192.0.2.7',
      id: 17,
      headers: { 'user-agent': `curl\r\n ${token} ${'x'.repeat(5000)}`, 'x-request-id': 'req-1' },
    }
    await keys.as(alice, request).update(apiKey.id, { name: `holds ${token}` })
    await keys.as(alice, request).revoke(apiKey.id, { reason: `found ${token}` })
    const [revoked, updated] = await auditOf(apiKey.id)
    expect(revoked).toMatchObject({ ip: '192.0.2.7', requestId: '17' }) // what the client calls it comes second
    expect(revoked?.userAgent).toMatch(/^curl /)
    expect(revoked?.userAgent?.length).toBeLessThanOrEqual(256)
    const secret = token.slice(-49)
    expect(JSON.stringify([revoked, updated])).not.toContain(secret)
    expect(revoked?.reason).toBe(`found acme_test_${apiKey.id}_[redacted]`)
  })

  it('tells a large value by its size', async () => {
    const { apiKey } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
    await keys.update(apiKey.id, { metadata: { text: 'x'.repeat(4000) } })
    const [updated] = await auditOf(apiKey.id)
    expect(updated?.changes.metadata).toEqual({ from: {}, to: '[4011 bytes]' })
  })

  it('tells of refusals, with the code, to whoever owns the key', async () => {
    const { apiKey, token } = await keys.as(alice).create({ name: 'CI' })
    expect(await refusalCode(keys.as(mallory).revoke(apiKey.id))).toBe('NOT_FOUND')
    expect(await keys.as(mallory).get(apiKey.id)).toBeNull()
    expect(await keys.as(mallory).lookup(token)).toBeNull()
    expect(await refusalCode(keys.as(alice).transfer(apiKey.id, { id: 'bob' }))).toBe('FORBIDDEN')
    expect(await refusalCode(keys.as(bob).create({ name: 'x', owner: { id: 'alice' } }))).toBe('FORBIDDEN')
    expect(await refusalCode(keys.as(bob).list({ all: true }))).toBe('FORBIDDEN')

    const { data } = await keys.as(alice).audit({ refused: true })
    const told = data.map(({ actor, action, refused, keyId }) => [actor.id, action, refused, keyId]).reverse()
    expect(told).toEqual([
      ['mallory', 'revoke', 'NOT_FOUND', apiKey.id],
      ['mallory', 'read', 'NOT_FOUND', apiKey.id], // get and lookup: told once, counted
      ['alice', 'transfer', 'FORBIDDEN', apiKey.id],
      ['bob', 'create', 'FORBIDDEN', null],
    ])
    const everything = await keys.audit({ actorId: 'bob' })
    expect(everything.data.map(({ action }) => action)).toEqual(['read', 'create'])
  })

  it('shows a user what concerns their own keys, an organisation’s admin its, an admin all', async () => {
    const own = await keys.as(alice).create({ name: 'own' })
    const inAcme = await keys.as(alice).create({ name: 'in acme', organizationId: 'acme' })
    const acmes = await keys.as(carol).create({ name: 'acme’s', owner: { type: 'organization', id: 'acme' } })
    const bobs = await keys.as(bob).create({ name: 'bob’s' })
    const keysOf = async (face: Pick<TestKeys, 'audit'>, query = {}) =>
      (await face.audit(query)).data.map(({ keyId }) => keyId).reverse()
    const [a, b, c, d] = [own, inAcme, acmes, bobs].map(({ apiKey }) => apiKey.id)

    expect(await keysOf(keys.as(alice))).toEqual([a, b])
    expect(await keysOf(keys.as(carol), { organizationId: 'acme' })).toEqual([b, c])
    expect(await keysOf(keys.as(alice), { organizationId: 'acme' })).toEqual([b]) // a member: not the organisation's
    expect(await keysOf(keys.as(root), { all: true })).toEqual([a, b, c, d])
    expect(await keysOf(keys.as(root), { owner: { id: 'bob' } })).toEqual([d])
    expect(await keysOf(keys)).toEqual([a, b, c, d])
    expect(await refusalCode(keys.as(alice).audit({ all: true }))).toBe('FORBIDDEN')
    expect(await refusalCode(keys.as(alice).audit({ owner: { id: 'bob' } }))).toBe('FORBIDDEN')
    expect(await refusalCode(keys.as(bob).audit({ keyId: a ?? '' }))).toBe('NOT_FOUND')
    expect(await refusalCode(keys.as(bob).audit({ keyId: '0'.repeat(16) }))).toBe('NOT_FOUND')
    expect(await refusalCode(keys.as(carol).audit({ keyId: a ?? '' }))).toBe('NOT_FOUND')
    expect(await keysOf(keys.as(carol), { keyId: b })).toEqual([b])
  })

  it('shows a key only what concerns keys that it manages', async () => {
    const parent = await keys
      .as(alice)
      .create({ name: 'parent', permissions: ['api-keys:read', 'api-keys:create'] })
    const byKey = await actingBy(keys, parent.token)
    const child = await byKey.create({ name: 'child' })
    const strong = await keys.as(alice).create({ name: 'strong', permissions: ['*'] })
    const { data } = await byKey.audit()
    const seen = new Set(data.map(({ keyId }) => keyId))
    expect(seen).toEqual(new Set([parent.apiKey.id, child.apiKey.id]))
    expect(await refusalCode(byKey.audit({ keyId: strong.apiKey.id }))).toBe('NOT_FOUND')
    const weak = await keys.as(alice).create({ name: 'weak' })
    const byWeak = await actingBy(keys, weak.token)
    expect(await refusalCode(byWeak.audit({ keyId: weak.apiKey.id }))).toBe('FORBIDDEN')
  })

  it('keeps what was told of a purged key, for admins by its id and for its owner', async () => {
    const { apiKey } = await keys.as(alice).create({ name: 'CI' })
    await keys.purge(apiKey.id)
    expect(acts((await keys.as(root).audit({ keyId: apiKey.id })).data)).toEqual(['create', 'purge'])
    expect(acts((await keys.as(alice).audit()).data)).toEqual(['create', 'purge'])
    expect(await refusalCode(keys.as(mallory).audit({ keyId: apiKey.id }))).toBe('NOT_FOUND')
  })

  it('lists by actor, owner, action and time, page by page', async () => {
    const first = await keys.as(alice).create({ name: '1' })
    await keys.as(root).update(first.apiKey.id, { name: '2' })
    await keys.as(root).revoke(first.apiKey.id)
    const all = (await keys.audit()).data
    const names = async (query: Parameters<typeof keys.audit>[0]) => acts((await keys.audit(query)).data)
    expect(await names({ actorId: 'root' })).toEqual(['update', 'revoke'])
    expect(await names({ owner: { id: 'alice' }, action: 'update' })).toEqual(['update'])
    expect(await names({ from: new Date(Date.now() + 1000) })).toEqual([])
    expect(await names({ to: all[2]?.at ?? '' })).toEqual([])
    expect(await names({ from: all[2]?.at ?? '' })).toEqual(['create', 'update', 'revoke'])

    const pages: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await keys.audit({ limit: 1, owner: { id: 'alice' }, ...(cursor && { cursor }) })
      pages.push(...page.data.map(({ action }) => action))
      if (page.nextCursor === null) break
      cursor = page.nextCursor
      expect((await refusal(keys.audit({ limit: 1, cursor }))).errors?.[0]?.path).toBe('cursor')
    }
    expect(pages).toEqual(['revoke', 'update', 'create'])
  })

  it('has an entry for each key of a bulk revoke', async () => {
    for (let i = 0; i < 5; i++) await keys.as(alice).create({ name: `k${i}` })
    const told: number[] = []
    await keys.revokeAll({ owner: { id: 'alice' } }, { reason: 'left', onProgress: n => void told.push(n) })
    const { data } = await keys.audit({ action: 'revoke' })
    expect(data).toHaveLength(5)
    expect(new Set(data.map(({ keyId }) => keyId)).size).toBe(5)
    for (const event of data) expect(event.reason).toBe('left')
    expect(told.at(-1)).toBe(5)
  })

  it('leaves nothing in the records', async () => {
    const { apiKey } = await keys.as(alice).create({ name: 'CI' })
    await keys.as(alice).update(apiKey.id, { name: 'x' })
    await keys.as(alice).revoke(apiKey.id)
    expect((await store().find(apiKey.id))?.outbox).toEqual([])
    expect(await store().pending(new Date(Date.now() + 60_000), 10)).toEqual([])
  })
})
