/** The factory: wires the parts, nothing else. */

import { INTERNALS, type Internals } from './internals.js'
import type { ApiKey } from './key/record.js'
import type { CallContext } from './manage/access.js'
import { type RequestActor, SERVER } from './manage/actor.js'
import { type ActorConfig, actorConfig } from './manage/actor-config.js'
import { type AuditPage, type AuditQuery, listEvents } from './manage/audit-query.js'
import { callerOf } from './manage/caller.js'
import type { ChangeOptions } from './manage/change.js'
import { type Created, type CreateOptions, createKey, type Replayed } from './manage/create.js'
import { deleteKey } from './manage/delete.js'
import type { Deps } from './manage/deps.js'
import { createEmitter, type KeyEventListener, type KeyEventName, listen } from './manage/events.js'
import { getKey } from './manage/get.js'
import {
  type CreateInput,
  type Inputs,
  inputSchemas,
  type ListQuery,
  type OwnerInput,
  type RevokeFilter,
  type UpdateInput,
} from './manage/input.js'
import { listKeys, type Page } from './manage/list.js'
import { lookupKey } from './manage/lookup.js'
import { giveNotices } from './manage/notices.js'
import { createOutbox } from './manage/outbox.js'
import { purgeKey } from './manage/purge.js'
import { createRefusals } from './manage/refusals.js'
import { restoreKey } from './manage/restore.js'
import { keepFor } from './manage/retention.js'
import { type RevokeAllOptions, type RevokeOptions, revokeKey } from './manage/revoke.js'
import { type RevokeAllResult, revokeAllKeys } from './manage/revoke-all.js'
import { type RotateOptions, rotateKey } from './manage/rotate.js'
import { createSweeper, purgeOverdue } from './manage/sweep.js'
import { transferKey } from './manage/transfer.js'
import { updateKey } from './manage/update.js'
import { verifyFor } from './manage/verify-for.js'
import { type ApiKeysOptions, toConfig } from './options.js'
import { createLastUse } from './usage/last-use.js'
import { ownerGrants } from './verify/owner.js'
import type { Verification, VerifyRequest } from './verify/verification.js'
import { createVerifier } from './verify/verifier.js'

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
  /** The record, or `null` where there is none, it is deleted, or the actor may not see it. */
  get(id: string): Promise<ApiKey | null>
  /** A page of keys, newest first; through `as(user)` the user's own, unless the query says otherwise. */
  list(query?: ListQuery): Promise<Page>
  /**
   * Changes fields of a key; `ifVersion` makes it conditional (`VERSION_MISMATCH`). Rejects with `ALREADY_REVOKED`
   * for a revoked key: nothing about it changes any more.
   */
  update(id: string, patch: UpdateInput<P>, options?: ChangeOptions): Promise<ApiKey>
  /** Gives a key to another owner. Admins; a user's key only with `impersonate`. */
  transfer(id: string, owner: OwnerInput, options?: ChangeOptions): Promise<ApiKey>
  /**
   * A new token for the same key. The old one lives for `grace` (`'24h'`; `'0s'`: it ends at once); at most three
   * tokens of a key live at a time, the oldest ends first.
   */
  rotate(id: string, options?: RotateOptions): Promise<Created>
  /** Ends a key for good. The record stays, with when, by whom and why. Repeating it is no error. */
  revoke(id: string, options?: RevokeOptions): Promise<ApiKey>
  /**
   * Revokes all keys that match the filter. A filter that is empty, or has a field without a value, is
   * `INVALID_INPUT`: it never means "all".
   */
  revokeAll(filter: RevokeFilter, options?: RevokeAllOptions): Promise<RevokeAllResult>
  /** Deletes a key: it stops working, and can be restored while `retention` lasts. */
  delete(id: string, options?: ChangeOptions): Promise<ApiKey>
  /** Brings a deleted key back, as it was. */
  restore(id: string, options?: ChangeOptions): Promise<ApiKey>
  /** Removes a key for good, now. */
  purge(id: string, options?: ChangeOptions): Promise<void>
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
  /** What the actor may do, and with what: catalogue, kinds, grants. For a page that makes and manages keys. */
  config(): Promise<ActorConfig>
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
   * Calls `listener` for each event of this name: in one process each, the one that told the audit. Returns a function that
   * takes the listener away. A listener that throws or rejects harms nothing, and is told to the logger.
   *
   * `created`, `updated` (also enabled, disabled, transferred, restored), `rotated`, `revoked`, `deleted` (also purged),
   * `refused`, `leaked` (nothing tells it yet); `expiring`: once a key and each of `expiringBefore`, over all processes, to the minute.
   *
   * @example
   * ```ts
   * keys.on('revoked', ({ apiKey, audit }) => mail(apiKey?.owner, `revoked by ${audit.actor.id}: ${audit.reason}`))
   * ```
   */
  on(event: KeyEventName, listener: KeyEventListener): () => void
  /** Whether the store answers: for a readiness probe. Never rejects. */
  health(): Promise<Health>
  /** Resolves once the store can serve; rejects with `STORE_UNAVAILABLE`. */
  ready(): Promise<void>
  /** Writes what is only noted yet (refusals, last uses), and stops. Lets go of what sidekey opened; never of the app's connection. */
  close(): Promise<void>
}

/**
 * API keys for an app that has users and a login of its own.
 *
 * Throws `INVALID_OPTION` at once for a wrong option, naming it and what it takes.
 *
 * @example
 * ```ts
 * const keys = apiKeys({
 *   prefix: 'acme_live',
 *   store: mongooseStore(mongoose.connection),
 *   permissions: ['reports:read', 'reports:write'],
 *   actor: user => ({ id: user.id, admin: user.role === 'admin', organizations: user.memberships }),
 *   user: owner => User.findById(owner.id),
 *   grants: owner => permissionsOf(owner),
 * })
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: the default for the app's own user type, which only the app knows
export function apiKeys<const P extends string = string, U = any>(options: ApiKeysOptions<P, U>): ApiKeys<P> {
  const config = toConfig(options)
  const { store } = config
  const now = Date.now
  const grants = ownerGrants(config)
  const warn = (err: unknown, message: string) => config.logger.warn({ err }, message)
  const lastUse = createLastUse(store, warn)
  const verifier = createVerifier({
    config,
    load: id => store.find(id),
    grants,
    rehash: (id, from, to) => store.rehash(id, from, to),
    accepted: lastUse.note,
    now,
  })
  const keep = keepFor(config.auditRetention)
  const emitter = createEmitter(error => warn(error, 'a listener of keys.on failed'), now)
  const outbox = createOutbox({ store, keep, emitter, warn })
  const refusals = createRefusals({ store, keep, emitter, now, warn })
  const deps: Deps = { config, store, verifier, grants, now, outbox, lastUse, refusals }
  const sweeper = createSweeper(deps, [purgeOverdue, giveNotices(config.expiringBefore, keep, emitter)])
  const inputs = inputSchemas(config)
  const internals: Internals = { config }

  const keys: ApiKeys<P> = {
    ...management(deps, inputs, async () => {
      sweeper.start()
      return { caller: SERVER, request: undefined }
    }),
    verify(token, request) {
      sweeper.start()
      return verifier.verify(token, request)
    },
    as(user, request) {
      let actor: Promise<RequestActor> | undefined
      return management(deps, inputs, async () => {
        sweeper.start()
        actor ??= callerOf(config, user, request)
        return { caller: await actor, request }
      })
    },
    on(event, listener) {
      sweeper.start() // it gives the notices
      return listen(emitter, event, listener)
    },
    health: () =>
      store.ping().then(
        () => ({ ok: true, store: 'up' }),
        () => ({ ok: false, store: 'away' }),
      ),
    ready: () => store.ready(),
    async close() {
      sweeper.stop()
      await Promise.all([refusals.flush(), lastUse.flush()])
      await store.close()
    },
  }
  Object.defineProperty(keys, INTERNALS, { value: internals })
  return keys
}

/** The operations, with `context` telling each who calls. */
function management<P extends string>(
  deps: Deps,
  inputs: Inputs,
  context: () => Promise<CallContext>,
): KeyManagement<P> {
  /** Every refusal that leaves is in the audit. */
  const run = async <T>(operation: (context: CallContext) => Promise<T>): Promise<T> => {
    const known = await context()
    try {
      return await operation(known)
    } catch (error) {
      deps.refusals.note(known, error)
      throw error
    }
  }
  return {
    create: ((input: unknown, options?: CreateOptions) =>
      run(context => createKey(deps, inputs, context, input, options))) as KeyManagement<P>['create'], // no repeat without a key for it
    get: id => run(context => getKey(deps, context, id)),
    list: (query = {}) => run(context => listKeys(deps, inputs, context, query)),
    update: (id, patch, options) => run(context => updateKey(deps, inputs, context, id, patch, options)),
    transfer: (id, owner, options) => run(context => transferKey(deps, context, id, owner, options)),
    rotate: (id, options) => run(context => rotateKey(deps, context, id, options)),
    revoke: (id, options) => run(context => revokeKey(deps, context, id, options)),
    revokeAll: (filter, options) => run(context => revokeAllKeys(deps, inputs, context, filter, options)),
    delete: (id, options) => run(context => deleteKey(deps, context, id, options)),
    restore: (id, options) => run(context => restoreKey(deps, context, id, options)),
    purge: (id, options) => run(context => purgeKey(deps, context, id, options)),
    lookup: token => run(context => lookupKey(deps, context, token)),
    audit: (query = {}) => run(context => listEvents(deps, context, query)),
    verify: (token, request) => run(context => verifyFor(deps, context, token, request)),
    config: () => run(context => actorConfig(deps, context)),
  }
}
