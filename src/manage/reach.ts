/** Whose keys a list or a bulk pass goes over. */
import { SidekeyError } from '../errors.js'
import type { Owner } from '../key/record.js'
import { belongsTo, type Caller, isOwner, rolesIn, type SessionActor } from './actor.js'
import { refusing } from './refused-act.js'
import type { OrganizationRoles } from './roles.js'

/** What a query asks for, as far as it says whose keys. */
export interface Scope {
  readonly owner?: Owner | undefined
  readonly organizationId?: string | undefined
  /** Everyone's; for admins. */
  readonly all?: boolean | undefined
}

/**
 * Whose keys a query by this caller goes over; `null` is everyone's. Each key is still asked of the access table.
 * @throws SidekeyError `FORBIDDEN` where the query asks for what is never the caller's.
 */
export function ownersInReach(
  caller: Caller,
  scope: Scope,
  roles: OrganizationRoles,
): readonly Owner[] | null {
  const { owner, organizationId, all } = scope
  if (caller.via === 'server') return owner === undefined ? null : [owner]
  const self = caller.via === 'key' ? caller.key.owner : { type: 'user', id: caller.id }
  if (caller.via === 'key') {
    if (all || (owner !== undefined && !isOwner(caller, owner))) throw beyondReach()
    return [self]
  }
  if (caller.admin) {
    if (owner !== undefined) return [owner]
    return all || organizationId !== undefined ? null : [self]
  }
  if (all) throw beyondReach()
  return ownersOfUser(caller, self, scope, roles)
}

function ownersOfUser(
  caller: SessionActor,
  self: Owner,
  { owner, organizationId }: Scope,
  roles: OrganizationRoles,
): readonly Owner[] | null {
  if (owner !== undefined && isOwner(caller, owner)) return [owner]
  // An organisation's own keys are listed as its; a colleague's only within the organisation that is managed.
  const organization = owner?.type === 'organization' ? owner.id : organizationId
  if (organization === undefined) {
    if (owner === undefined) return [self]
    throw beyondReach()
  }
  const seesMembers = rolesIn(caller, organization, roles).some(role => role.memberKeys.includes('read'))
  if (seesMembers) return owner === undefined ? null : [owner]
  if (!belongsTo(caller, organization)) throw beyondReach()
  if (owner !== undefined && owner.type !== 'organization') throw beyondReach()
  return owner === undefined ? [self, { type: 'organization', id: organization }] : [owner]
}

function beyondReach(): SidekeyError {
  return refusing(new SidekeyError('FORBIDDEN', 'These keys are not yours to list or to end.'), 'read')
}
