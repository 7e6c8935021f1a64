/** What create, update, list and revoke take, as callers write it. */
import type { Limits } from '../key/limit.js'
import type { PermissionPattern } from '../key/permission.js'
import type { KeyStatus, Metadata } from '../key/record.js'
import type { CreditsInput, CreditsPatch } from './credit-input.js'

/**
 * An id as callers have it; it is kept as text.
 * @inline
 */
type Id = string | number | { toHexString(): string }

/** The owner of a key, as callers write it: `type` is `user` unless told otherwise. */
export interface OwnerInput {
  readonly type?: string
  readonly id: Id
}

/** From where a key may be used. */
export interface RestrictionsInput {
  /** Addresses or CIDR ranges, at most 100. */
  readonly ips?: readonly string[]
  /** Origins, `*.` allowed at the front of the host, at most 100. */
  readonly origins?: readonly string[]
}

interface Editable<P extends string> {
  /** Permissions, or patterns over them; at most 200. */
  readonly permissions?: readonly PermissionPattern<P>[]
  /** Names of roles from the options; at most 50. */
  readonly roles?: readonly string[]
  /** Things that the key is narrowed to (`project:42`); none: all. At most 200. */
  readonly resources?: readonly string[]
  /** JSON of the app's own, at most 8 KiB; no key with `$`, `.` or `__proto__`. */
  readonly metadata?: Metadata
  /** At most 20, of 64 characters each. */
  readonly tags?: readonly string[]
  readonly restrictions?: RestrictionsInput
  /** Limits by name, at most 10; for admins and server code. */
  readonly limits?: Limits
}

/** What `create` takes. */
export interface CreateInput<P extends string = string> extends Editable<P> {
  /** 1 to 100 characters. */
  readonly name: string
  /** Needed from server code; through `as(user)` the user is the default. */
  readonly owner?: OwnerInput
  readonly kind?: string
  /** At most 1000 characters. */
  readonly description?: string
  readonly organizationId?: Id
  /** A duration with a unit (`'90d'`), from now. */
  readonly expiresIn?: string
  /** A point in time, a `Date` or ISO 8601; not with `expiresIn`. */
  readonly expiresAt?: Date | string
  /** Unused for so long, the key ends: a duration with a unit (`'90d'`). Default: the kind's. */
  readonly expiresAfterIdle?: string
  /** A point in time before which the key is not valid. */
  readonly notBefore?: Date | string
  /** Requests cost credits, and are refused where there are none left. For admins and server code. Default: the kind's. */
  readonly credits?: CreditsInput | null
}

/** What `update` takes: the fields to change. `null` empties a field. */
export interface UpdateInput<P extends string = string> extends Editable<P> {
  /** 1 to 100 characters. */
  readonly name?: string
  /** At most 1000 characters. */
  readonly description?: string | null
  /** For admins and server code. */
  readonly organizationId?: Id | null
  /** `false` switches the key off, `true` on again. */
  readonly enabled?: boolean
  /** A duration with a unit (`'90d'`), from now. */
  readonly expiresIn?: string
  /** A point in time, a `Date` or ISO 8601; not with `expiresIn`. `null`: the key does not end. */
  readonly expiresAt?: Date | string | null
  /** Counts anew from now, also for a key that has ended so; `null`: it may go unused for ever. */
  readonly expiresAfterIdle?: string | null
  /** A point in time before which the key is not valid. */
  readonly notBefore?: Date | string | null
  /** `null`: requests cost nothing any more. For admins and server code. */
  readonly credits?: CreditsPatch | null
}

/** What `list` takes. All given filters must hold. */
export interface ListQuery {
  readonly owner?: OwnerInput
  readonly organizationId?: Id
  readonly parentId?: string
  /** One status, or several. Default: all but `deleted`. */
  readonly status?: KeyStatus | readonly KeyStatus[]
  readonly kind?: string
  readonly tag?: string
  /** A part of the name, in any case; at most 100 characters. */
  readonly q?: string
  /** Ends within this time from now, and has not ended in any way yet: a duration with a unit (`'7d'`). */
  readonly expiresWithin?: string
  /** Was made before this time and has not been used since. */
  readonly unusedSince?: Date | string
  /** Through `as(admin)`: everyone's. From server code it is the default. */
  readonly all?: boolean
  /** 1 to 100; default 20. */
  readonly limit?: number
  /** `nextCursor` of the page before. */
  readonly cursor?: string
}

/** What `revokeAll` takes: at least one filter, and none without a value. */
export interface RevokeFilter {
  /** At most 200 ids. */
  readonly ids?: readonly string[]
  readonly owner?: OwnerInput
  readonly organizationId?: Id
  readonly parentId?: string
  readonly kind?: string
  readonly tag?: string
}
