/** The faces of `keys`: that of management, which the app's users have too by `as(user)`, and that of the app itself. */
import type { ApiKey } from './key/record.js'
import type { ActorConfig, ConfigQuery } from './manage/actor-config.js'
import type { AuditPage, AuditQuery } from './manage/audit-query.js'
import type { ChangeOptions } from './manage/change.js'
import type { Created, CreateOptions, Replayed } from './manage/create.js'
import type { CreditManagement } from './manage/credits.js'
import type { KeyEventListener, KeyEventName } from './manage/events.js'
import type { ImportRecords, ImportResult } from './manage/import.js'
import type { ImportOptions } from './manage/import-input.js'
import type { CreateInput, ListQuery, OwnerInput, RevokeFilter, UpdateInput } from './manage/input.js'
import type { Page } from './manage/list.js'
import type { RevokeAllOptions, RevokeOptions } from './manage/revoke.js'
import type { RevokeAllResult } from './manage/revoke-all.js'
import type { RevokePreview } from './manage/revoke-preview.js'
import type { RotateOptions } from './manage/rotate.js'
import type { Usage } from './manage/usage.js'
import type { UsageQuery } from './manage/usage-query.js'
import type { Metrics } from './telemetry/telemetry.js'
import type { Verification, VerifyRequest } from './verify/verification.js'

/**
 * The face of management: the same for server code and, with the access policy applied, for `as(user)`. Changes take
 * `ifVersion`, which makes them conditional: `VERSION_MISMATCH` where the record is at another version.
 */
export interface KeyManagement<P extends string = string> {
  /**
   * Makes a key. The token is in the answer, and nowhere else.
   *
   * Rejects with `INVALID_INPUT`, `KEY_LIMIT_REACHED`, `STORE_UNAVAILABLE`; through `as(user)` also with
   * `UNAUTHENTICATED`, `FORBIDDEN`, `REAUTHENTICATION_REQUIRED`.
   *
   * @example
   * ```ts
   * const { apiKey, token } = await keys.create({
   *   name: 'CI',
   *   owner: { id: 'alice' },
   *   permissions: ['reports:read'],
   *   expiresIn: '90d',
   * })
   * ```
   */
  create(input: CreateInput<P>): Promise<Created>
  /**
   * With an `idempotencyKey` a repeat makes no second key: it is answered `{ apiKey, replayed: true }`, without the token.
   * Rejects with `IDEMPOTENCY_MISMATCH` for another input, `IDEMPOTENCY_IN_PROGRESS` while the first is under way.
   */
  create(input: CreateInput<P>, options: CreateOptions): Promise<Created | Replayed>
  /**
   * The record, or `null` where there is none, it is deleted, or the actor may not see it. Rejects with `INVALID_INPUT` for an id that
   * is none, as every method that takes one.
   */
  get(id: string): Promise<ApiKey | null>
  /**
   * A page of keys, newest first; through `as(user)` the user's own, unless the query says otherwise. Rejects with `FORBIDDEN` where it
   * asks for keys that are not the actor's.
   *
   * @example
   * ```ts
   * const { data, nextCursor } = await keys.list({ owner: { id: 'alice' }, status: 'active' })
   * ```
   */
  list(query?: ListQuery): Promise<Page>
  /**
   * Changes fields of a key; `ifVersion` makes it conditional (`VERSION_MISMATCH`). Rejects with `ALREADY_REVOKED`
   * for a revoked key: nothing about it changes any more; with `NOT_FOUND`, `CONFLICT` and, where it brings a key back,
   * `KEY_LIMIT_REACHED`.
   *
   * @example
   * ```ts
   * await keys.update(apiKey.id, { permissions: ['reports:read'] }, { ifVersion: apiKey.version })
   * ```
   */
  update(id: string, patch: UpdateInput<P>, options?: ChangeOptions): Promise<ApiKey>
  /**
   * Gives a key to another owner. Admins; a user's key only with `impersonate`. Rejects with `NOT_FOUND`, `ALREADY_REVOKED`,
   * `KEY_LIMIT_REACHED`, and with `INVALID_INPUT` for a key that was made by a key.
   */
  transfer(id: string, owner: OwnerInput, options?: ChangeOptions): Promise<ApiKey>
  /**
   * A new token for the same key. The old one lives for `grace` (`'24h'`; `'0s'`: it ends at once); at most three
   * tokens of a key live at a time, the oldest ends first. Rejects with `NOT_FOUND`, `ALREADY_REVOKED`.
   *
   * @example
   * ```ts
   * const { token } = await keys.rotate(apiKey.id, { grace: '1h' })
   * ```
   */
  rotate(id: string, options?: RotateOptions): Promise<Created>
  /**
   * Ends a key for good: once this has resolved, no process accepts it. The record stays, with when, by whom and why. Repeating it is no
   * error. Rejects with `NOT_FOUND`, also for a deleted key, and with `STORE_UNAVAILABLE`: then repeat it.
   *
   * @example
   * ```ts
   * await keys.revoke(apiKey.id, { reason: 'found in a repository' })
   * ```
   */
  revoke(id: string, options?: RevokeOptions): Promise<ApiKey>
  /**
   * Counts what `revokeAll` with the same filter would end now, by status and kind. Changes nothing.
   *
   * @example
   * ```ts
   * const { keys: count, byKind } = await keys.previewRevoke({ owner: { id: 'alice' } })
   * ```
   */
  previewRevoke(filter: RevokeFilter): Promise<RevokePreview>
  /**
   * Revokes all keys that match the filter. A filter that is empty, or has a field without a value, is
   * `INVALID_INPUT`: it never means "all". Rejects with `CONFLICT` where others kept changing some of the keys, or made new ones all the
   * while: the others are revoked, and a repeat goes on.
   *
   * @example
   * ```ts
   * const { revoked } = await keys.revokeAll({ owner: { id: 'alice' } }, { reason: 'has left' })
   * ```
   */
  revokeAll(filter: RevokeFilter, options?: RevokeAllOptions): Promise<RevokeAllResult>
  /** Deletes a key: it stops working, and can be restored while `retention` lasts. Repeating it is no error. Rejects with `NOT_FOUND`. */
  delete(id: string, options?: ChangeOptions): Promise<ApiKey>
  /** Brings a deleted key back, as it was. Rejects with `NOT_FOUND` once `retention` is over, and with `KEY_LIMIT_REACHED`. */
  restore(id: string, options?: ChangeOptions): Promise<ApiKey>
  /** Removes a key for good, now; resolves once the audit has been told. Rejects with `NOT_FOUND`. */
  purge(id: string, options?: ChangeOptions): Promise<void>
  /** Changes of the balance of a key that has credits; for admins and server code. */
  readonly credits: CreditManagement
  /** The record that a found token belongs to, whatever its status; `null` where it is nobody's. */
  lookup(token: string): Promise<ApiKey | null>
  /**
   * Verifies a token. Never throws for a bad one: the answer says `ok: false` and why. Rejects with `INVALID_INPUT`
   * where `request` is malformed: a misspelt or empty requirement must not pass for none.
   * Through `as(user)` it is for gateways: `FORBIDDEN` for all but admins and keys with `api-keys:verify`.
   *
   * @example
   * ```ts
   * const verification = await keys.verify(token, { permissions: 'reports:read', ip: req.ip })
   * if (!verification.ok) return res.status(verification.status).end()
   * ```
   */
  verify(token: string | null | undefined, request?: VerifyRequest<P>): Promise<Verification>
  /**
   * Who did what to which keys, newest first; through `as(user)` what concerns the user's own keys, unless the query says
   * otherwise. Refusals are in it too.
   *
   * @example
   * ```ts
   * const { data } = await keys.audit({ keyId: apiKey.id })
   * // [{ action: 'revoke', actor: { id: 'carol', via: 'session' }, at, reason: 'left the company', … }, …]
   * ```
   */
  audit(query?: AuditQuery): Promise<AuditPage>
  /**
   * How often keys were used, by period and outcome, for the last 90 days; through `as(user)` the user's own keys, unless the
   * query says otherwise. Of other processes it has what is older than five seconds. Rejects with `INVALID_INPUT` for more than
   * 1,000 periods.
   *
   * @example
   * ```ts
   * const { data } = await keys.usage({ keyId: apiKey.id, from: '2026-11-01', to: '2026-12-01', timeZone: 'Europe/Berlin' })
   * // [{ from, to, total: 4, outcomes: { accepted: 3, KEY_EXPIRED: 1 } }, …], a day each
   * ```
   */
  usage(query?: UsageQuery): Promise<Usage>
  /**
   * What the actor may do, and with what: catalogue, kinds, grants. For a page that makes and manages keys. `query` asks for the
   * grants of another owner or organisation than the actor's own; `FORBIDDEN` where they may make no keys there.
   */
  config(query?: ConfigQuery): Promise<ActorConfig>
}

/** What `keys.health()` answers. */
export interface Health {
  readonly ok: boolean
  readonly store: 'up' | 'away'
}

/** What `apiKeys()` returns. Its own methods are trusted: the app calls them as itself. */
export interface ApiKeys<P extends string = string> extends KeyManagement<P> {
  /**
   * The same face with the access policy applied to the app's user. `request` is the framework's request, given to
   * `actor` and `authorize`; one that was made with a key has that key's rights, whatever `user` is. In a handler that
   * keys can reach too, always give it: without the request a key's `req.user` is taken for a logged-in user.
   */
  as(user: unknown, request?: unknown): KeyManagement<P>
  /**
   * Takes over keys that another system has made (docs/moving/): their tokens go on working. Reads the records as they come, and
   * writes them in batches; each is in the audit. Repeating it is safe: what is here already is skipped. Rows that are not
   * taken are told, and stop nothing; where the store goes away it rejects with `STORE_UNAVAILABLE`.
   *
   * @example
   * ```ts
   * const { imported, skipped, failed } = await keys.import([
   *   { source: 'sanctum', id: '7', hash: { algorithm: 'sha256', value: '5e88…' }, owner: { id: 'alice' }, permissions: ['reports:read'] },
   * ])
   * ```
   */
  import(records: ImportRecords<P>, options?: ImportOptions): Promise<ImportResult>
  /**
   * What is kept in memory of an owner (`grants`, `user`) is asked for anew, in every process, once this has resolved: for an app
   * that wants a demotion seen at once. Without it, within `cache.ownersFor` (30 s). Rejects with `STORE_UNAVAILABLE`.
   *
   * @example
   * ```ts
   * await users.demote('alice')
   * await keys.forget({ id: 'alice' })
   * ```
   */
  forget(owner: OwnerInput): Promise<void>
  /**
   * Calls `listener` for each event of this name: in one process each, the one that told the audit. Returns a function that
   * takes the listener away. A listener that throws or rejects harms nothing, and is told to the logger.
   *
   * `created`, `updated` (also enabled, disabled, transferred, restored, and changes of credits), `rotated`, `revoked`, `deleted` (also purged),
   * `refused`, `imported`, `leaked` (a token was found by a secret-scanning partner, or by `sidekey scan --revoke`), `expired` (nobody has
   * used the key for as long as `expiresAfterIdle` says); `expiring`: once a key and each of `expiringBefore`, over all processes, to the
   * minute. Throws `INVALID_INPUT` for another name.
   *
   * @example
   * ```ts
   * keys.on('revoked', ({ apiKey, audit }) => mail(apiKey?.owner, `revoked by ${audit.actor.id}: ${audit.reason}`))
   * ```
   */
  on(event: KeyEventName, listener: KeyEventListener): () => void
  /** Whether the store answers: for a readiness probe. Never rejects. */
  health(): Promise<Health>
  /** Resolves once the store can serve (its indexes are there); rejects with `STORE_UNAVAILABLE`. For a start-up to wait for. */
  ready(): Promise<void>
  /**
   * What this process has done and how it stands: verifications by outcome, cache hits, the age of its lease, store errors, what
   * waits to be written. No I/O, a few microseconds. docs/watching.md shows it read by prom-client and by OpenTelemetry.
   */
  metrics(): Metrics
  /** Writes what is only noted yet (refusals, last uses, usage), and stops. Lets go of what sidekey opened; never of the app's connection. */
  close(): Promise<void>
}
