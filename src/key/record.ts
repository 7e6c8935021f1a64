/** The record of a key: as the store holds it, and as callers see it. */
import type { AuditEvent } from './audit-event.js'
import type { Idle } from './idle.js'
import type { Limits } from './limit.js'
import { readonlyDate } from './readonly-date.js'
import type { CreditRule } from './refill.js'
import type { Restrictions } from './restriction.js'

/** Who a key belongs to. Owners are equal only by type and id. */
export interface Owner {
  /** `user`, `organization`, or a type of the app's own (`service`). */
  readonly type: string
  readonly id: string
}

/** How high somebody stood, over a key, who switched it off: only the same or a higher rank undoes it. */
export type Rank = 'key' | 'owner' | 'organization' | 'admin'

export const RANKS: readonly Rank[] = ['key', 'owner', 'organization', 'admin']

/** How a key stands: computed, the first of these that holds (docs/concepts.md#life-cycle). */
export type KeyStatus = 'active' | 'disabled' | 'revoked' | 'expired' | 'scheduled' | 'deleted'

export const KEY_STATUSES: readonly KeyStatus[] = [
  'active',
  'disabled',
  'revoked',
  'expired',
  'scheduled',
  'deleted',
]
export const NOT_YET_REVOKED: readonly KeyStatus[] = KEY_STATUSES.filter(status => status !== 'revoked')

/** A key that may still come to work, or does. */
export const LIVING_STATUSES: readonly KeyStatus[] = ['active', 'disabled', 'scheduled']

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
/** The app's own facts of a key, as JSON. sidekey keeps them and reads nothing from them. */
export type Metadata = { readonly [key: string]: Json }

/** When a key was revoked, by whom (an actor's id; `null`: server code), and why. */
export interface Revocation {
  readonly at: Date
  readonly by: string | null
  readonly reason: string | null
}

/** What callers see of a key's credits. */
export interface Credits extends CreditRule {
  /**
   * How many there are, with all refills until now. Kept beside the record, as `lastUsedAt` is: a verification does not look
   * it up, and in its `apiKey` the field is not there.
   */
  readonly balance?: number
  /** When the next refill comes; `null`: none does. There where `balance` is. */
  readonly refillsAt?: Date | null
}

/** Where a key has come from. */
export interface ImportedFrom {
  /** As the option `imported` names it. */
  readonly source: string
  readonly id: string | null
}

/** What the record of such a key holds besides. */
export interface Imported extends ImportedFrom {
  /** The beginning of the token that was imported; `null`: it has been rotated away, or is not known. */
  readonly start: string | null
  /** The id of the alias that leads from that token to the key. */
  readonly alias: string
}

/** What callers see of a key. Frozen; never holds a hash. */
export interface ApiKey {
  /** 16 base62 digits; sorts by age. */
  readonly id: string
  readonly kind: string
  readonly prefix: string
  /** The beginning of the token (prefix and id), to know it by. */
  readonly start: string
  readonly name: string
  readonly description: string | null
  readonly owner: Owner
  /** The organisation in whose context the key is used; its admins manage it too. */
  readonly organizationId: string | null
  /** The id of the actor who made it; `null`: server code. */
  readonly createdBy: string | null
  /** The key that made this key, within which it is verified. */
  readonly parentId: string | null
  /** The other system that has made its token, and by what id that knows it; `null`: it was made here. */
  readonly imported: ImportedFrom | null
  readonly permissions: readonly string[]
  readonly roles: readonly string[]
  /** The things that the key is narrowed to; empty: all. */
  readonly resources: readonly string[]
  readonly metadata: Metadata
  readonly tags: readonly string[]
  readonly enabled: boolean
  readonly status: KeyStatus
  readonly notBefore: Date | null
  readonly expiresAt: Date | null
  /** Unused for so long, the key ends: a duration with a unit (`'90d'`); `null`: it does not. */
  readonly expiresAfterIdle: string | null
  readonly revoked: Revocation | null
  readonly restrictions: Restrictions
  /** Its own limits, by name; those of its kind hold where it has none of that name. */
  readonly limits: Limits
  /** `null`: requests cost nothing. */
  readonly credits: Credits | null
  /**
   * When the key was last accepted, to about five seconds; `null`: never. Kept beside the record: a verification does not
   * look it up, and in its `apiKey` the field is not there.
   */
  readonly lastUsedAt?: Date | null
  /** From what address that was, where the option `lastUsedIp` is on and the address is known. There where `lastUsedAt` is. */
  readonly lastUsedIp?: string | null
  /** When the key ends if nobody uses it until then; `null`: it does not. There where `lastUsedAt` is. */
  readonly idleExpiresAt?: Date | null
  /** Rises by one with each change by management. */
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Who switched a key off, and how high they stood. */
export interface SwitchedOff {
  readonly at: Date
  readonly by: string | null
  readonly rank: Rank
}

/** How a key was deleted; `forGood`: its record goes as soon as the audit has been told. */
export interface Deletion extends SwitchedOff {
  readonly forGood?: true
}

/** An earlier token's hash, good until `until`. */
export interface PreviousHash {
  readonly hash: string
  readonly until: Date
}

/** Fields that come from beside the record when it is read. */
type Joined = 'lastUsedAt' | 'lastUsedIp' | 'idleExpiresAt'

/** What the store holds. Immutable: a change makes a new one, replaced by compare-and-set on `version`. */
export interface StoredKey
  extends Omit<
    ApiKey,
    'start' | 'status' | 'enabled' | 'credits' | 'expiresAfterIdle' | 'imported' | Joined
  > {
  readonly imported: Imported | null
  readonly credits: CreditRule | null
  /** `null`: it may go unused for ever. */
  readonly idle: Idle | null
  readonly hash: string
  readonly previous: readonly PreviousHash[]
  readonly disabled: SwitchedOff | null
  readonly deleted: Deletion | null
  /** What the audit has not been told yet: written with the change itself, so that neither is without the other. */
  readonly outbox: readonly AuditEvent[]
}

/** What management has made of a key, which time does not change; `null`: nothing. */
export function managedStatusOf(key: StoredKey): 'deleted' | 'revoked' | 'disabled' | null {
  if (key.deleted !== null) return 'deleted'
  if (key.revoked !== null) return 'revoked'
  return key.disabled === null ? null : 'disabled'
}

/** When a key ends, or has ended, as far as its record tells. */
export function endOf({ expiresAt, idle }: Pick<StoredKey, 'expiresAt' | 'idle'>): Date | null {
  return earlierOf(idle?.endedAt ?? null, expiresAt)
}

/** The earlier of two ends; `null` is none. */
export function earlierOf(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}

/** What time makes of a key at `now` (ms). */
export function timedStatusOf(
  { notBefore, end }: { readonly notBefore: Date | null; readonly end: Date | null },
  now: number,
): 'scheduled' | 'expired' | 'active' {
  if (notBefore !== null && notBefore.getTime() > now) return 'scheduled'
  return end !== null && end.getTime() <= now ? 'expired' : 'active'
}

/** What a key is at `now` (ms): the first that holds, in the order in which verification asks. */
export function statusOf(key: StoredKey, now: number): KeyStatus {
  return managedStatusOf(key) ?? timedStatusOf({ notBefore: key.notBefore, end: endOf(key) }, now)
}

/**
 * What callers may see of a key at `now` (ms): all but the hashes.
 * @param start The beginning of a token of ours, where that is at hand in less room.
 */
export function toApiKey(key: StoredKey, now: number, start = `${key.prefix}_${key.id}`): ApiKey {
  const createdAt = readonlyDate(key.createdAt)
  const isNew = key.updatedAt.getTime() === createdAt.getTime()
  // Field by field: what is made of "the rest" has a shape of its own each time, which takes more room than the key.
  return Object.freeze({
    id: key.id,
    kind: key.kind,
    prefix: key.prefix,
    start: key.imported?.start ?? start,
    name: key.name,
    description: key.description,
    owner: Object.freeze(key.owner),
    organizationId: key.organizationId,
    createdBy: key.createdBy,
    parentId: key.parentId,
    imported: key.imported && Object.freeze({ source: key.imported.source, id: key.imported.id }),
    permissions: Object.freeze(key.permissions),
    roles: Object.freeze(key.roles),
    resources: Object.freeze(key.resources),
    metadata: deepFreeze(key.metadata),
    tags: Object.freeze(key.tags),
    enabled: key.disabled === null,
    status: statusOf(key, now),
    notBefore: key.notBefore && readonlyDate(key.notBefore),
    expiresAt: key.expiresAt && readonlyDate(key.expiresAt),
    expiresAfterIdle: key.idle?.after ?? null,
    revoked: key.revoked && Object.freeze({ ...key.revoked, at: readonlyDate(key.revoked.at) }),
    restrictions: deepFreeze(key.restrictions),
    limits: deepFreeze(key.limits),
    credits: key.credits && shownRule(key.credits),
    version: key.version,
    createdAt,
    updatedAt: isNew ? createdAt : readonlyDate(key.updatedAt),
  })
}

function shownRule({ refill, since }: CreditRule): Credits {
  return Object.freeze({ refill: deepFreeze(refill), since: readonlyDate(since) })
}

/** Whether two owners are the same: by type and id, never by one of them. */
export function sameOwner(a: Owner, b: Owner): boolean {
  return a.type === b.type && a.id === b.id
}

/** An owner as one text, that no other has: for maps. */
export function ownerName({ type, id }: Owner): string {
  return JSON.stringify([type, id])
}

/** Freezes a record all the way down (dates, which cannot be frozen, aside). */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || value instanceof Date)
    return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
