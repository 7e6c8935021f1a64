/** The table of organisations as an option: each action by each role, to the organisation's keys and to a member's. */
import type { OrganizationRole } from 'sidekey'
import { refusalCode, type TestKeys, type TestUser, testKeys } from '../support/keys.js'

const ROLES: Readonly<Record<string, OrganizationRole>> = {
  security: { organizationKeys: ['read', 'revoke'], memberKeys: ['read', 'audit', 'disable', 'revoke'] },
  developer: {
    organizationKeys: ['create', 'read', 'update', 'rotate', 'enable', 'disable'],
    memberKeys: [],
  },
  auditor: { organizationKeys: ['read', 'audit'], memberKeys: ['read', 'audit'] },
}
const userWith = (role: string): TestUser => ({ id: `the ${role}`, memberships: [{ id: 'acme', role }] })
const member = { id: 'member', memberships: [{ id: 'acme', role: 'developer' }] }

let keys: TestKeys
beforeEach(() => {
  keys = testKeys({ organizationRoles: ROLES })
})

type Face = ReturnType<TestKeys['as']>
const ACTS: Readonly<Record<string, (face: Face, id: string) => Promise<unknown>>> = {
  read: async (face, id) => ((await face.get(id)) === null ? refuse('NOT_FOUND') : null),
  audit: (face, keyId) => face.audit({ keyId }),
  update: (face, id) => face.update(id, { name: 'x' }),
  disable: (face, id) => face.update(id, { enabled: false }),
  enable: (face, id) => face.update(id, { enabled: true }),
  rotate: (face, id) => face.rotate(id),
  revoke: (face, id) => face.revoke(id),
  delete: (face, id) => face.delete(id),
  restore: (face, id) => face.restore(id),
  purge: (face, id) => face.purge(id),
  transfer: (face, id) => face.transfer(id, { id: 'zoe' }),
}
const refuse = (code: string) => Promise.reject(Object.assign(new Error(), { code }))

const rows = Object.keys({ ...ROLES, stranger: null, owner: null }).flatMap(role =>
  (['organizationKeys', 'memberKeys'] as const).flatMap(whose =>
    Object.keys(ACTS).map(action => ({ role, whose, action })),
  ),
)

it.each(rows)('$role, $whose, $action', async ({ role, whose, action }) => {
  const owner = whose === 'memberKeys' ? { id: member.id } : { type: 'organization', id: 'acme' }
  const { apiKey } = await keys.create({ name: 'k', owner, organizationId: 'acme' })
  const may: readonly string[] = ROLES[role]?.[whose] ?? []
  const act = ACTS[action]
  if (act === undefined) throw new Error(action)
  const outcome = await act(keys.as(userWith(role)), apiKey.id).then(
    () => 'done',
    ({ code }: { code: string }) => code,
  )
  expect(outcome).toBe(may.includes(action) ? 'done' : may.includes('read') ? 'FORBIDDEN' : 'NOT_FOUND')
})

it('lets only roles with create make a key of the organisation', async () => {
  const input = { name: 'k', owner: { type: 'organization', id: 'acme' } }
  await expect(keys.as(userWith('developer')).create(input)).resolves.toHaveProperty('token')
  for (const role of ['security', 'auditor', 'owner']) {
    expect(await refusalCode(keys.as(userWith(role)).create(input))).toBe('FORBIDDEN')
  }
})

it('shows the keys of members to roles that may read them, and no others', async () => {
  await keys.as(member).create({ name: 'a member’s', organizationId: 'acme' })
  await keys.create({ name: 'acme’s', owner: { type: 'organization', id: 'acme' } })
  const seen = async (role: string) =>
    (await keys.as(userWith(role)).list({ organizationId: 'acme' })).data.map(({ name }) => name).sort()
  expect(await seen('security')).toEqual(['acme’s', 'a member’s'].sort())
  expect(await seen('developer')).toEqual(['acme’s'])
  expect(await seen('owner')).toEqual([]) // not named, and there is no *
})

it('lets no member undo what a role over the members has switched off', async () => {
  const { apiKey } = await keys.as(member).create({ name: 'k', organizationId: 'acme' })
  await keys.as(userWith('security')).update(apiKey.id, { enabled: false })
  expect(await refusalCode(keys.as(member).update(apiKey.id, { enabled: true }))).toBe('FORBIDDEN')
})

it('ends the keys of those whom a role may revoke, by a bulk revoke', async () => {
  const { apiKey } = await keys.as(member).create({ name: 'k', organizationId: 'acme' })
  const filter = { owner: { id: member.id }, organizationId: 'acme' }
  expect(await refusalCode(keys.as(userWith('developer')).revokeAll(filter))).toBe('FORBIDDEN')
  expect(await keys.as(userWith('auditor')).revokeAll(filter)).toEqual({ revoked: 0 })
  expect(await keys.as(userWith('security')).revokeAll(filter)).toEqual({ revoked: 1 })
  expect((await keys.get(apiKey.id))?.status).toBe('revoked')
})
