import { z } from 'zod'
import { SidekeyError } from '../errors.js'
import type { Limits } from '../key/limit.js'
import { covers, MANAGEMENT_PERMISSIONS } from '../key/permission.js'
import type { Owner } from '../key/record.js'
import { parseInput } from '../validation.js'
import { type CallContext, tableAllows } from './access.js'
import { belongsTo, type Caller, identifier } from './actor.js'
import { organizationOf } from './create.js'
import type { Deps } from './deps.js'
import { ownerInput } from './fields.js'
import type { OwnerInput } from './input.js'
import { refusing } from './refused-act.js'
import { type OrganizationRole, roleNamed } from './roles.js'

/** Of which keys `config` is to tell what may be put into them. */
export interface ConfigQuery {
  /** Who is to own them. Default: the actor. */
  readonly owner?: OwnerInput
  /** The organisation in whose context they are to be used. Default: none. */
  readonly organizationId?: string | number | { toHexString(): string }
}

/** A sort of key, as far as whoever makes one must know. Durations are in ms. */
export interface KindConfig {
  readonly name: string
  readonly prefix: string
  /** How long a key lives that is made without an expiry; `null`: for ever. */
  readonly expiresIn: number | null
  readonly maxExpiresIn: number | null
  /** Unused for so long, a key ends, at the latest; `null`: never. A duration with a unit. */
  readonly expiresAfterIdle: string | null
  /** What a key of this kind may carry at most; `null`: anything. */
  readonly permissions: readonly string[] | null
  /** Limits of keys of this kind that have none of that name themselves. */
  readonly limits: Limits
  readonly requiredRestrictions: readonly ('ips' | 'origins')[]
}

/** What an actor may do, and with what: for a page that makes and manages keys. */
export interface ActorConfig {
  readonly actor: {
    readonly id: string | null
    readonly via: 'session' | 'key' | 'server'
    readonly admin: boolean
    /** An admin who may also come by a token that acts as a user. */
    readonly impersonate: boolean
    /** With what the role may do to keys that the organisation owns, and to its members' own. */
    readonly organizations: readonly (OrganizationRole & { readonly id: string; readonly role: string })[]
  }
  /** The catalogue; `null`: any well-formed permission. */
  readonly permissions: readonly string[] | null
  readonly roles: Readonly<Record<string, readonly string[]>>
  readonly kinds: readonly KindConfig[]
  /** What may be put into a key now: of the actor's own, or of the owner that was asked about; `null`: they are switched off. */
  readonly grants: readonly string[] | null
  readonly maxKeysPerOwner: number | null
  /** How long a deleted key can be restored, in ms. */
  readonly retention: number
}

const TAKES = 'takes { owner?, organizationId? }'
const configQuery = z.strictObject(
  { owner: ownerInput.optional(), organizationId: identifier.optional() },
  TAKES,
)

/**
 * What the caller may do, and with what.
 * @throws SidekeyError `FORBIDDEN` where they may make no key of the owner that they ask about
 */
export async function actorConfig(
  deps: Deps,
  { caller }: CallContext,
  query: ConfigQuery,
): Promise<ActorConfig> {
  const { catalogue, roles, kinds, maxKeysPerOwner, retention, organizationRoles } = deps.config
  const makes = caller.via !== 'key' || caller.key.permissions.some(isForManagement)
  const isAdmin = caller.via === 'session' && caller.admin
  return {
    actor: {
      id: caller.id,
      via: caller.via,
      admin: isAdmin,
      impersonate: isAdmin && caller.impersonate,
      organizations:
        caller.via !== 'session'
          ? []
          : caller.organizations.map(one => ({ ...one, ...roleNamed(organizationRoles, one.role) })),
    },
    // A key that manages none has no use for the rest: publishable ones are everybody's.
    permissions: makes ? catalogue && [...catalogue] : [],
    roles: makes ? Object.fromEntries(roles) : {},
    kinds: makes ? [...kinds.values()].map(({ hash, credits, ...kind }) => kind) : [],
    grants: await grantsFor(deps, caller, query),
    maxKeysPerOwner,
    retention,
  }
}

/** What may be put into a key of this owner, by whoever may make one. */
async function grantsFor(deps: Deps, caller: Caller, query: ConfigQuery): Promise<readonly string[] | null> {
  const { owner = ownerOf(caller), organizationId } = parseInput(configQuery, query)
  if (owner === null && organizationId === undefined)
    return caller.via === 'key' ? caller.key.permissions : ['*']
  const asked = { owner, organizationId: owner && organizationOf(owner, organizationId ?? null) }
  if (owner === null || !mayMake(deps, caller, { ...asked, owner })) {
    const error = new SidekeyError('FORBIDDEN', 'You may make no keys of this owner in this organisation.')
    throw refusing(error, 'create', { owner })
  }
  return deps.grants(owner, asked.organizationId)
}

function mayMake(
  { config }: Deps,
  caller: Caller,
  key: { readonly owner: Owner; readonly organizationId: string | null },
): boolean {
  if (caller.via !== 'session') return caller.via === 'server'
  const isTheirs = key.organizationId === null || caller.admin || belongsTo(caller, key.organizationId)
  return isTheirs && tableAllows(caller, 'create', key, config.organizationRoles)
}

function isForManagement(pattern: string): boolean {
  return MANAGEMENT_PERMISSIONS.some(permission => covers(pattern, permission))
}

function ownerOf(caller: Caller): Owner | null {
  return caller.via === 'session' ? { type: 'user', id: caller.id } : null
}
