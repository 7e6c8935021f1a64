/** What everybody may try in the world of an attacker, at random. */
import fc from 'fast-check'
import type { KeyManagement, OwnerInput, RestrictionsInput } from 'sidekey'
import { KEY_STATUSES } from '../../src/key/record.js'
import { RANGES, ROLES, SITES } from './escalation-oracle.js'

export const HOUR = 3_600_000
const SITE = 'https://app.example.com'

const PATTERNS = [
  ...[
    '*',
    '*:*',
    'reports:*',
    'reports:read',
    'reports:*:all',
    'exports:*',
    'exports:read',
    '*:read',
    '*:write',
  ],
  ...[
    'api-keys:*',
    'api-keys:create',
    'api-keys:update',
    'api-keys:rotate',
    '*:update',
    '*:create',
    '*:rotate:*',
  ],
]
const MANAGING = [
  'api-keys:*',
  '*',
  '*:*',
  '*:update',
  'api-keys:create',
  'api-keys:rotate',
  'api-keys:delete',
]
const THINGS = ['project:1', 'project:2', 'project:*', '*:1', 'project:2:*', 'team:1', '*']
const OWNERS: readonly OwnerInput[] = [{ id: 'alice' }, { type: 'organization', id: 'acme' }, { id: 'bob' }]
const GRANTS = [
  ['*'],
  ['*'],
  ['reports:*', 'api-keys:*'],
  ['*:read', 'api-keys:*'],
  ['*:*'],
  ['reports:read'],
  null,
]

/** What somebody wants a key to be. */
export interface Wish {
  readonly permissions?: readonly string[]
  readonly roles?: readonly string[]
  readonly resources?: readonly string[]
  readonly restrictions?: RestrictionsInput
  readonly expiresIn?: string
  /** Hours from now. */
  readonly startsIn?: number
  readonly organizationId?: string
  readonly kind?: string
  readonly owner?: OwnerInput
}

const oneOf = fc.constantFrom
const some = <T>(items: readonly T[], max = 2) => fc.array(oneOf(...items), { maxLength: max, size: 'max' })

/** A key that may do something with other keys, from the place that the attacker comes from. */
export const firstKey: fc.Arbitrary<Wish> = fc
  .record({
    managing: fc.oneof(some(MANAGING, 3), oneOf(['api-keys:*'], ['*'], ['*:*'])),
    permissions: some(PATTERNS, 3),
    roles: oneOf([], [], ['manager'], ['reader'], ['manager', 'reader'], ['all']),
    resources: oneOf([], [], ['project:*'], ['project:1', 'team:1'], ['*:1']),
    ips: oneOf([], [], ['10.0.0.1'], ['10.0.0.0/24'], ['10.0.0.0/24', '2001:db8::/32']),
    origins: oneOf([], [], [], [SITE], ['https://*.example.com'], [SITE, 'https://elsewhere.test']),
    ends: oneOf({}, { expiresIn: '24h' }, { expiresIn: '30d' }),
    starts: oneOf({}, {}, { startsIn: -1 }),
    kind: oneOf('secret', 'secret', 'limited', 'fenced'),
    whose: oneOf(
      { owner: { id: 'alice' } },
      { owner: { id: 'alice' }, organizationId: 'acme' },
      { owner: { type: 'organization', id: 'acme' } },
    ),
  })
  .map(({ managing, permissions, ips, origins, ends, starts, whose, ...rest }) => {
    const all = { ...rest, permissions: [...managing, ...permissions], ...ends, ...starts, ...whose }
    return { ...all, restrictions: { ips, origins } }
  })

const restrictions = fc.record({
  ips: some(Object.keys(RANGES)),
  origins: fc.oneof(oneOf([]), some(Object.keys(SITES))),
})
const often = <T>(arbitrary: fc.Arbitrary<T>) => ({ weight: 3, arbitrary })
const seldom = <T>(arbitrary: fc.Arbitrary<T>) => ({ weight: 1, arbitrary })

/** A few fields: what is left out stays as it is, or is taken from another key. */
export const wish: fc.Arbitrary<Wish> = fc
  .array(
    fc.oneof<fc.WeightedArbitrary<Wish>[]>(
      often(some(PATTERNS).map(permissions => ({ permissions }))),
      often(some(THINGS).map(resources => ({ resources }))),
      often(restrictions.map(restrictions => ({ restrictions }))),
      often(oneOf('2h', '24h', '30d').map(expiresIn => ({ expiresIn }))),
      seldom(some(Object.keys(ROLES)).map(roles => ({ roles }))),
      seldom(oneOf(-1, 1).map(startsIn => ({ startsIn }))),
      seldom(oneOf('acme', 'evil').map(organizationId => ({ organizationId }))),
      seldom(oneOf('secret', 'limited').map(kind => ({ kind }))),
      seldom(oneOf(...OWNERS).map(owner => ({ owner }))),
    ),
    { maxLength: 2, size: 'max' },
  )
  .map(fields => Object.assign({}, ...fields))

/** What an act is aimed at. Not every act makes use of all of it. */
export interface Aim {
  /** A key's id, perhaps nobody's. */
  readonly id: string
  /** A token that was found, whosever. */
  readonly token: string
  readonly wish: Wish
  readonly owner: OwnerInput
  readonly grace: string
  readonly now: number
}

export type Act = (keys: KeyManagement, aim: Aim) => Promise<unknown>

export const inputOf = ({ startsIn, ...rest }: Wish, now: number) =>
  startsIn === undefined ? rest : { ...rest, notBefore: new Date(now + startsIn * HOUR) }
const update: Act = (keys, { id, wish, now }) => {
  const { kind, owner, ...rest } = wish
  return keys.update(id, inputOf(rest, now))
}
const enable: Act = (keys, { id }) => keys.update(id, { enabled: true })
const disable: Act = (keys, { id }) => keys.update(id, { enabled: false })
const rotate: Act = (keys, { id, grace }) => keys.rotate(id, { grace })
const revoke: Act = (keys, { id }) => keys.revoke(id)
const remove: Act = (keys, { id }) => keys.delete(id)
const restore: Act = (keys, { id }) => keys.restore(id)
const transfer: Act = (keys, { id, owner }) => keys.transfer(id, owner)
/** To bob's organisation, to acme, or out of any. */
const move: Act = (keys, { id, owner }) =>
  keys.update(id, { organizationId: owner.id === 'alice' ? null : owner.id })
const create: Act = (keys, { wish, now }) => keys.create({ name: 'made', ...inputOf(wish, now) })

/** What whoever has a token may try. */
export const ATTEMPTS = {
  create,
  update,
  rotate,
  enable,
  disable,
  revoke,
  remove,
  restore,
  transfer,
  revokeById: (keys, { id }) => keys.revokeAll({ ids: [id] }),
  revokeByOwner: (keys, { owner, id }) => keys.revokeAll({ owner, parentId: id }),
  purge: (keys, { id }) => keys.purge(id),
  lookup: (keys, { token }) => keys.lookup(token),
  get: (keys, { id }) => keys.get(id),
  list: keys => keys.list({ status: KEY_STATUSES }),
  listOwners: (keys, { owner }) => keys.list({ owner }),
  listAll: keys => keys.list({ all: true }),
} satisfies Record<string, Act>

/** What the owner, who manages their organisation too, and an admin do meanwhile. */
export const OWNERS_ACTS = { update, disable, rotate, revoke, remove }
export const ADMINS_ACTS = { update, move, enable, disable, restore, transfer }

const namesIn = <T extends object>(table: T) => Object.keys(table) as (keyof T)[] // a literal's own keys
const aim = fc.record({
  /** The place among all keys, oldest first: the stolen one, those switched off, any of the others, the newest. */
  target: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 3 }),
    fc.nat(9),
    fc.integer({ min: -4, max: -1 }),
  ),
  token: fc.nat(15),
  wish,
  owner: oneOf(...OWNERS),
  grace: oneOf('0s', '1h', '24h'),
})

const byAttacker = fc.record({
  by: fc.constant('attacker'),
  act: fc.oneof(oneOf('create', 'update', 'update', 'rotate'), oneOf(...namesIn(ATTEMPTS))),
  /** By which of the tokens: that of the first key, more often than any other. */
  as: fc.oneof(fc.constant(0), fc.constant(0), fc.nat(15)),
  aim,
})
const byOwner = fc.record({
  by: fc.constant('owner'),
  act: fc.oneof(fc.constant('update'), oneOf(...namesIn(OWNERS_ACTS))),
  aim,
})
const byAdmin = fc.record({ by: fc.constant('admin'), act: oneOf(...namesIn(ADMINS_ACTS)), aim })
const byApp = fc.record({ by: fc.constant('app'), inAcme: fc.boolean(), granted: oneOf(...GRANTS) })
const byClock = fc.record({ by: fc.constant('clock'), hours: oneOf(1, 3, 25) })

/** What happens next: who does what, or time passes. */
export const step = fc.oneof(
  { weight: 12, arbitrary: byAttacker },
  { weight: 2, arbitrary: byOwner },
  { weight: 1, arbitrary: byAdmin },
  { weight: 2, arbitrary: byApp },
  { weight: 1, arbitrary: byClock },
)
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Children to begin with, if the first key may make them: one that is nothing, and one that would manage keys. */
export const MAKE_CHILDREN: readonly Step[] = [[], ['api-keys:*']].map(permissions => ({
  by: 'attacker',
  act: 'create',
  as: 0,
  aim: { target: 0, token: 0, wish: { permissions }, owner: { id: 'alice' }, grace: '0s' },
}))
