/** The face of the client: that of `keys`, with what JSON makes of the answers. */
import type { ConfigQuery } from '../manage/actor-config.js'
import type { AuditQuery } from '../manage/audit-query.js'
import type { CreateInput, OwnerInput, UpdateInput } from '../manage/input.js'
import type { UsageQuery } from '../manage/usage-query.js'
import type { VerifyRequest } from '../verify/verification.js'
import type {
  CallOptions,
  ChangeOptions,
  CreateOptions,
  CreditOptions,
  ListQuery,
  RefundOptions,
  RevokeAllOptions,
  RevokeFilter,
  RevokeOptions,
  RotateOptions,
} from './inputs.js'
import type {
  ApiKey,
  AuditEvent,
  Balance,
  Created,
  KeyConfig,
  Page,
  RevokeAllResult,
  RevokePreview,
  Usage,
  Verification,
  WithToken,
} from './types.js'

/** The methods of `client.credits`. `n` is a number of whole credits. */
export interface CreditClient {
  /** Adds to a balance. Never tried again: each time would add. */
  add(id: string, n: number, options?: CreditOptions): Promise<Balance>
  /** Sets a balance, whatever it was. Never tried again: what was spent meanwhile would come back. */
  set(id: string, n: number, options?: CreditOptions): Promise<Balance>
  /**
   * Gives back what a request has cost, once for each `ref`.
   *
   * @example
   * ```ts
   * const { balance } = await client.credits.refund(apiKey.id, 5, { ref: 'request 4711' })
   * ```
   */
  refund(id: string, n: number, options: RefundOptions): Promise<Balance>
}

/**
 * The methods of `keyClient()`. Each rejects with a `KeyClientError`: with the server's code, with
 * `NETWORK_ERROR`, or with `UNEXPECTED_ANSWER`. An id that is none is `INVALID_INPUT`, and is not sent.
 *
 * @typeParam P the permissions of the app's catalogue, to make misspelt ones a compile error
 */
export interface KeyClient<P extends string = string> {
  /**
   * Makes a key. The token is in the answer, and nowhere else; `null` where an earlier attempt had made the
   * key, but its answer was lost.
   *
   * @example
   * ```ts
   * const { apiKey, token } = await client.create({ name: 'CI', permissions: ['reports:read'] })
   * ```
   */
  create(input: CreateInput<P>, options?: CreateOptions): Promise<Created>
  /** The record, or `null` where there is none, it is deleted, or the actor may not see it. */
  get(id: string, options?: CallOptions): Promise<ApiKey | null>
  /** One page of keys, newest first: one's own, unless the query says otherwise. */
  list(query?: ListQuery, options?: CallOptions): Promise<Page<ApiKey>>
  /**
   * The keys of all pages, newest first; `limit` is the size of a page, which is asked for once it is needed.
   *
   * @example
   * ```ts
   * for await (const apiKey of client.listAll({ status: 'active' })) console.log(apiKey.name)
   * ```
   */
  listAll(query?: ListQuery, options?: CallOptions): AsyncGenerator<ApiKey, void, undefined>
  /** Changes the fields that are given; `ifVersion` binds it to a version (`VERSION_MISMATCH`). */
  update(id: string, patch: UpdateInput<P>, options?: ChangeOptions): Promise<ApiKey>
  /** Gives a key to another owner. For admins. */
  transfer(id: string, owner: OwnerInput, options?: ChangeOptions): Promise<ApiKey>
  /**
   * A new token for the same key. The old one lives for `grace`. Never tried again: each time would make one.
   */
  rotate(id: string, options?: RotateOptions): Promise<WithToken>
  /** Ends a key for good. The record stays. Repeating it is no error. */
  revoke(id: string, options?: RevokeOptions): Promise<ApiKey>
  /** Counts what `revokeAll` with the same filter would end now, by status and kind. Changes nothing. */
  previewRevoke(filter: RevokeFilter, options?: CallOptions): Promise<RevokePreview>
  /**
   * Revokes all keys that the filter names and the actor may revoke. Asks again while the server answers that
   * it goes on. A field without a value is `INVALID_INPUT`: it never means "all".
   */
  revokeAll(filter: RevokeFilter, options?: RevokeAllOptions): Promise<RevokeAllResult>
  /** Deletes a key: it stops working, and can be restored for a while. */
  delete(id: string, options?: ChangeOptions): Promise<void>
  /** Brings a deleted key back, as it was. */
  restore(id: string, options?: ChangeOptions): Promise<ApiKey>
  /** Removes a key for good, now. For admins. */
  purge(id: string, options?: ChangeOptions): Promise<void>
  /** Changes of the balance of a key that has credits. For admins. */
  readonly credits: CreditClient
  /** The record that a found token belongs to, whatever its status; `null` where it is nobody's. */
  lookup(token: string, options?: CallOptions): Promise<ApiKey | null>
  /**
   * Verifies a token. A bad one is an answer, not an error: `ok: false`, and why. For admins, and for keys
   * with `api-keys:verify`.
   *
   * @example
   * ```ts
   * const verification = await client.verify(token, { permissions: 'reports:read' })
   * if (verification.ok) console.log(verification.owner.id)
   * ```
   */
  verify(token: string, request?: VerifyRequest<P>, options?: CallOptions): Promise<Verification>
  /** The key that the requests are made with. */
  me(options?: CallOptions): Promise<ApiKey>
  /**
   * What the actor may do: catalogue, roles, kinds, grants. `query` asks for the grants of another owner or organisation than
   * one's own.
   */
  config(query?: ConfigQuery, options?: CallOptions): Promise<KeyConfig>
  /**
   * One page of who did what, newest first: to one key by `keyId`; else to one's own, unless the query says
   * otherwise.
   */
  audit(query?: AuditQuery, options?: CallOptions): Promise<Page<AuditEvent>>
  /** The events of all pages; `limit` is the size of a page, which is asked for once it is needed. */
  auditAll(query?: AuditQuery, options?: CallOptions): AsyncGenerator<AuditEvent, void, undefined>
  /**
   * How often keys were used, by period and outcome: one key by `keyId`; else one's own, unless the query says otherwise.
   *
   * @example
   * ```ts
   * const { data } = await client.usage({ by: 'month', from: '2026-10-01', timeZone: 'Europe/Berlin' })
   * for (const { from, outcomes } of data) console.log(from, outcomes.accepted ?? 0)
   * ```
   */
  usage(query?: UsageQuery, options?: CallOptions): Promise<Usage>
}
