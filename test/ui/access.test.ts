import type { ApiKey } from '../../src/client/index.js'
import { ACTIONS } from '../../src/key/action.js'
import { tableAllows } from '../../src/manage/access.js'
import type { SessionActor } from '../../src/manage/actor.js'
import { DEFAULT_ROLES, roleNamed } from '../../src/manage/roles.js'
import { offered } from '../../ui/access.js'

/** As `GET /config` tells of it. */
const told = ({ id, role }: { id: string; role: string }) => ({ id, role, ...roleNamed(DEFAULT_ROLES, role) })

const ORGANIZATIONS = [
  [],
  [{ id: 'acme', role: 'member' }],
  [{ id: 'acme', role: 'admin' }],
  [{ id: 'other', role: 'owner' }],
]
const ACTORS = ['alice', 'bob'].flatMap(id =>
  ORGANIZATIONS.flatMap(organizations =>
    [
      { admin: false, impersonate: false },
      { admin: true, impersonate: false },
      { admin: true, impersonate: true },
    ].map(rank => ({ id, via: 'session' as const, organizations: organizations.map(told), ...rank })),
  ),
)
const KEYS = [
  { owner: { type: 'user', id: 'alice' }, organizationId: null },
  { owner: { type: 'user', id: 'alice' }, organizationId: 'acme' },
  { owner: { type: 'organization', id: 'acme' }, organizationId: 'acme' },
  { owner: { type: 'service', id: 'alice' }, organizationId: null },
]

const NOBODY_SPECIAL = {
  id: 'x',
  via: 'session',
  admin: false,
  impersonate: false,
  organizations: [],
} as const

/** What no status of a living key takes away. */
const ALWAYS = ACTIONS.filter(action => !['enable', 'restore'].includes(action))

describe('what the page offers', () => {
  it('is what the table of access allows, for every relation', () => {
    for (const actor of ACTORS) {
      for (const key of KEYS) {
        const shown = offered(actor, { ...key, status: 'active' })
        const allowed = ALWAYS.filter(action =>
          tableAllows(actor as SessionActor, action, key, DEFAULT_ROLES),
        )
        expect(ALWAYS.filter(action => shown.has(action))).toEqual(allowed)
      }
    }
  })

  it('leaves out what the status of a key does not let be done', () => {
    const of = (status: ApiKey['status']) =>
      offered({ ...NOBODY_SPECIAL, id: 'alice' }, {
        ...KEYS[0],
        status,
      } as ApiKey)
    expect(of('active').has('enable')).toBe(false)
    expect(of('disabled').has('enable')).toBe(true)
    expect(of('revoked').has('rotate')).toBe(false)
    expect(of('revoked').has('delete')).toBe(true)
    expect(of('deleted').has('restore')).toBe(true)
  })
})
