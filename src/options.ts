/** The options of `apiKeys()`, documented; what each takes is in options-schema.ts, and its default in config.ts. */
import type { ImportedSource } from './imported-source.js'
import type { Action } from './key/action.js'
import type { HashAlgorithm } from './key/hash.js'
import type { Limits } from './key/limit.js'
import type { PermissionPattern } from './key/permission.js'
import type { ApiKey, Owner } from './key/record.js'
import type { Limiter } from './limit/counters.js'
import type { Logger } from './logger.js'
import type { Actor, RequestActor } from './manage/actor.js'
import type { FallbackAnswer } from './manage/adopt.js'
import type { CreditsInput } from './manage/credit-input.js'
import type { OrganizationRole } from './manage/roles.js'
import type { Store } from './store/store.js'
import type { Telemetry } from './telemetry/telemetry.js'

/** What `authorize` answers. `reauthenticate`: yes, after a fresh login. */
export type Decision = 'allow' | 'deny' | 'reauthenticate'

/** One sort of key. */
export interface KindOptions<P extends string = string> {
  /** The prefix of this kind's tokens. Default: the option `prefix`. */
  readonly prefix?: string
  /** The hash of this kind's tokens. Default: the option `hash`. */
  readonly hash?: HashAlgorithm
  /** How long a key lives that is made without an expiry (`'90d'`). Default: `maxExpiresIn`, or for ever. */
  readonly expiresIn?: string
  /** How long a key may live at most, from when its expiry is set (`'1y'`). Default: no bound. */
  readonly maxExpiresIn?: string
  /** Unused for so long, a key ends (`'90d'`): of one that is made without a word about it, and at most. Default: never. */
  readonly expiresAfterIdle?: string
  /** What a key of this kind may carry at most. Default: anything in the catalogue. */
  readonly permissions?: readonly PermissionPattern<P>[]
  /** Limits of keys of this kind, by name, where a key has none of that name itself. Default: none. */
  readonly limits?: Limits
  /** Restrictions that a key of this kind must have. Default: none. */
  readonly requiredRestrictions?: readonly ('ips' | 'origins')[]
  /** The credits of a key that is made without a word about them, not by a key. Default: none, requests cost nothing. */
  readonly credits?: CreditsInput
}

/** Secrets that hashes are keyed with: 32 random bytes or more, kept outside the database. */
export interface PepperOptions {
  readonly current: string | Uint8Array
  /** Earlier ones: keys hashed under them go on working, and are hashed anew when they are next used. */
  readonly previous?: string | Uint8Array | readonly (string | Uint8Array)[]
}

/** What is kept in memory, and how long. */
export interface CacheOptions {
  /** How many keys at most; the least recently used goes. Default: 100,000. */
  readonly records?: number
  /** How many owners' grants, and how many owners' users, at most. Default: 10,000. */
  readonly owners?: number
  /**
   * How long an owner's grants and user are kept (`'30s'`), at most five minutes; `'0s'`: they are asked for at each
   * verification. `keys.forget(owner)` ends it at once. Default: `'30s'`.
   */
  readonly ownersFor?: string
}

/** How closely the processes over one database follow each other. */
export interface CoherenceOptions {
  /** How often a process reads what has changed, in ms, 10 to 10,000: a change takes about as long. Default: 250. */
  readonly pollMs?: number
  /**
   * How long a process may use its memory without having reached the database, in ms, at least four times `pollMs`: a change
   * takes about as long where a process has died. Default: 2000.
   */
  readonly leaseMs?: number
}

/** The options of `apiKeys()`. */
// biome-ignore lint/suspicious/noExplicitAny: the default for the app's own user type, which only the app knows
export interface ApiKeysOptions<P extends string = string, U = any> {
  /** What tokens begin with: `[a-z][a-z0-9_]{0,30}`, such as `acme_live`. */
  readonly prefix: string
  /** Where keys are kept: `mongooseStore(connection)`, or `memoryStore()` for development. */
  readonly store: Store
  /**
   * The catalogue: every permission there is. A misspelt one is then a type error, and an error at run time.
   * Default: none, any well-formed permission goes.
   */
  readonly permissions?: readonly P[]
  /** Named bundles of permissions. Default: none. */
  readonly roles?: Readonly<Record<string, readonly PermissionPattern<NoInfer<P>>[]>>
  /**
   * What the tokens look like that other systems have made and `keys.import` has taken over: the first entry that a token fits
   * counts. Default: none, and a token without one of our prefixes is refused at once.
   *
   * @example
   * ```ts
   * imported: [
   *   { source: 'better-auth', prefix: 'ba_', length: 67 },
   *   { source: 'sanctum', separator: '|', covers: 'secret' },
   * ]
   * ```
   */
  readonly imported?: readonly ImportedSource[]
  /**
   * Asked about a token of an imported shape that is nobody's here: for moving slowly, while the old system still stands. Answers
   * what it knows of the key, which is then taken over (its hash, never the token), once over all processes; `null`: it is no key
   * there either. Asked at a bounded rate, and not again for ten seconds after a `null`. What it throws is 503, not 401.
   *
   * @example
   * ```ts
   * imported: [{ source: 'old', prefix: 'old_' }],
   * fallback: async (token, { signal }) => {
   *   const row = await oldKeys.check(token, { signal })
   *   return row && { owner: { id: row.userId }, name: row.name, permissions: row.scopes }
   * }
   * ```
   */
  readonly fallback?: (
    token: string,
    context: { readonly signal: AbortSignal },
  ) => FallbackAnswer<NoInfer<P>> | null | undefined | Promise<FallbackAnswer<NoInfer<P>> | null | undefined>
  /** How long `fallback` may take, up to `'30s'`; later it is 503. Default: `'3s'`. */
  readonly fallbackTimeout?: string
  /** Sorts of key; the first is the default one. Default: `{ secret: {} }`. */
  readonly kinds?: Readonly<Record<string, KindOptions<NoInfer<P>>>>
  /** How tokens are hashed. Default: `hmac-sha256` with a pepper, `sha256` without. */
  readonly hash?: HashAlgorithm
  /** Default: none. */
  readonly pepper?: PepperOptions
  /** bcrypt's cost, 10 to 16. Default: 12. */
  readonly bcryptCost?: number
  /**
   * The headers that tokens are read from; `authorization` is read as `Bearer <token>`, any other bare.
   * Default: `['authorization', 'x-api-key']`.
   */
  readonly headers?: readonly string[]
  /**
   * Who the app's user is to sidekey. Default: `{ id: user.id ?? user._id ?? user.sub }`, never an admin.
   * `request` is what was given to `keys.as(user, request)`: with the routers, the framework's request.
   */
  readonly actor?: (user: U, request: unknown) => Actor | Promise<Actor>
  /**
   * Loads the user that a request made with a key should have as `req.user`. Asked for owners of type `user`
   * only. `null` or `undefined`: there is no such user, and the key is refused. The answer is kept as that of `grants` is, so
   * requests share one object. Default: no `req.user`.
   */
  readonly user?: (owner: Owner) => unknown
  /**
   * What an owner may do now; keys are cut to it at each verification, and what an owner puts into a key must
   * be within it. `null`: the owner is switched off. `['*']`: everything. Must be given with a catalogue.
   * The answer is kept for `cache.ownersFor`, 30 s; `keys.forget(owner)` ends that at once.
   */
  readonly grants?: (
    owner: Owner,
    organizationId: string | null,
  ) => readonly string[] | null | Promise<readonly string[] | null>
  /**
   * The app's own say in what an actor may do to a key. `decision` is what the access table says. Returns
   * `allow` or `deny` in its place, `reauthenticate` (401, the app asks for a fresh login), or `undefined` to
   * leave it as it is. For an actor by key an `allow` changes nothing. Default: the table.
   */
  readonly authorize?: (
    actor: RequestActor,
    action: Action,
    apiKey: ApiKey,
    request: unknown,
    decision: 'allow' | 'deny',
  ) => Decision | undefined | Promise<Decision | undefined>
  /**
   * What the roles of an organisation may do, in place of the table's: by role, `*` for every role that is not named.
   * Default: `owner` and `admin` do all that an owner may to the organisation's keys, and read, disable, revoke and delete its
   * members' own; `*` reads the organisation's.
   */
  readonly organizationRoles?: Readonly<Record<string, OrganizationRole>>
  /** How many keys an owner may have that are neither revoked, deleted nor expired. Default: no bound. */
  readonly maxKeysPerOwner?: number
  /** How long a deleted key can be restored. Default: `'30d'`. */
  readonly retention?: string
  /** How long the audit keeps an event; refusals at most 30 days. Default: for ever. */
  readonly auditRetention?: string
  /**
   * How long before a key's end `keys.on('expiring')` is told: once for each of these. Default: `['7d', '1d']`.
   */
  readonly expiringBefore?: readonly string[]
  /**
   * Whether it is kept, and told as `lastUsedIp`, from what address a key was last used: personal data in many places.
   * Default: `false`.
   */
  readonly lastUsedIp?: boolean
  /**
   * Other origins whose pages may call the router with the app's cookies (`https://admin.example.com`).
   * Default: none.
   */
  readonly trustedOrigins?: readonly string[]
  /**
   * What is kept in memory. `false`: nothing is, each verification reads its key once, and there is neither a lease nor a
   * timer: for functions that are frozen between requests. Default: `{ records: 100_000, owners: 10_000, ownersFor: '30s' }`.
   */
  readonly cache?: CacheOptions | false
  /** Default: `{ pollMs: 250, leaseMs: 2000 }`. */
  readonly coherence?: CoherenceOptions
  /**
   * Where limits are counted: a limiter of rate-limiter-flexible, such as a `RateLimiterRedis`. Its own `points` and
   * `duration` are not asked. Default: the store's database.
   */
  readonly limiter?: Limiter
  /** Warnings and errors go here: a logger of the pino shape. Default: the console. */
  readonly logger?: Logger
  /** Is told what is done and how it stands: that of `sidekey/opentelemetry`, or one of the app's own. Default: none. */
  readonly telemetry?: Telemetry
}
