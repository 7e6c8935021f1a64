import type { ConfigQuery } from 'sidekey'
import {
  actingBy,
  alice,
  CATALOGUE,
  carol,
  deputy,
  refusalCode,
  refusedFields,
  root,
  type TestUser,
  testKeys,
} from '../support/keys.js'

const OWNERS = [
  'create',
  'read',
  'audit',
  'update',
  'disable',
  'enable',
  'rotate',
  'revoke',
  'delete',
  'restore',
]
const COLLEAGUES = ['read', 'audit', 'disable', 'revoke', 'delete']

const keys = testKeys({
  roles: { reader: ['reports:read'] },
  kinds: {
    secret: { maxExpiresIn: '1y' },
    publishable: { prefix: 'acme_pub', requiredRestrictions: ['origins'] },
  },
  grants: owner => (owner.id === 'gone' ? null : ['reports:*', 'api-keys:*']),
  maxKeysPerOwner: 7,
})

describe('config', () => {
  it('tells a user what they may put into a key, and of which kinds', async () => {
    const config = await keys.as(carol).config()
    expect(config).toMatchObject({
      actor: {
        id: 'carol',
        via: 'session',
        admin: false,
        impersonate: false,
        organizations: [{ id: 'acme', role: 'admin', organizationKeys: OWNERS, memberKeys: COLLEAGUES }],
      },
      roles: { reader: ['reports:read'] },
      grants: ['reports:*', 'api-keys:*'],
      maxKeysPerOwner: 7,
      retention: 30 * 86_400_000,
    })
    expect(config.permissions).toEqual(expect.arrayContaining([...CATALOGUE, 'api-keys:read']))
    expect(config.kinds).toEqual([
      {
        name: 'secret',
        prefix: 'acme_test',
        expiresIn: 31_557_600_000,
        maxExpiresIn: 31_557_600_000,
        expiresAfterIdle: null,
        permissions: null,
        limits: {},
        requiredRestrictions: [],
      },
      {
        name: 'publishable',
        prefix: 'acme_pub',
        expiresIn: null,
        maxExpiresIn: null,
        expiresAfterIdle: null,
        permissions: null,
        limits: {},
        requiredRestrictions: ['origins'],
      },
    ])
  })

  it('tells a key what it carries itself, an admin that they are one, and one who is switched off so', async () => {
    const { token } = await keys
      .as(alice)
      .create({ name: 'k', permissions: ['reports:read', 'api-keys:read'] })
    const byKey = await (await actingBy(keys, token)).config()
    expect(byKey.actor).toEqual({
      id: 'alice',
      via: 'key',
      admin: false,
      impersonate: false,
      organizations: [],
    })
    expect(byKey.grants).toEqual(['reports:read', 'api-keys:read'])
    const plain = await keys.as(alice).create({ name: 'plain', permissions: ['reports:read'] })
    const byPlain = await (await actingBy(keys, plain.token)).config()
    expect(byPlain).toMatchObject({ permissions: [], roles: {}, kinds: [], grants: ['reports:read'] })
    expect((await keys.as(root).config()).actor.admin).toBe(true)
    expect((await keys.as({ id: 'gone' }).config()).grants).toBeNull()
  })

  it('tells what roles may do as the options have it, and which admins may act as users', async () => {
    const own = testKeys({
      organizationRoles: { member: { organizationKeys: ['read', 'create'], memberKeys: [] } },
    })
    expect((await own.as(alice).config()).actor.organizations).toEqual([
      { id: 'acme', role: 'member', organizationKeys: ['read', 'create'], memberKeys: [] },
    ])
    expect((await own.as(carol).config()).actor.organizations).toMatchObject([
      { organizationKeys: [], memberKeys: [] },
    ])
    const [plain, deputys] = [(await own.as(root).config()).actor, (await own.as(deputy).config()).actor]
    expect([plain.impersonate, deputys.impersonate]).toEqual([false, true])
  })

  it('tells the grants of whose keys the actor may make, and of nobody else', async () => {
    const asked: unknown[] = []
    const own = testKeys({
      grants: ({ type, id }, organizationId) => {
        asked.push([type, id, organizationId])
        return [`of:${id}`]
      },
    })
    const grantsOf = async (user: TestUser, query: ConfigQuery) => (await own.as(user).config(query)).grants
    const acme = { type: 'organization', id: 'acme' }
    expect(await grantsOf(alice, { organizationId: 'acme' })).toEqual(['of:alice'])
    expect(await grantsOf(carol, { owner: acme })).toEqual(['of:acme'])
    expect(await grantsOf(root, { owner: acme })).toEqual(['of:acme'])
    expect(await grantsOf(root, { organizationId: 'acme' })).toEqual(['of:root'])
    expect(await grantsOf(deputy, { owner: { id: 'bob' }, organizationId: 'acme' })).toEqual(['of:bob'])
    expect(asked).toEqual([
      ['user', 'alice', 'acme'],
      ['organization', 'acme', 'acme'],
      ['organization', 'acme', 'acme'],
      ['user', 'root', 'acme'],
      ['user', 'bob', 'acme'],
    ])

    const { token } = await own.as(alice).create({ name: 'k' })
    const byKey = await actingBy(own, token)
    asked.length = 0
    for (const refused of [
      own.as(alice).config({ owner: acme }),
      own.as(alice).config({ owner: { id: 'bob' } }),
      own.as(alice).config({ organizationId: 'evil' }),
      own.as(carol).config({ owner: { id: 'alice' }, organizationId: 'acme' }),
      own.as(root).config({ owner: { id: 'alice' } }),
      byKey.config({ organizationId: 'acme' }),
      byKey.config({ owner: { id: 'alice' } }),
    ])
      expect(await refusalCode(refused)).toBe('FORBIDDEN')
    expect(asked).toEqual([])
    const wrong = { owner: acme, organizationId: 'evil' }
    expect(await refusedFields(own.as(carol).config(wrong))).toEqual(['organizationId'])
    expect(await refusedFields(own.as(alice).config({ owners: acme } as object))).toEqual(['owners'])
  })

  it('holds no secret: no hash setting, no pepper', async () => {
    const peppered = testKeys({ pepper: { current: 'hunter2-hunter2-hunter2-hunter2-hunter2' } })
    const text = JSON.stringify(await peppered.as(alice).config())
    expect(text).not.toMatch(/hunter2|hash|pepper|hmac/)
  })
})

describe('verify for others', () => {
  it('is for admins and keys with api-keys:verify, and answers what the token’s holder would be told', async () => {
    const { token } = await keys.as(alice).create({ name: 'k', permissions: ['reports:read'] })
    const gateway = await keys.as(carol).create({ name: 'gateway', permissions: ['api-keys:verify'] })
    const other = await keys.as(carol).create({ name: 'other', permissions: ['api-keys:read'] })
    const byGateway = await actingBy(keys, gateway.token)
    for (const face of [byGateway, keys.as(root), keys]) {
      expect(await face.verify(token, { permissions: 'reports:read' })).toMatchObject({ ok: true })
      expect(await face.verify(token, { permissions: 'exports:run' })).toMatchObject({
        code: 'INSUFFICIENT_PERMISSIONS',
      })
      expect(await face.verify(`${token}x`)).toMatchObject({ code: 'KEY_INVALID' })
      expect(await face.verify(null)).toMatchObject({ code: 'KEY_MISSING' })
    }
    for (const face of [await actingBy(keys, other.token), keys.as(alice), keys.as(carol)]) {
      expect(await refusalCode(face.verify(token))).toBe('FORBIDDEN')
    }
    const { data } = await keys.audit({ action: 'verify', refused: true })
    expect(data.map(({ actor }) => actor.id).sort()).toEqual(['alice', 'carol', 'carol'])
    expect(JSON.stringify(data)).not.toContain(token.slice(-49))
  })
})
