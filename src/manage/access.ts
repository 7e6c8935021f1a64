/**
 * Who may do what to which key: the table, and the one function that asks it. The table is by relation: an actor
 * may stand in several relations to a key, and may do what any of them may.
 */
import { SidekeyError } from '../errors.js'
import { ACTIONS, type Action } from '../key/action.js'
import type { AuditEvent } from '../key/audit-event.js'
import { satisfies } from '../key/permission.js'
import { RANKS, type StoredKey, toApiKey } from '../key/record.js'
import type { Decision } from '../options.js'
import { tellOnce } from '../tell.js'
import {
  type Caller,
  isOwner,
  type KeyActor,
  type RequestActor,
  rolesIn,
  type SessionActor,
  standing,
} from './actor.js'
import type { Deps } from './deps.js'
import { refusing } from './refused-act.js'
import { actionsOver, DEFAULT_ROLES, type OrganizationRoles, OWNERS_ACTIONS, roleNamed } from './roles.js'
import { excess } from './within.js'
import { fieldOf, wordsFor } from './words.js'

/** What an actor by session is to a key. */
export type Relation =
  | 'owner'
  /** Owner or admin of the organisation that owns the key; the option `organizationRoles` says it otherwise. */
  | 'organizationManager'
  /** Owner or admin of the organisation in whose context a user's key is used. */
  | 'colleagueManager'
  /** Any role in the organisation that owns the key. */
  | 'organizationMember'
  | 'admin'
  /** An admin, over a user's key: all but what yields a token that acts as that user. */
  | 'adminOverUser'

const MANAGER = roleNamed(DEFAULT_ROLES, 'admin')
const MEMBER = roleNamed(DEFAULT_ROLES, '*')

/** Of those in an organisation it says what the default roles may do: what they are asked by is their role. */
export const ACCESS_TABLE: Readonly<Record<Relation, readonly Action[]>> = {
  owner: OWNERS_ACTIONS,
  organizationManager: MANAGER.organizationKeys,
  colleagueManager: MANAGER.memberKeys,
  organizationMember: MEMBER.organizationKeys,
  admin: ACTIONS,
  adminOverUser: [
    'read',
    'audit',
    'update',
    'disable',
    'enable',
    'revoke',
    'delete',
    'restore',
    'purge',
    'credits',
  ],
}

/** The permission that a key needs for an action on its owner's other keys; actions not named are never a key's. */
const KEY_PERMISSION: Readonly<Partial<Record<Action, string>>> = {
  create: 'api-keys:create',
  read: 'api-keys:read',
  audit: 'api-keys:read',
  update: 'api-keys:update',
  disable: 'api-keys:update',
  enable: 'api-keys:update',
  rotate: 'api-keys:rotate',
  revoke: 'api-keys:revoke',
  delete: 'api-keys:delete',
}

/** What any key may do to itself. */
const SELF: ReadonlySet<Action> = new Set(['read', 'revoke'])

/** Whether the table, with the roles of the options, lets an actor by session do this to a key. */
export function tableAllows(
  actor: SessionActor,
  action: Action,
  key: Pick<StoredKey, 'owner' | 'organizationId'>,
  roles: OrganizationRoles,
): boolean {
  return rightsOver(actor, key, roles).some(actions => actions.includes(action))
}

function rightsOver(
  actor: SessionActor,
  { owner, organizationId }: Pick<StoredKey, 'owner' | 'organizationId'>,
  roles: OrganizationRoles,
): (readonly Action[])[] {
  const rights = rolesIn(actor, organizationId, roles).map(role => actionsOver(role, owner))
  if (isOwner(actor, owner)) rights.push(ACCESS_TABLE.owner)
  if (actor.admin) {
    rights.push(ACCESS_TABLE[owner.type === 'user' && !actor.impersonate ? 'adminOverUser' : 'admin'])
  }
  return rights
}

/**
 * Refuses what the caller may not do to this key.
 * @throws SidekeyError `NOT_FOUND` where the caller may not see the key, `FORBIDDEN` where they may see it,
 * `REAUTHENTICATION_REQUIRED` where the app's `authorize` says so.
 */
export async function permitAction(
  deps: Deps,
  context: CallContext,
  action: Action,
  key: StoredKey,
): Promise<void> {
  const { caller, request } = context
  if (caller.via === 'server') return
  const decision = await decide(deps, caller, action, key, request)
  if (decision === 'allow') return
  const about = { keyId: key.id, key }
  if (decision === 'reauthenticate') throw refusing(reauthenticate(), action, about)
  // Whoever may not read it may not see it: there is nothing more to ask the app.
  const visible = action !== 'read' && (await decide(deps, caller, 'read', key, request)) !== 'deny'
  throw refusing(visible ? forbidden(deps, caller, action, key) : notFound(), action, about)
}

/**
 * Refuses to bring about a record that the caller may not do this to: a new key, or what a change makes of one. The
 * caller knows what it asked for, so there is nothing to hide.
 * @param before the record as it is; `null` for a new key
 * @throws SidekeyError `FORBIDDEN`, `REAUTHENTICATION_REQUIRED`
 */
export async function permitOutcome(
  deps: Deps,
  { caller, request }: CallContext,
  action: Action,
  key: StoredKey,
  before: StoredKey | null = null,
): Promise<void> {
  if (caller.via === 'server') return
  const decision = await decide(deps, caller, action, key, request)
  const about = { keyId: before?.id ?? null, key: before ?? key }
  if (decision === 'reauthenticate') throw refusing(reauthenticate(), action, about)
  if (decision !== 'allow') throw refusing(forbidden(deps, caller, action, key), action, about)
}

/** Whether the caller may read the key: what lists and look-ups show. */
export function mayRead(deps: Deps, context: CallContext, key: StoredKey): Promise<boolean> {
  return may(deps, context, 'read', key)
}

/** Whether the caller may end the key; where not, that is no refusal to tell of. */
export function mayRevoke(deps: Deps, context: CallContext, key: StoredKey): Promise<boolean> {
  return may(deps, context, 'revoke', key)
}

/** Whether the caller may read what the audit tells of a key. */
export function mayAudit(deps: Deps, context: CallContext, key: StoredKey): Promise<boolean> {
  return may(deps, context, 'audit', key)
}

async function may(
  deps: Deps,
  { caller, request }: CallContext,
  action: Action,
  key: StoredKey,
): Promise<boolean> {
  return caller.via === 'server' || (await decide(deps, caller, action, key, request)) === 'allow'
}

/** The same where no record is left to ask the app's `authorize` about: by what the event itself says. */
export function mayAuditWithoutRecord(
  deps: Deps,
  caller: Caller,
  { owner, organizationId }: Pick<AuditEvent, 'owner' | 'organizationId'>,
): boolean {
  if (caller.via === 'server') return true
  if (caller.via === 'key') return false
  if (owner === null) return caller.admin
  return tableAllows(caller, 'audit', { owner, organizationId }, deps.config.organizationRoles)
}

/**
 * Refuses an actor by key what no key of its permissions could do, before any key is looked up, so that the answer
 * does not depend on what exists.
 */
export function permitByKey(caller: Caller, action: Action, id: string | null): void {
  if (caller.via !== 'key') return
  if (id === caller.keyId && SELF.has(action)) return
  if (mayManage(caller, action)) return
  const message = `This key may not ${wordsFor(action)} keys${needs(action)}.`
  const error = new SidekeyError('FORBIDDEN', message, fieldOf(action))
  throw refusing(error, action, { keyId: id, owner: caller.key.owner })
}

/** Whoever calls, with the app's request for `authorize`. */
export interface CallContext {
  readonly caller: Caller
  readonly request: unknown
}

function reauthenticate(): SidekeyError {
  return new SidekeyError('REAUTHENTICATION_REQUIRED', 'Log in again, then repeat this.')
}

export function notFound(): SidekeyError {
  return new SidekeyError('NOT_FOUND', 'There is no such key.')
}

async function decide(
  deps: Deps,
  caller: RequestActor,
  action: Action,
  key: StoredKey,
  request: unknown,
): Promise<Decision> {
  const table = caller.via === 'key' ? byKey(deps, caller, action, key) : bySession(deps, caller, action, key)
  const { authorize } = deps.config
  if (authorize === null) return table ? 'allow' : 'deny'
  const answer = table ? 'allow' : 'deny'
  const own = (await authorize(caller, action, toApiKey(key, deps.now()), request, answer)) ?? answer
  // What a key may not do, no option lets it do; and a fresh login is asked only of those it would help.
  if (!table && (caller.via === 'key' || own === 'reauthenticate')) return 'deny'
  if (own === 'allow' || own === 'reauthenticate' || own === 'deny') return own
  // Whatever else an app's function may answer (true, say) is no leave.
  const must = 'authorize must answer "allow", "deny", "reauthenticate" or undefined; anything else refuses'
  tellOnce(deps.config, 'malformed-answer', must, { option: 'authorize' })
  return 'deny'
}

function bySession({ config }: Deps, caller: SessionActor, action: Action, key: StoredKey): boolean {
  const roles = config.organizationRoles
  if (!tableAllows(caller, action, key, roles)) return false
  const undone = action === 'enable' ? key.disabled : action === 'restore' ? key.deleted : null
  return undone === null || RANKS.indexOf(standing(caller, key, roles)) >= RANKS.indexOf(undone.rank)
}

function byKey({ config }: Deps, caller: KeyActor, action: Action, key: StoredKey): boolean {
  if (key.id === caller.keyId && SELF.has(action)) return true
  if (!mayManage(caller, action) || excess(key, caller.key, config).length > 0) return false
  // A new token of another key would outlive this one; of its own children it does not.
  if (action === 'rotate') return key.id === caller.keyId || key.parentId === caller.keyId
  // Also where whoever makes the draft forgets to.
  if (action === 'create') return key.parentId === caller.keyId
  return action !== 'enable' || key.disabled === null || key.disabled.rank === 'key'
}

/** A key that was made by a key manages none but itself. */
function mayManage(caller: KeyActor, action: Action): boolean {
  const permission = KEY_PERMISSION[action]
  return (
    permission !== undefined &&
    caller.key.apiKey.parentId === null &&
    satisfies(caller.key.permissions, permission)
  )
}

function forbidden({ config }: Deps, caller: RequestActor, action: Action, key: StoredKey): SidekeyError {
  const words = wordsFor(action)
  if (caller.via === 'session')
    return new SidekeyError('FORBIDDEN', `You may not ${words} this key.`, fieldOf(action))
  const errors = excess(key, caller.key, config)
  if (errors.length === 0)
    return new SidekeyError('FORBIDDEN', `This key may not ${words} that key.`, fieldOf(action))
  const fields = errors.map(({ path }) => path).join(', ')
  return new SidekeyError('FORBIDDEN', `A key manages only keys that are weaker than itself: ${fields}.`, {
    errors,
  })
}

function needs(action: Action): string {
  const permission = KEY_PERMISSION[action]
  return permission === undefined ? '' : `; that needs ${permission}`
}
