import { actingBy, alice, CATALOGUE, carol, refusalCode, root, testKeys } from '../support/keys.js'

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
      actor: { id: 'carol', via: 'session', admin: false, organizations: [{ id: 'acme', role: 'admin' }] },
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
    expect(byKey.actor).toEqual({ id: 'alice', via: 'key', admin: false, organizations: [] })
    expect(byKey.grants).toEqual(['reports:read', 'api-keys:read'])
    const plain = await keys.as(alice).create({ name: 'plain', permissions: ['reports:read'] })
    const byPlain = await (await actingBy(keys, plain.token)).config()
    expect(byPlain).toMatchObject({ permissions: [], roles: {}, kinds: [], grants: ['reports:read'] })
    expect((await keys.as(root).config()).actor.admin).toBe(true)
    expect((await keys.as({ id: 'gone' }).config()).grants).toBeNull()
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
