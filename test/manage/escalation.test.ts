/** Rule 6 by property: whoever holds one key's token never comes to more than that key can do, whatever they try. */
import fc from 'fast-check'
import type { Accepted, StoredKey, VerifyRequest } from 'sidekey'
import { runs } from '../support/runs.js'
import { firstKey, HOUR, MAKE_CHILDREN, type Step, step, wish } from './escalation-acts.js'
import {
  ADDRESSES,
  beyond,
  beyondUse,
  givenTo,
  ORIGINS,
  PERMISSIONS,
  type Powers,
  powersAt,
  RESOURCES,
  type Use,
} from './escalation-oracle.js'
import {
  type Attempt,
  idOf,
  openWorld,
  type Records,
  recordsOf,
  take,
  type World,
} from './escalation-world.js'

const RUNS = runs(250)
const KINDS = ['secret', 'limited', 'fenced']
const READS = new Set(['get', 'lookup', 'list', 'listOwners', 'listAll'])
/** What makes a key the key that it is. */
const LASTING = ['owner', 'organizationId', 'kind', 'prefix', 'parentId', 'createdBy', 'createdAt'] as const

/** How often something must have been let through, at the least: about a third of what is usual. */
const NOT_IN_VAIN = {
  create: 150,
  update: 25,
  rotate: 20,
  revoke: 3,
  remove: 3,
  list: 5,
  lookup: 3,
  'used a child': 8000,
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
const count = new Map<string, number>()
const counted = (what: string) => count.set(what, (count.get(what) ?? 0) + 1)

/** What an attempt did that the first key may not do. */
function misdeeds(world: World, attempt: Attempt, before: Records, after: Records): string[] {
  const { by, act, at, answer } = attempt
  const powers = powersAt(before.get(world.first), world.grantsOf, at)
  if (powers === null) return ['acted though the first key is not valid']
  const may = (verb: string) => by === world.first && PERMISSIONS.has(powers.permissions, `api-keys:${verb}`)
  const found: string[] = []
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(id), after.get(id)]
    if (was === is) continue
    if (is === undefined) found.push(`purged ${id}`)
    else if (id !== by || !isOnlyRevoked(was, is)) {
      for (const key of [was ?? is, is])
        found.push(...beyond(givenTo(key), powers).map(dimension => `${id} is beyond it: ${dimension}`))
      for (const verb of verbsOf(was, is)) if (!may(verb)) found.push(`may not ${verb}`)
      found.push(...takenOver(was, is, world.first))
    }
  }
  for (const id of idsIn(answer)) {
    const key = after.get(id)
    if (id === by || key === undefined) continue
    if (beyond(givenTo(key), powers).length > 0 || (READS.has(act) && !may('read'))) found.push(`saw ${id}`)
  }
  return found
}

function isOnlyRevoked(was: StoredKey | undefined, is: StoredKey): boolean {
  if (was === undefined || was.revoked !== null) return false
  const { revoked, version, updatedAt } = is
  return same({ ...was, revoked, version, updatedAt }, is)
}

/** The permissions that a change takes. */
function verbsOf(was: StoredKey | undefined, is: StoredKey): string[] {
  if (was === undefined) return ['create']
  const { hash, previous, revoked, deleted, version, updatedAt } = was
  const verbs: string[] = []
  if (is.hash !== hash) verbs.push('rotate')
  if (!same(is.revoked, revoked)) verbs.push('revoke')
  if (!same(is.deleted, deleted)) verbs.push('delete')
  if (!same({ ...is, hash, previous, revoked, deleted, version, updatedAt }, was)) verbs.push('update')
  return verbs
}

/** How a change gives a key away, takes it over or brings it back. */
function takenOver(was: StoredKey | undefined, is: StoredKey, first: string): string[] {
  const found: string[] = []
  const ours = is.id === first || is.parentId === first
  if (was === undefined) return ours ? [] : [`${is.id} is not a child of the first key`]
  for (const field of LASTING) if (!same(was[field], is[field])) found.push(`${is.id} has another ${field}`)
  const secretsChanged = was.hash !== is.hash || !same(was.previous, is.previous)
  if (secretsChanged && !ours) found.push(`${is.id} has another token`)
  const mark = was.disabled?.rank === 'key' ? null : was.disabled
  const undone = [
    [was.revoked, is.revoked],
    [was.deleted, is.deleted],
    [mark, is.disabled],
  ].some(([mark, left]) => mark !== null && !same(mark, left))
  return undone ? [...found, `${is.id} was revived`] : found
}

function idsIn(answer: unknown): string[] {
  const text = JSON.stringify(answer) ?? ''
  return [...text.matchAll(/"id":"([0-9A-Za-z]{16})"/g)].map(([, id = '']) => id)
}

/** What is wrong with who descends from whom, and with whose tokens the attacker holds. */
function strangers({ first, held }: World, records: Records): string[] {
  const found = held
    .filter(token => idOf(token) !== first && records.get(idOf(token))?.parentId !== first)
    .map(token => `holds a token of ${idOf(token)}`)
  for (const { id, parentId } of records.values()) {
    if (records.get(parentId ?? '')?.parentId) found.push(`${id} is a child's child`)
  }
  return found
}

/** Uses that the key's own record allows, and the first key may not: each dimension in turn, the others allowed. */
function usesOf(own: Powers, first: Powers, now: number): Use[] {
  const both = ({ values, has }: typeof PERMISSIONS, mine: bigint, its: bigint) =>
    values.find(value => has(mine & its, value)) ?? values.find(value => has(mine, value))
  const use: Use = {
    permission: both(PERMISSIONS, own.permissions, first.permissions),
    resource: both(RESOURCES, own.resources, first.resources),
    ip: both(ADDRESSES, own.ips, first.ips),
    origin: both(ORIGINS, own.origins, first.origins),
    kind: own.kind,
    at: now,
  }
  const risky = PERMISSIONS.values.filter(one => PERMISSIONS.has(own.permissions & ~first.permissions, one))
  return [
    use,
    ...[undefined, ...risky.slice(0, 3), ...risky.slice(-2)].map(permission => ({ ...use, permission })),
    ...[undefined, ...RESOURCES.values].map(resource => ({ ...use, resource })),
    ...[undefined, ...ADDRESSES.values].map(ip => ({ ...use, ip })),
    ...[undefined, ...ORIGINS.values].map(origin => ({ ...use, origin })),
    ...KINDS.map(kind => ({ ...use, kind })),
    ...[1.5, 12, 480, 9600].map(hours => ({ ...use, at: now + hours * HOUR })),
  ]
}

/** What of the attacker's tokens `verify` accepts beyond what the first key, and the token's own, could do then. */
async function overreach({ keys, held, first, grantsOf, time }: World, records: Records): Promise<string[]> {
  const { now } = time
  const found: string[] = []
  for (const token of held) {
    const [own, root] = [records.get(idOf(token)), records.get(first)]
    if (own === undefined || root === undefined || own === root) continue
    const powersOfBoth = (at: number) => [root, own].map(key => powersAt(key, grantsOf, at))
    const powersNow = powersOfBoth(now)
    for (const use of usesOf(givenTo(own), powersNow[0] ?? givenTo(root), now)) {
      time.now = use.at
      const answer = await keys.verify(token, requestOf(use))
      time.now = now
      if (!answer.ok) continue
      counted('used a child')
      for (const powers of use.at === now ? powersNow : powersOfBoth(use.at)) {
        found.push(...acceptedBeyond(answer, use, powers).map(what => `${own.id} is accepted ${what}`))
      }
    }
  }
  return found
}

function acceptedBeyond(
  { apiKey, owner, permissions, resources }: Accepted,
  use: Use,
  powers: Powers | null,
) {
  if (powers === null) return ['though it is not valid']
  const told = {
    ...powers,
    owner: `${owner.type} ${owner.id}`,
    organizationId: apiKey.organizationId,
    kind: apiKey.kind,
    permissions: PERMISSIONS.union(permissions),
    resources: resources === null ? RESOURCES.narrowed([]) : RESOURCES.union(resources),
  }
  return [...beyondUse(use, powers), ...beyond(told, powers)].map(dimension => `beyond its ${dimension}`)
}

/** Whether keys may do other things than before the step. */
function hasMoved({ by }: Step, before: Records, after: Records): boolean {
  if (by === 'app' || by === 'clock' || before.size !== after.size) return true
  return [...after].some(([id, key]) => before.get(id) !== key)
}

function requestOf({ permission, resource, ip, origin, kind }: Use): VerifyRequest {
  return {
    kind,
    ...(permission !== undefined && { permissions: permission }),
    ...(resource !== undefined && { resource }),
    ...(ip !== undefined && { ip }),
    ...(origin !== undefined && { origin }),
  }
}

it('gives whoever holds a key never more than that key, whatever they try by it and its children', async () => {
  const neighbours = fc.array(wish, { minLength: 3, maxLength: 5 })
  const steps = fc.array(step, { minLength: 8, maxLength: 14, size: 'max' })
  await fc.assert(
    fc.asyncProperty(firstKey, neighbours, steps, async (first, neighbours, steps) => {
      const world = await openWorld(first, neighbours)
      let before = await recordsOf(world)
      for (const [i, step] of [...MAKE_CHILDREN, ...steps].entries()) {
        const attempt = await take(world, step)
        const after = await recordsOf(world)
        const found = [
          ...(attempt === null ? [] : misdeeds(world, attempt, before, after)),
          ...strangers(world, after),
          ...(hasMoved(step, before, after) ? await overreach(world, after) : []),
        ]
        if (found.length > 0) throw new Error(`step ${i} (${step.by}): ${found.join('; ')}`)
        if (attempt?.answer) counted(attempt.act)
        before = after
      }
    }),
    RUNS,
  )
  // Where next to nothing is let through, next to nothing has been tried.
  const tooFew = Object.entries(NOT_IN_VAIN).filter(([done, times]) => (count.get(done) ?? 0) < times)
  expect(tooFew).toEqual([])
})
