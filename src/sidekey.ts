/** The factory: wires the parts, nothing else. */

import { INTERNALS, type Internals } from './internals.js'
import type { ApiKey } from './key/record.js'
import { type RequestActor, SERVER } from './manage/actor.js'
import { callerOf } from './manage/caller.js'
import type { ChangeOptions } from './manage/change.js'
import { type Created, createKey } from './manage/create.js'
import { deleteKey } from './manage/delete.js'
import type { Deps } from './manage/deps.js'
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
import { purgeKey } from './manage/purge.js'
import { restoreKey } from './manage/restore.js'
import { type RevokeAllOptions, type RevokeOptions, revokeKey } from './manage/revoke.js'
import { type RevokeAllResult, revokeAllKeys } from './manage/revoke-all.js'
import { type RotateOptions, rotateKey } from './manage/rotate.js'
import { transferKey } from './manage/transfer.js'
import { updateKey } from './manage/update.js'
import { type ApiKeysOptions, toConfig } from './options.js'
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
}

/** What `apiKeys()` returns. Its own methods are trusted: the app calls them as itself. */
export interface ApiKeys<P extends string = string> extends KeyManagement<P> {
  /**
   * Verifies a token. Never throws for a bad one: the answer says `ok: false` and why. Rejects with `INVALID_INPUT`
   * where `request` is malformed: a misspelt or empty requirement must not pass for none.
   *
   * @example
   * ```ts
   * const verification = await keys.verify(token, { permissions: 'reports:read', ip: req.ip })
   * if (!verification.ok) return res.status(verification.status).end()
   * ```
   */
  verify(token: string | null | undefined, request?: VerifyRequest<P>): Promise<Verification>
  /**
   * The same face with the access policy applied to the app's user. `request` is the framework's request, given to
   * `actor` and `authorize`; one that was made with a key has that key's rights, whatever `user` is. In a handler that
   * keys can reach too, always give it: without the request a key's `req.user` is taken for a logged-in user.
   */
  as(user: unknown, request?: unknown): KeyManagement<P>
  /** Resolves once the store can serve; rejects with `STORE_UNAVAILABLE`. */
  ready(): Promise<void>
  /** Lets go of what sidekey opened; never of the app's own connection. */
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
  const verifier = createVerifier({
    config,
    load: id => store.find(id),
    grants,
    rehash: (id, from, to) => store.rehash(id, from, to),
    now,
  })
  const deps: Deps = { config, store, verifier, grants, now }
  const inputs = inputSchemas(config)
  const internals: Internals = { config }

  const keys: ApiKeys<P> = {
    ...management(deps, inputs, async () => ({ caller: SERVER, request: undefined })),
    verify: (token, request) => verifier.verify(token, request),
    as(user, request) {
      let actor: Promise<RequestActor> | undefined
      return management(deps, inputs, async () => {
        actor ??= callerOf(config, user, request)
        return { caller: await actor, request }
      })
    },
    ready: () => store.ready(),
    close: () => store.close(),
  }
  Object.defineProperty(keys, INTERNALS, { value: internals })
  return keys
}

/** The operations, with `context` telling each who calls. */
function management<P extends string>(
  deps: Deps,
  inputs: Inputs,
  context: () => Promise<{ caller: RequestActor | typeof SERVER; request: unknown }>,
): KeyManagement<P> {
  return {
    create: async input => createKey(deps, inputs, await context(), input),
    get: async id => getKey(deps, await context(), id),
    list: async (query = {}) => listKeys(deps, inputs, await context(), query),
    update: async (id, patch, options) => updateKey(deps, inputs, await context(), id, patch, options),
    transfer: async (id, owner, options) => transferKey(deps, await context(), id, owner, options),
    rotate: async (id, options) => rotateKey(deps, await context(), id, options),
    revoke: async (id, options) => revokeKey(deps, await context(), id, options),
    revokeAll: async (filter, options) => revokeAllKeys(deps, inputs, await context(), filter, options),
    delete: async (id, options) => deleteKey(deps, await context(), id, options),
    restore: async (id, options) => restoreKey(deps, await context(), id, options),
    purge: async (id, options) => purgeKey(deps, await context(), id, options),
    lookup: async token => lookupKey(deps, await context(), token),
  }
}
