/** What the roles of an organisation may do, to keys that it owns and to its members' keys. */
import type { Action } from '../key/action.js'
import type { Owner } from '../key/record.js'

/** What one role in an organisation may do. */
export interface OrganizationRole {
  /** To keys that the organisation owns. Any action but `transfer`, `purge` and `credits`. */
  readonly organizationKeys: readonly Action[]
  /**
   * To a member's own keys within the organisation. Never what yields a token that acts as that member, or makes theirs
   * more than it was: `read`, `audit`, `disable`, `revoke`, `delete`.
   */
  readonly memberKeys: readonly Action[]
}

/** By role; `*` stands for every role that is not named. */
export type OrganizationRoles = ReadonlyMap<string, OrganizationRole>

/** What an owner may do with their own keys. */
export const OWNERS_ACTIONS = [
  'create',
  'read',
  'audit',
  'update',
  'disable',
  'enable',
  'rotate',
  'revoke',
  'delete',
  'restore',
] as const satisfies readonly Action[]

/** What may be done to a colleague's own key at most. */
export const COLLEAGUES_ACTIONS = [
  'read',
  'audit',
  'disable',
  'revoke',
  'delete',
] as const satisfies readonly Action[]

const MANAGER: OrganizationRole = { organizationKeys: OWNERS_ACTIONS, memberKeys: COLLEAGUES_ACTIONS }
const MEMBER: OrganizationRole = { organizationKeys: ['read'], memberKeys: [] }
const NOTHING: OrganizationRole = { organizationKeys: [], memberKeys: [] }

export const DEFAULT_ROLES: OrganizationRoles = new Map([
  ['owner', MANAGER],
  ['admin', MANAGER],
  ['*', MEMBER],
])

/** What a role may do. */
export function roleNamed(roles: OrganizationRoles, name: string): OrganizationRole {
  return roles.get(name) ?? roles.get('*') ?? NOTHING
}

/** What a role may do to keys of this owner's. */
export function actionsOver(role: OrganizationRole, { type }: Owner): readonly Action[] {
  return type === 'organization' ? role.organizationKeys : role.memberKeys
}

/** Whether a role does more than look at keys of this owner's: whoever has it stands over them. */
export function managesKeysOf(role: OrganizationRole, owner: Owner): boolean {
  return actionsOver(role, owner).some(action => action !== 'read' && action !== 'audit')
}
