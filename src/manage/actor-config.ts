import type { Limits } from '../key/limit.js'
import { covers, MANAGEMENT_PERMISSIONS } from '../key/permission.js'
import type { Owner } from '../key/record.js'
import type { CallContext } from './access.js'
import type { Caller } from './actor.js'
import type { Deps } from './deps.js'

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
    readonly organizations: readonly { readonly id: string; readonly role: string }[]
  }
  /** The catalogue; `null`: any well-formed permission. */
  readonly permissions: readonly string[] | null
  readonly roles: Readonly<Record<string, readonly string[]>>
  readonly kinds: readonly KindConfig[]
  /** What the actor may put into a key of their own now; `null`: they are switched off. */
  readonly grants: readonly string[] | null
  readonly maxKeysPerOwner: number | null
  /** How long a deleted key can be restored, in ms. */
  readonly retention: number
}

/** What the caller may do, and with what. */
export async function actorConfig({ config, grants }: Deps, { caller }: CallContext): Promise<ActorConfig> {
  const { catalogue, roles, kinds, maxKeysPerOwner, retention } = config
  const owner = ownerOf(caller)
  const makes = caller.via !== 'key' || caller.key.permissions.some(isForManagement)
  return {
    actor: {
      id: caller.id,
      via: caller.via,
      admin: caller.via === 'session' && caller.admin,
      organizations: caller.via === 'session' ? caller.organizations : [],
    },
    // A key that manages none has no use for the rest: publishable ones are everybody's.
    permissions: makes ? catalogue && [...catalogue] : [],
    roles: makes ? Object.fromEntries(roles) : {},
    kinds: makes ? [...kinds.values()].map(({ hash, credits, ...kind }) => kind) : [],
    grants:
      caller.via === 'key' ? caller.key.permissions : owner === null ? ['*'] : await grants(owner, null),
    maxKeysPerOwner,
    retention,
  }
}

function isForManagement(pattern: string): boolean {
  return MANAGEMENT_PERMISSIONS.some(permission => covers(pattern, permission))
}

function ownerOf(caller: Caller): Owner | null {
  return caller.via === 'session' ? { type: 'user', id: caller.id } : null
}
