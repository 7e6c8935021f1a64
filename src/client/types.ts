/**
 * What comes over the wire: derived from the library's own types, so that the two cannot drift apart. `KeyConfig` is written out;
 * `test/client/types.ts` holds it to what the router answers.
 */
import type { Action } from '../key/action.js'
import type { ListedEvent as CoreAuditEvent } from '../key/audit-event.js'
import type { ApiKey as CoreApiKey, Json } from '../key/record.js'
import type { Balance as CoreBalance } from '../manage/credits.js'
import type { RevokeAllResult as CoreRevokeAllResult } from '../manage/revoke-all.js'
import type { RevokePreview as CoreRevokePreview } from '../manage/revoke-preview.js'
import type { Usage as CoreUsage, UsagePeriod as CoreUsagePeriod } from '../manage/usage.js'
import type { Verification as CoreVerification } from '../verify/verification.js'

/** A value as it comes out of JSON: a date is text in ISO 8601. */
export type Jsonified<T> = T extends Date
  ? string
  : T extends Json | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Jsonified<Item>[]
      : { readonly [K in keyof T]: Jsonified<T[K]> }

/** A key's record. Times are ISO 8601. */
export type ApiKey = Jsonified<CoreApiKey>

/** An entry of the audit. `at` is ISO 8601. */
export type AuditEvent = Jsonified<CoreAuditEvent>

/** What `usage` answers. Times are ISO 8601. */
export type Usage = Jsonified<CoreUsage>
/** One hour, day or month of `usage`. Times are ISO 8601. */
export type UsagePeriod = Jsonified<CoreUsagePeriod>
/** What a change of a balance answers. */
export type Balance = Jsonified<CoreBalance>

/** What `revokeAll` answers. */
export type RevokeAllResult = Jsonified<CoreRevokeAllResult>
/** What `previewRevoke` answers. */
export type RevokePreview = Jsonified<CoreRevokePreview>

/** What `verify` answers. Times are ISO 8601. */
export type Verification = Jsonified<CoreVerification>

/** A part of a list, newest first. `nextCursor` is `null` on the last one. */
export interface Page<T> {
  readonly data: readonly T[]
  readonly nextCursor: string | null
}

/** A key with a new token. The token is in this answer, and nowhere else. */
export interface WithToken {
  readonly apiKey: ApiKey
  readonly token: string
}

/** The key of an earlier request with the same idempotency key: its token was in the answer to that one. */
export interface Replayed {
  readonly apiKey: ApiKey
  readonly replayed: true
}

/** What `create` answers. A key that was replayed gets a new token by `rotate`. */
export type Created = (WithToken & { readonly replayed: false }) | (Replayed & { readonly token: null })

/** A kind of key, as `config` tells of it. Durations are in ms; `null`: none. */
export interface KindConfig {
  readonly name: string
  readonly prefix: string
  /** How long a key lives unless told otherwise. */
  readonly expiresIn: number | null
  /** How long a key may live at most. */
  readonly maxExpiresIn: number | null
  /** Unused for so long, a key ends, at the latest: a duration with a unit. */
  readonly expiresAfterIdle: string | null
  /** What a key may carry; `null`: anything. */
  readonly permissions: readonly string[] | null
  /** Limits of keys of this kind that have none of that name themselves. */
  readonly limits: ApiKey['limits']
  readonly requiredRestrictions: readonly ('ips' | 'origins')[]
}

/** What the actor may do, for a page that offers it. */
export interface KeyConfig {
  readonly actor: {
    readonly id: string
    readonly via: 'session' | 'key'
    readonly admin: boolean
    /** An admin who may also come by a token that acts as a user. */
    readonly impersonate: boolean
    readonly organizations: readonly {
      readonly id: string
      readonly role: string
      /** What the role may do to keys that the organisation owns. */
      readonly organizationKeys: readonly Action[]
      /** What it may do to its members' own keys. */
      readonly memberKeys: readonly Action[]
    }[]
  }
  /** The catalogue; `null`: there is none, and any permission goes. */
  readonly permissions: readonly string[] | null
  /** The permissions of each role. */
  readonly roles: Readonly<Record<string, readonly string[]>>
  readonly kinds: readonly KindConfig[]
  /** What may be put into a key of the actor's own, or of the owner that was asked about; `null`: they are switched off. */
  readonly grants: readonly string[] | null
  readonly maxKeysPerOwner: number | null
  /** How long a deleted key can be restored, in ms. */
  readonly retention: number
  /** Whether changes of a record must name its version. */
  readonly requireIfMatch: boolean
}
