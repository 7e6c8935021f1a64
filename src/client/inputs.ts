/** What the methods of the client take. A `Date` may stand for a time wherever one is taken. */
import type { KeyStatus } from '../key/record.js'
import type { ListQuery as CoreListQuery, RevokeFilter as CoreRevokeFilter } from '../manage/input.js'

/** What every method takes. */
export interface CallOptions {
  /** Ends the call, also while it waits to try again: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** The options of `create`. */
export interface CreateOptions extends CallOptions {
  /**
   * 1 to 255 visible ASCII characters. Repeated with the same one, `create` makes no second key. Default: a
   * random one, so that trying again is safe.
   */
  readonly idempotencyKey?: string
}

/** To which version of the record a change is bound: `VERSION_MISMATCH` (412) where it has changed. */
export type Condition =
  | {
      /** The `version` of the record as it was read. */
      readonly ifVersion?: number
      readonly ifMatch?: never
    }
  | {
      /** An `ETag`, or `*`: any version, for apps that want one to be named. */
      readonly ifMatch?: string
      readonly ifVersion?: never
    }

/** The options of a change of one record. */
export type ChangeOptions = CallOptions & Condition

/** The options of `rotate`. */
export type RotateOptions = ChangeOptions & {
  /** How long earlier tokens go on working, a duration (`'1h'`); `'0s'`: not at all. Default: `'24h'`. */
  readonly grace?: string
}

/** The options of `revoke`. */
export type RevokeOptions = ChangeOptions & {
  /** Why, for whoever looks at the record later: at most 500 characters. */
  readonly reason?: string | null
}

/** The options of `credits.add` and `credits.set`. */
export interface CreditOptions extends CallOptions {
  /** Why, for whoever looks at the audit later: at most 500 characters. */
  readonly reason?: string
}

/** The options of `credits.refund`. */
export interface RefundOptions extends CreditOptions {
  /** What the refund is known by, 1 to 200 characters: the id of the request that it is for, say. */
  readonly ref: string
}

/** The options of `revokeAll`. */
export interface RevokeAllOptions extends CallOptions {
  /** Why, for whoever looks at the records later: at most 500 characters. */
  readonly reason?: string
  /** Is told how many have been revoked so far, as often as the server answers that it goes on. */
  readonly onProgress?: (revoked: number) => void
}

/** What `list` takes. All given filters must hold. */
export type ListQuery = Omit<CoreListQuery, 'status'> & {
  /** Default: all but `deleted`. */
  readonly status?: KeyStatus
}

/** What `revokeAll` takes: at least one filter, and none without a value. */
export type RevokeFilter = Pick<CoreRevokeFilter, 'ids' | 'owner' | 'organizationId'>
