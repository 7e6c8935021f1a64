import type { ApiKeysOptions } from 'sidekey'
import type { KeyConfig } from '../../../src/client/index.js'
import { administers, looksAfterKeys, scopeOf } from '../../../ui/views/admin/reach.js'
import { carol, root, type TestUser, testKeys } from '../../support/keys.js'
import { clientOf } from './client.js'

type Actor = KeyConfig['actor']
type Roles = NonNullable<ApiKeysOptions['organizationRoles']>

async function actorOf(user: TestUser, organizationRoles?: Roles): Promise<Actor> {
  const keys = testKeys(organizationRoles && { organizationRoles })
  return (await clientOf(keys, user).client.config()).actor
}

const member: TestUser = { id: 'm', memberships: [{ id: 'acme', role: 'member' }] }
const inTwo: TestUser = {
  id: 't',
  memberships: [
    { id: 'acme', role: 'admin' },
    { id: 'globex', role: 'owner' },
  ],
}

describe('for whom the administration is', () => {
  it('is for admins, and for those who look after keys of an organisation', async () => {
    expect(looksAfterKeys(await actorOf(root))).toBe(true)
    expect(looksAfterKeys(await actorOf(carol))).toBe(true)
    expect(looksAfterKeys(await actorOf(member))).toBe(false)
    expect(looksAfterKeys(await actorOf({ id: 'nobody' }))).toBe(false)
  })

  it('goes by the roles that the app has', async () => {
    const roles: Roles = { auditor: { organizationKeys: ['read', 'audit'], memberKeys: ['read', 'audit'] } }
    const auditor = await actorOf({ id: 'a', memberships: [{ id: 'acme', role: 'auditor' }] }, roles)
    expect(looksAfterKeys(auditor)).toBe(true)
    expect(administers(auditor, 'audit')).toBe(true)
    expect(administers(auditor, 'revoke')).toBe(false)
    const makes: Roles = { maker: { organizationKeys: ['create', 'read'], memberKeys: [] } }
    const maker = await actorOf({ id: 'b', memberships: [{ id: 'acme', role: 'maker' }] }, makes)
    expect(looksAfterKeys(maker)).toBe(true)
    expect(administers(maker, 'audit')).toBe(false)
  })
})

describe('whose keys an address asks for', () => {
  it('is everybody for an admin, unless it names somebody', async () => {
    const admin = await actorOf(root)
    expect(scopeOf(admin, [], {})).toEqual({ all: true })
    expect(scopeOf(admin, [], { owner: 'alice' })).toEqual({ owner: { type: 'user', id: 'alice' } })
    expect(scopeOf(admin, [], { owner: 'w', ownerType: 'service', organization: 'acme' })).toEqual({
      owner: { type: 'service', id: 'w' },
      organizationId: 'acme',
    })
  })

  it('is an organisation of theirs for others, whatever the address says', async () => {
    const actor = await actorOf(inTwo)
    const theirs = ['acme', 'globex']
    expect(scopeOf(actor, theirs, {})).toEqual({ organizationId: 'acme' })
    expect(scopeOf(actor, theirs, { organization: 'globex' })).toEqual({ organizationId: 'globex' })
    expect(scopeOf(actor, theirs, { organization: 'evil', owner: 'alice' })).toEqual({
      organizationId: 'acme',
      owner: { type: 'user', id: 'alice' },
    })
  })

  it('is what the API answers to whoever may see the view', async () => {
    const keys = testKeys()
    await keys.create({ owner: { id: 'alice' }, name: 'at acme', organizationId: 'acme' })
    for (const user of [root, carol, inTwo]) {
      const { client } = clientOf(keys, user)
      const { actor } = await client.config()
      const ids = actor.organizations.map(({ id }) => id)
      for (const query of [{}, { owner: 'alice' }, { organization: 'acme' }]) {
        const { data } = await client.list(scopeOf(actor, ids, query))
        expect(data.map(({ name }) => name)).toEqual(['at acme'])
        await client.audit(scopeOf(actor, ids, query))
        await client.usage(scopeOf(actor, ids, query))
      }
    }
  })
})
