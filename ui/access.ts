/**
 * What the viewer may do to a key, as the table of `docs/access.md` has it: it decides what is offered. The server decides what
 * is done: an app's `authorize` may say otherwise, and what is offered too much is refused there.
 */
import type { ApiKey, KeyConfig } from '../src/client/index.js'
import { ACTIONS, type Action } from '../src/key/action.js'
import { OWNERS_ACTIONS } from '../src/manage/roles.js'

type Actor = KeyConfig['actor']
type Key = Pick<ApiKey, 'owner' | 'organizationId' | 'status'>

/** What yields a token that acts as the user: an admin needs `impersonate` for it. */
const AS_USER: readonly Action[] = ['create', 'rotate', 'transfer']

/** What there is no point in, by status. */
const WITHOUT: Readonly<Partial<Record<ApiKey['status'], readonly Action[]>>> = {
  revoked: ['update', 'enable', 'disable', 'rotate', 'revoke', 'restore', 'transfer'],
  deleted: ['update', 'enable', 'disable', 'rotate', 'revoke', 'delete', 'transfer', 'credits'],
  disabled: ['disable', 'restore'],
}
const WITHOUT_OTHERWISE: readonly Action[] = ['enable', 'restore']

/** Whether the viewer is the user that the key belongs to. */
export function isOwn(actor: Actor, { owner }: Pick<ApiKey, 'owner'>): boolean {
  return owner.type === 'user' && owner.id === actor.id
}

/** The organisations that the viewer may make keys for. */
export function creatableFor({ organizations }: Actor): string[] {
  return organizations
    .filter(({ organizationKeys }) => organizationKeys.includes('create'))
    .map(({ id }) => id)
}

/** The actions that are offered on a key. */
export function offered(actor: Actor, key: Key): ReadonlySet<Action> {
  const without = WITHOUT[key.status] ?? WITHOUT_OTHERWISE
  return new Set(rightsOver(actor, key).filter(action => !without.includes(action)))
}

function rightsOver(actor: Actor, key: Key): readonly Action[] {
  const roles = actor.organizations.filter(({ id }) => id === key.organizationId)
  return [
    ...(isOwn(actor, key) ? OWNERS_ACTIONS : []),
    ...roles.flatMap(role => (key.owner.type === 'organization' ? role.organizationKeys : role.memberKeys)),
    ...(actor.admin ? adminsRights(actor, key) : []),
  ]
}

function adminsRights({ impersonate }: Actor, { owner }: Key): readonly Action[] {
  return impersonate || owner.type !== 'user' ? ACTIONS : ACTIONS.filter(action => !AS_USER.includes(action))
}
