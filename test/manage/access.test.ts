/** The access table, pair by pair: who may do what to whose key, written down again from the promise. */
import type { ApiKey, KeyManagement } from 'sidekey'
import {
  alice,
  bob,
  carol,
  deputy,
  mallory,
  refusalCode,
  root,
  type TestKeys,
  type TestUser,
  testKeys,
} from '../support/keys.js'

const ACTIONS = {
  read: (face, id) => face.get(id),
  update: (face, id) => face.update(id, { name: 'renamed' }),
  disable: (face, id) => face.update(id, { enabled: false }),
  enable: (face, id) => face.update(id, { enabled: true }),
  rotate: (face, id) => face.rotate(id),
  revoke: (face, id) => face.revoke(id),
  delete: (face, id) => face.delete(id),
  restore: (face, id) => face.restore(id),
  purge: (face, id) => face.purge(id),
  transfer: (face, id) => face.transfer(id, { id: 'zoe' }),
} as const satisfies Record<string, (face: KeyManagement<never>, id: string) => Promise<unknown>>
type ActionName = keyof typeof ACTIONS
const EVERY = Object.keys(ACTIONS) as ActionName[] // keys of a const object

const OWNERS: readonly ActionName[] = [
  'read',
  'update',
  'disable',
  'enable',
  'rotate',
  'revoke',
  'delete',
  'restore',
]
const COLLEAGUES_ADMIN: readonly ActionName[] = ['read', 'disable', 'revoke', 'delete']
const ADMINS_OVER_USERS = EVERY.filter(action => action !== 'rotate' && action !== 'transfer')

/** The keys that are acted on. */
const SUBJECTS = {
  'her own': { owner: { id: 'alice' } },
  'her own in acme': { owner: { id: 'alice' }, organizationId: 'acme' },
  "acme's": { owner: { type: 'organization', id: 'acme' } },
  "a service's": { owner: { type: 'service', id: 'alice' } },
} as const

type Row = readonly [who: string, user: TestUser, key: keyof typeof SUBJECTS, may: readonly ActionName[]]
const TABLE: readonly Row[] = [
  ['the owner', alice, 'her own', OWNERS],
  ['the owner', alice, 'her own in acme', OWNERS],
  ['a member', alice, "acme's", ['read']],
  ['a user with the id of a service', alice, "a service's", []],
  ['a colleague', bob, 'her own', []],
  ['a colleague', bob, 'her own in acme', []],
  ['a colleague', bob, "acme's", ['read']],
  ["the organisation's admin", carol, 'her own', []],
  ["the organisation's admin", carol, 'her own in acme', COLLEAGUES_ADMIN],
  ["the organisation's admin", carol, "acme's", OWNERS],
  ['an owner of another organisation', mallory, 'her own', []],
  ['an owner of another organisation', mallory, 'her own in acme', []],
  ['an owner of another organisation', mallory, "acme's", []],
  ['an admin', root, 'her own', ADMINS_OVER_USERS],
  ['an admin', root, 'her own in acme', ADMINS_OVER_USERS],
  ['an admin', root, "acme's", EVERY.filter(action => action !== 'transfer')],
  ['an admin who may impersonate', deputy, 'her own', EVERY],
  ['an admin who may impersonate', deputy, "acme's", EVERY],
]

/** A key in the state in which the action has something to do. */
async function subject(keys: TestKeys, which: keyof typeof SUBJECTS, action: ActionName): Promise<ApiKey> {
  const { apiKey } = await keys.create({ name: 'key', ...SUBJECTS[which] })
  // Switched off by the lowest rank that could: whoever may undo at all, may undo this.
  const face = which === 'her own' || which === 'her own in acme' ? keys.as(alice) : keys.as(carol)
  const trusted = which === "a service's" ? keys : face
  if (action === 'enable') await trusted.update(apiKey.id, { enabled: false })
  if (action === 'restore') await trusted.delete(apiKey.id)
  return apiKey
}

describe('the access table, by session', () => {
  const cases = TABLE.flatMap(([who, user, key, may]) =>
    EVERY.map(action => ({ who, user, key, action, allowed: may.includes(action), sees: may.length > 0 })),
  )
  const saying = ({ allowed }: { allowed: boolean }) => (allowed ? 'lets' : 'refuses')

  it.each(cases.map(one => ({ ...one, says: saying(one) })))(
    '$says $who $action $key',
    async ({ user, key, action, allowed, sees }) => {
      const keys = testKeys()
      const before = await subject(keys, key, action)
      const act = ACTIONS[action](keys.as(user) as KeyManagement<never>, before.id) // no permission is named here
      if (allowed) return void expect(await act).not.toBeNull()
      if (action === 'read') return void expect(await act).toBeNull()
      // Whoever may not see a key is told that there is none.
      expect(await refusalCode(act)).toBe(sees ? 'FORBIDDEN' : 'NOT_FOUND')
      const after = await keys.list({ status: ['active', 'disabled', 'deleted', 'revoked'] })
      expect(after.data[0]?.version).toBe(action === 'enable' || action === 'restore' ? 2 : 1)
    },
  )
})

describe('creating, by session', () => {
  it.each([
    ['a user for herself', alice, {}, true],
    ['a user for herself, in her organisation', alice, { organizationId: 'acme' }, true],
    ['a user for herself, in an organisation of others', alice, { organizationId: 'evil' }, false],
    ['a user for a colleague', alice, { owner: { id: 'bob' } }, false],
    ['a member for the organisation', alice, { owner: { type: 'organization', id: 'acme' } }, false],
    ["the organisation's admin for it", carol, { owner: { type: 'organization', id: 'acme' } }, true],
    [
      "the organisation's admin for a member",
      carol,
      { owner: { id: 'alice' }, organizationId: 'acme' },
      false,
    ],
    ['an admin for a user', root, { owner: { id: 'alice' } }, false],
    ['an admin who may impersonate for a user', deputy, { owner: { id: 'alice' } }, true],
    ['an admin for an organisation', root, { owner: { type: 'organization', id: 'acme' } }, true],
    ['an admin for himself', root, {}, true],
  ] as const)('%s: as the table says', async (_who, user, fields, allowed) => {
    const keys = testKeys()
    const act = keys.as(user).create({ name: 'new', ...fields })
    if (allowed) return void expect((await act).apiKey.createdBy).toBe(user.id)
    expect(await refusalCode(act)).toBe('FORBIDDEN')
    expect((await keys.list()).data).toEqual([])
  })

  it('asks for a login first', async () => {
    const keys = testKeys()
    for (const nobody of [undefined, null, false]) {
      expect(await refusalCode(keys.as(nobody).create({ name: 'new' }))).toBe('UNAUTHENTICATED')
      expect(await refusalCode(keys.as(nobody).list())).toBe('UNAUTHENTICATED')
    }
  })

  it('lets nobody in by a mistake in the mapping of users', async () => {
    for (const mapped of [undefined, null, {}, { id: '' }, { id: {} }, { id: 'a', admin: 'yes' }]) {
      const keys = testKeys({ actor: () => mapped as never }) // what a mistaken app returns
      expect(await refusalCode(keys.as({}).list({ all: true }))).toBe('INVALID_OPTION')
    }
  })
})
