/** The world of an attacker: a key that was stolen, other keys beside it, and all that is done to them. */
import {
  type ApiKeys,
  apiKeys,
  type KeyManagement,
  memoryStore,
  type Owner,
  SidekeyError,
  type Store,
  type StoredKey,
} from 'sidekey'
import { KEY_STATUSES } from '../../src/key/record.js'
import { actingBy, alice, deputy, quiet, SMALL_CACHE, type TestUser } from '../support/keys.js'
import {
  ADMINS_ACTS,
  type Aim,
  ATTEMPTS,
  HOUR,
  inputOf,
  OWNERS_ACTS,
  type Step,
  type Wish,
} from './escalation-acts.js'
import { LIMITED, ROLES } from './escalation-oracle.js'

const NOBODYS_ID = '0000000000000000'
const TOKEN = /acme_[a-z]+_([0-9A-Za-z]{16})_[0-9A-Za-z]{49}/g
/** Manages the keys of an organisation beside their own. */
const owner: TestUser = { ...alice, memberships: [{ id: 'acme', role: 'admin' }] }

/** How a key is switched off: by its owner, by an admin, and until it is restored. */
const SWITCHES: readonly ((keys: ApiKeys, id: string) => Promise<unknown>)[] = [
  (keys, id) => keys.as(owner).update(id, { enabled: false }),
  (keys, id) => keys.as(deputy).update(id, { enabled: false }),
  (keys, id) => keys.as(owner).delete(id),
]

/** The records by id, oldest first. */
export type Records = ReadonlyMap<string, StoredKey>

export interface World {
  readonly keys: ApiKeys
  readonly store: Store
  readonly time: { now: number }
  /** What the app grants alice and acme, outside and inside of the organisation. */
  readonly granted: { own: readonly string[] | null; inAcme: readonly string[] | null }
  readonly grantsOf: (owner: Owner, organizationId: string | null) => readonly string[] | null
  /** The id of the key that was stolen. */
  readonly first: string
  /** The tokens that the attacker has come by, that of the first key before all. */
  readonly held: string[]
  /** Every token that was ever given out. */
  readonly issued: string[]
}

/** Who acted by which key on what, and what came of it. */
export interface Attempt {
  readonly act: string
  readonly by: string
  readonly at: number
  /** `undefined`: refused. */
  readonly answer: unknown
}

/**
 * A world with the first key; weak ones that were switched off; one that has made a key; keys much like the first one;
 * and one of another owner.
 */
export async function openWorld(first: Wish, neighbours: readonly Wish[]): Promise<World> {
  const time = { now: 1.8e12 }
  const granted: World['granted'] = { own: ['*'], inAcme: ['*'] }
  const store = memoryStore()
  const grantsOf: World['grantsOf'] = (owner, organizationId) =>
    owner.id === 'bob' ? ['*'] : organizationId === 'acme' ? granted.inAcme : granted.own
  const keys = at(time, () =>
    apiKeys<string, TestUser>({
      prefix: 'acme_secret',
      store,
      roles: ROLES,
      kinds: {
        secret: {},
        limited: { prefix: 'acme_limited', permissions: LIMITED, maxExpiresIn: '60d' },
        fenced: { requiredRestrictions: ['ips'] },
      },
      actor: user => ({
        id: user.id,
        admin: user.role === 'admin',
        impersonate: user.impersonate,
        organizations: user.memberships,
      }),
      grants: grantsOf,
      cache: { ...SMALL_CACHE, ownersFor: '0s' },
      logger: quiet,
    }),
  )
  const issued: string[] = []
  const make = async (wish: Wish, maker: KeyManagement = keys) => {
    time.now++
    const input = { name: 'key', owner: { id: alice.id }, ...inputOf(fitting(wish), time.now) }
    const made = await unlessRefused(maker.create(input))
    if (made !== undefined) issued.push(made.token)
    return made
  }

  const stolen = await make(first)
  if (stolen === undefined) throw new Error('the first key could not be made')
  const weaker = { ...first, expiresIn: '2h' }
  for (const switchOff of SWITCHES) {
    const made = await make({ ...weaker, permissions: [], roles: [] })
    if (made !== undefined) await switchOff(keys, made.apiKey.id)
  }
  const { kind, ...mother } = first
  const mothers = await make({ ...mother, permissions: ['*'], restrictions: {} })
  if (mothers !== undefined) await make({ ...mother, roles: [] }, await actingBy(keys, mothers.token))
  for (const [i, neighbour] of neighbours.entries())
    await make({ ...(i % 2 === 0 ? first : weaker), ...neighbour })
  await make({ ...first, owner: { id: 'bob' } })
  return { keys, store, time, granted, grantsOf, first: stolen.apiKey.id, held: [stolen.token], issued }
}

/** What a kind asks of its keys, so that few wishes are in vain. */
function fitting(wish: Wish): Wish {
  const { kind, permissions = [], roles = [], restrictions } = wish
  if (kind === 'fenced' && !restrictions?.ips?.length)
    return { ...wish, restrictions: { ...restrictions, ips: ['0.0.0.0/0'] } }
  if (kind !== 'limited') return wish
  return {
    ...wish,
    permissions: permissions.filter(one => /^(?:reports|api-keys):/.test(one)),
    roles: roles.filter(role => role === 'manager'),
  }
}

/** Runs with this world's clock: `apiKeys()` keeps the clock that it finds. */
function at<T>(time: { readonly now: number }, run: () => T): T {
  const { now } = Date
  Date.now = () => time.now
  try {
    return run()
  } finally {
    Date.now = now
  }
}

export async function recordsOf({ store, time }: World): Promise<Records> {
  const all = await store.list({ statuses: KEY_STATUSES, now: time.now, limit: 1000 })
  return new Map(all.reverse().map(key => [key.id, key]))
}

/** What comes of an act, `undefined` where sidekey refused it; any other error is one. */
async function unlessRefused<T>(act: Promise<T>): Promise<T | undefined> {
  try {
    return await act
  } catch (error) {
    if (error instanceof SidekeyError) return undefined
    throw error
  }
}

/** Takes a step. Of the attacker's it tells what came of it; `null` for those of others, or without a valid token. */
export async function take(world: World, step: Step): Promise<Attempt | null> {
  const { keys, granted, time, held, issued } = world
  time.now++
  if (step.by === 'clock') time.now += step.hours * HOUR
  else if (step.by === 'app') granted[step.inAcme ? 'inAcme' : 'own'] = step.granted
  else {
    const { target, token, ...rest } = step.aim
    const ids = [...(await recordsOf(world)).keys(), NOBODYS_ID]
    const aim: Aim = { ...rest, id: pick(ids, target), token: pick(issued, token), now: time.now }
    if (step.by === 'attacker') return attempt(world, step.act, pick(held, step.as), aim)
    const done =
      step.by === 'owner'
        ? OWNERS_ACTS[step.act](keys.as(owner), aim)
        : ADMINS_ACTS[step.act](keys.as(deputy), aim)
    issued.push(...tokensIn(await unlessRefused(done)))
  }
  return null
}

async function attempt(
  world: World,
  act: keyof typeof ATTEMPTS,
  token: string,
  aim: Aim,
): Promise<Attempt | null> {
  // Verified afresh, as each request is; where that refuses the token there is nobody to act.
  const face = await actingBy(world.keys, token).catch(() => null)
  if (face === null) return null
  const answer = await unlessRefused(ATTEMPTS[act](face, aim))
  const tokens = tokensIn(answer)
  world.held.push(...tokens)
  world.issued.push(...tokens)
  return { act, by: idOf(token), at: aim.now, answer }
}

/** Whatever looks like a token, wherever it is in an answer. */
function tokensIn(answer: unknown): string[] {
  return (JSON.stringify(answer) ?? '').match(TOKEN) ?? []
}

/** The id of the key that a token is of. */
export function idOf(token: string): string {
  return token.replace(TOKEN, '$1')
}

function pick<T>(items: readonly T[], index: number): T {
  return items.at(index % items.length) as T // never asked of an empty list
}
