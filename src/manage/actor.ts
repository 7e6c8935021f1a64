/** Who asks: the app's user as an actor, a key, or the app itself. */
import { z } from 'zod'
import { SidekeyError } from '../errors.js'
import { type Owner, type Rank, type StoredKey, sameOwner } from '../key/record.js'
import type { Accepted } from '../verify/verification.js'
import { managesKeysOf, type OrganizationRole, type OrganizationRoles, roleNamed } from './roles.js'

/** What the option `actor` makes of the app's user. */
export interface Actor {
  /** The user's id: it is equal to `owner.id` of the user's keys. A number or an `ObjectId` is written as text. */
  readonly id: string | number | { toHexString(): string }
  /** May manage every key. */
  readonly admin?: boolean | undefined
  /** An admin who may also come by a token that acts as a user (create for, rotate, transfer). */
  readonly impersonate?: boolean | undefined
  /**
   * The organisations that the user belongs to. Roles `owner` and `admin` manage keys, others read, unless the option
   * `organizationRoles` says otherwise.
   */
  readonly organizations?: readonly Membership[] | undefined
}

/** That a user is in an organisation, and as what. */
export interface Membership {
  readonly id: string | number | { toHexString(): string }
  readonly role: string
}

/** An actor by the app's own login. */
export interface SessionActor {
  readonly via: 'session'
  readonly id: string
  readonly admin: boolean
  readonly impersonate: boolean
  readonly organizations: readonly { readonly id: string; readonly role: string }[]
}

/** An actor by a key: never more than that key. */
export interface KeyActor {
  readonly via: 'key'
  /** The id of the key's owner. */
  readonly id: string
  readonly keyId: string
  readonly admin: false
  readonly organizations: readonly []
  readonly key: Accepted
}

/** The app's own code, trusted. */
export interface ServerActor {
  readonly via: 'server'
  readonly id: null
}

/** Whoever sent the request: what `authorize` is told. */
export type RequestActor = SessionActor | KeyActor
export type Caller = RequestActor | ServerActor

export const SERVER: ServerActor = Object.freeze({ via: 'server', id: null })

/** What a template makes of an id that is not there: all users without one would be one user. */
const NO_IDS: ReadonlySet<string> = new Set(['undefined', 'null', 'NaN', '[object Object]'])

/** An id of an owner: text, a whole number (written as text), or an `ObjectId` (as its hex). */
export const identifier = z
  .union(
    [
      z.string().min(1).max(256),
      z.int(),
      z.custom<{ toHexString(): string }>(isObjectId).transform(id => id.toHexString()),
    ],
    'takes an id: 1 to 256 characters, a whole number or an ObjectId',
  )
  .transform(String)
  .refine(id => !NO_IDS.has(id), 'takes an id, not what a missing one is written as')

const actorSchema = z.object({
  id: identifier,
  admin: z.boolean().nullish(),
  impersonate: z.boolean().nullish(),
  organizations: z.array(z.object({ id: identifier, role: z.string() })).nullish(),
})

/**
 * The actor that the app's `actor` function made, checked.
 * @throws SidekeyError `INVALID_OPTION` where it is not an actor: nobody is let in by a mistake in the mapping.
 */
export function sessionActor(mapped: unknown): SessionActor {
  const result = actorSchema.safeParse(mapped)
  if (!result.success) {
    const path = result.error.issues[0]?.path.join('.') ?? ''
    throw new SidekeyError(
      'INVALID_OPTION',
      `sidekey: actor: must return { id, admin?, organizations? }; check ${path}`,
    )
  }
  const { id, admin, impersonate, organizations } = result.data
  return {
    via: 'session',
    id,
    admin: admin === true,
    impersonate: impersonate === true,
    organizations: organizations ?? [],
  }
}

/** Whether an app's `user` stands for nobody: Passport and others use `false` for it too. */
export function isNobody(user: unknown): boolean {
  return user === undefined || user === null || user === false
}

/** The actor that a verified key is. */
export function keyActor(key: Accepted): KeyActor {
  return { via: 'key', id: key.owner.id, keyId: key.apiKey.id, admin: false, organizations: [], key }
}

/** The default of the option `actor`: `id`, `_id` or `sub` of the user, and no more. */
export function defaultActor(user: unknown): Actor {
  const { id, _id, sub } = user as { id?: unknown; _id?: unknown; sub?: unknown } // checked by sessionActor
  return { id: (id ?? _id ?? sub) as string }
}

/** Whether the actor is this owner, or acts by a key of this owner. */
export function isOwner(caller: RequestActor, owner: Owner): boolean {
  if (caller.via === 'key') return sameOwner(caller.key.owner, owner)
  return owner.type === 'user' && owner.id === caller.id
}

/** The roles that the actor, by session, has in the organisation. */
export function rolesIn(
  caller: SessionActor,
  organizationId: string | null,
  roles: OrganizationRoles,
): OrganizationRole[] {
  return caller.organizations.filter(one => one.id === organizationId).map(one => roleNamed(roles, one.role))
}

/** Whether the actor, by session, belongs to the organisation in any role. */
export function belongsTo(caller: SessionActor, organizationId: string | null): boolean {
  return caller.organizations.some(one => one.id === organizationId)
}

/** As what a caller acts on a key: on their own key as its owner, whatever else they are. */
export function actingRank(
  caller: Caller,
  key: Pick<StoredKey, 'owner' | 'organizationId'>,
  roles: OrganizationRoles,
): Rank {
  if (caller.via === 'session' && isOwner(caller, key.owner)) return 'owner'
  return standing(caller, key, roles)
}

/** How high a caller stands over a key at most: whoever undoes a switch-off must stand as high as who did it. */
export function standing(
  caller: Caller,
  { owner, organizationId }: Pick<StoredKey, 'owner' | 'organizationId'>,
  roles: OrganizationRoles,
): Rank {
  if (caller.via === 'server') return 'admin'
  if (caller.via === 'key') return 'key'
  if (caller.admin) return 'admin'
  const manages = rolesIn(caller, organizationId, roles).some(role => managesKeysOf(role, owner))
  return manages ? 'organization' : 'owner'
}

function isObjectId(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'toHexString' in value &&
    typeof value.toHexString === 'function'
  )
}
