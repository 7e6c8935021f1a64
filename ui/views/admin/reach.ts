/** Whose keys the viewer administers, and what a query of the address asks for within them. Pure. */
import type { KeyConfig, OwnerInput } from '../../../src/client/index.js'
import type { Action } from '../../../src/key/action.js'
import type { Query } from '../../router.js'

type Actor = KeyConfig['actor']

/** The part of a query of the API that says whose keys are meant. */
export interface Scope {
  readonly all?: true
  readonly owner?: OwnerInput
  readonly organizationId?: string
}

/** The organisations in which the viewer may do this to keys that are not their own. */
export function organizationsFor({ organizations }: Actor, action: Action): readonly string[] {
  return organizations
    .filter(role => role.memberKeys.includes(action) || role.organizationKeys.includes(action))
    .map(({ id }) => id)
}

/** Whether the viewer may do this to keys that are not their own. */
export function administers(actor: Actor, action: Action): boolean {
  return actor.admin || organizationsFor(actor, action).length > 0
}

/** Whether the viewer looks after keys: more than a member does, who reads those that the organisation owns. */
export function looksAfterKeys({ admin, organizations }: Actor): boolean {
  return (
    admin ||
    organizations.some(
      ({ organizationKeys, memberKeys }) =>
        memberKeys.length > 0 || organizationKeys.some(action => action !== 'read'),
    )
  )
}

/** Whether the viewer may ask for the keys of one owner among those of an organisation. */
export function seesMembers({ admin, organizations }: Actor, organizationId: string | undefined): boolean {
  return (
    admin || organizations.some(({ id, memberKeys }) => id === organizationId && memberKeys.includes('read'))
  )
}

/** Whose keys a query of the address means. Who is no admin asks within one of these organisations. */
export function scopeOf(actor: Actor, organizations: readonly string[], query: Query): Scope {
  const organizationId = actor.admin
    ? query.organization
    : (organizations.find(id => id === query.organization) ?? organizations[0])
  const owner = seesMembers(actor, organizationId) ? ownerOf(query) : null
  if (owner === null && !organizationId) return { all: true }
  return { ...(owner !== null && { owner }), ...(organizationId && { organizationId }) }
}

/** The owner that a query of the address names; `null`: none. */
export function ownerOf({ owner = '', ownerType = '' }: Query): { type: string; id: string } | null {
  return owner === '' ? null : { type: ownerType || 'user', id: owner }
}
