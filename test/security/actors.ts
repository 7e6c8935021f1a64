/** Everybody who may ask something of the router, what there is to ask about, and what the access table says of both. */
import type { ApiKey } from 'sidekey'
import { keyHandler } from 'sidekey/fetch'
import type { Action } from '../../src/key/action.js'
import { KEY_STATUSES } from '../../src/key/record.js'
import { tableAllows } from '../../src/manage/access.js'
import { sessionActor } from '../../src/manage/actor.js'
import { DEFAULT_ROLES } from '../../src/manage/roles.js'
import { type TestKeys, type TestUser, testKeys, USERS } from '../support/keys.js'

/** Nobody, a user by login, or a key of that user: one that carries everything, or one that carries nothing. */
export interface Actor {
  readonly name: string
  readonly user: TestUser | null
  readonly by: 'nobody' | 'login' | 'full key' | 'empty key'
}

export const ACTORS: readonly Actor[] = [
  { name: 'nobody', user: null, by: 'nobody' },
  ...USERS.flatMap(user => [
    { name: user.id, user, by: 'login' as const },
    { name: `a key of ${user.id}`, user, by: 'full key' as const },
    { name: `a key of ${user.id} that carries nothing`, user, by: 'empty key' as const },
  ]),
]

/** The keys that are asked about. */
export const SUBJECTS = {
  "alice's": { owner: { type: 'user', id: 'alice' } },
  "alice's in acme": { owner: { type: 'user', id: 'alice' }, organizationId: 'acme' },
  "acme's": { owner: { type: 'organization', id: 'acme' } },
  "the service alice's": { owner: { type: 'service', id: 'alice' } },
} as const
export type SubjectName = keyof typeof SUBJECTS
export const SUBJECT_NAMES = Object.keys(SUBJECTS) as SubjectName[] // keys of a const object

/** What no key may do, nor says whether there is a key to do it to. */
const NEVER_BY_KEY: readonly Action[] = ['restore', 'purge', 'transfer', 'credits']
/** What a key does not do to others of its owner's that it has neither made nor switched off. */
const NOT_TO_OTHERS: readonly Action[] = ['rotate', 'enable']

export type Expected = 'allowed' | 'forbidden' | 'hidden' | 'log in'

/** What docs/access.md says: by the table for logins, by "Keys as actors" for keys. */
export function expected(actor: Actor, action: Action, subject: SubjectName): Expected {
  const { user, by } = actor
  if (user === null) return 'log in'
  if (by === 'login') {
    if (mayBySession(user, action, subject)) return 'allowed'
    return mayBySession(user, 'read', subject) ? 'forbidden' : 'hidden'
  }
  if (NEVER_BY_KEY.includes(action)) return 'forbidden'
  if (by === 'empty key') return action === 'read' ? 'hidden' : 'forbidden'
  const { owner } = SUBJECTS[subject]
  const isItsOwners = owner.type === 'user' && owner.id === user.id && subject !== "alice's in acme"
  if (!isItsOwners) return 'hidden'
  return NOT_TO_OTHERS.includes(action) ? 'forbidden' : 'allowed'
}

function mayBySession(user: TestUser, action: Action, subject: SubjectName): boolean {
  const { id, role, impersonate, memberships } = user
  const actor = sessionActor({ id, admin: role === 'admin', impersonate, organizations: memberships })
  const { owner } = SUBJECTS[subject]
  // A key that an organisation owns is in it.
  const organizationId = owner.type === 'organization' ? owner.id : null
  const key = { organizationId, ...SUBJECTS[subject] }
  return tableAllows(actor, action, key, DEFAULT_ROLES)
}

export interface World {
  readonly keys: TestKeys
  /** Sends a request as this actor. */
  send(actor: Actor, method: string, path: string, body?: unknown): Promise<Response>
}

/** Keys, and the router over them as the Fetch standard has it. */
export function openWorld(): World {
  const keys = testKeys()
  const handler = keyHandler(keys, { path: '/api-keys' })
  return {
    keys,
    async send({ user, by }, method, path, body) {
      const headers = new Headers()
      if (body !== undefined) headers.set('content-type', 'application/json')
      if (by === 'full key' || by === 'empty key') {
        const permissions = by === 'full key' ? (['*'] as const) : []
        const { token } = await keys.create({ name: 'acting', owner: { id: user?.id ?? '' }, permissions })
        headers.set('x-api-key', token)
      }
      const request = new Request(`https://app.example.com/api-keys${path}`, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return handler(request, by === 'login' ? { user } : {})
    },
  }
}

/** All that there is to know of a key. */
export async function stateOf({ keys }: World, id: string): Promise<string> {
  const { data } = await keys.list({ status: KEY_STATUSES })
  return JSON.stringify([await keys.get(id), data.find(one => one.id === id)])
}

/** Makes the key that is asked about. */
export async function makeSubject(
  { keys }: World,
  name: SubjectName,
): Promise<{ apiKey: ApiKey; token: string }> {
  const permissions = ['reports:read'] as const
  return keys.create({ name: `${name} key`, permissions, credits: { balance: 10 }, ...SUBJECTS[name] })
}
