/** The entry of the audit: who did what to which key, or was refused. */
import type { ErrorCode } from '../errors.js'
import type { Action } from './action.js'
import type { Json, Owner } from './record.js'

/** What changes a record: what an actor or an import does, or that a key has ended since nobody used it. */
export type ChangeAction = Action | 'import' | 'expire'

/** What an event tells of; `expiring`: a notice that a key ends soon; `leak`: its token was found where it should not be. */
export type AuditAction = ChangeAction | 'verify' | 'expiring' | 'leak'

/** Who acted: a user of the app's, a key (`id` is its owner's), or the app's own code (`id` is `null`). */
export interface AuditActor {
  readonly id: string | null
  readonly via: 'session' | 'key' | 'server'
  readonly keyId?: string
}

/**
 * The fields that a change has changed; a time is ISO 8601, and a value of more than 1 KiB of JSON is told by its size.
 */
export type Changes = { readonly [field: string]: { readonly from: Json; readonly to: Json } }

/** An entry of the audit. Never holds a token or a hash. */
export interface AuditEvent {
  /** 16 base62 digits; sorts by age. */
  readonly id: string
  readonly at: Date
  readonly action: AuditAction
  readonly actor: AuditActor
  /** `null` where no one key is meant: a refused `create`, a refused list. */
  readonly keyId: string | null
  /** The key's owner after the act. */
  readonly owner: Owner | null
  readonly organizationId: string | null
  readonly changes: Changes
  readonly reason: string | null
  /** The code that the act was refused with; `null`: it was done. */
  readonly refused: ErrorCode | null
  /** How many refusals the event stands for: those that repeat within a minute are told together. */
  readonly count: number
  /** The client's address, as the framework tells it. */
  readonly ip: string | null
  readonly userAgent: string | null
  /** What the framework calls the request's `id`, or the client `X-Request-Id`. */
  readonly requestId: string | null
}

/** An event as the audit lists it. */
export interface ListedEvent extends AuditEvent {
  /** What the key is called now; `null` where no one key is meant, or it is gone for good. */
  readonly keyName: string | null
}
