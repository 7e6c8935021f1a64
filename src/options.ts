/** The options of `apiKeys()`: documented, defaulted and checked here, and nowhere else. */
import cluster from 'node:cluster'
import { z } from 'zod'
import type { Action } from './key/action.js'
import { HASH_ALGORITHMS, type HashAlgorithm, type HashSettings, toPepper } from './key/hash.js'
import {
  covers,
  isPattern,
  isPermission,
  MANAGEMENT_PERMISSIONS,
  type PermissionPattern,
} from './key/permission.js'
import type { ApiKey, Owner } from './key/record.js'
import { isPrefix } from './key/token.js'
import { type Actor, defaultActor, type RequestActor } from './manage/actor.js'
import { duration } from './manage/fields.js'
import {
  COLLEAGUES_ACTIONS,
  DEFAULT_ROLES,
  type OrganizationRole,
  type OrganizationRoles,
  OWNERS_ACTIONS,
} from './manage/roles.js'
import type { Store } from './store/store.js'
import { tellOnce } from './tell.js'
import { parseOptions } from './validation.js'

/** A logger of the pino shape. */
export interface Logger {
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

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
  /** What a key of this kind may carry at most. Default: anything in the catalogue. */
  readonly permissions?: readonly PermissionPattern<P>[]
  /** Restrictions that a key of this kind must have. Default: none. */
  readonly requiredRestrictions?: readonly ('ips' | 'origins')[]
}

/** Secrets that hashes are keyed with: 32 random bytes or more, kept outside the database. */
export interface PepperOptions {
  readonly current: string | Uint8Array
  /** Earlier ones: keys hashed under them go on working, and are hashed anew when they are next used. */
  readonly previous?: string | Uint8Array | readonly (string | Uint8Array)[]
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
   * only. `null` or `undefined`: there is no such user, and the key is refused. Default: no `req.user`.
   */
  readonly user?: (owner: Owner) => unknown
  /**
   * What an owner may do now; keys are cut to it at each verification, and what an owner puts into a key must
   * be within it. `null`: the owner is switched off. `['*']`: everything. Must be given with a catalogue.
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
   * Other origins whose pages may call the router with the app's cookies (`https://admin.example.com`).
   * Default: none.
   */
  readonly trustedOrigins?: readonly string[]
  /** Warnings and errors go here. Default: the console. */
  readonly logger?: Logger
}

/** A kind with its defaults. */
export interface Kind {
  readonly name: string
  readonly prefix: string
  readonly hash: HashSettings
  readonly expiresIn: number | null
  readonly maxExpiresIn: number | null
  readonly permissions: readonly string[] | null
  readonly requiredRestrictions: readonly ('ips' | 'origins')[]
}

/** The options, checked and with their defaults. */
export interface Config {
  readonly store: Store
  readonly prefixes: ReadonlySet<string>
  /** `null`: any well-formed permission. */
  readonly catalogue: ReadonlySet<string> | null
  readonly roles: ReadonlyMap<string, readonly string[]>
  readonly kinds: ReadonlyMap<string, Kind>
  readonly defaultKind: Kind
  readonly headers: readonly string[]
  readonly actor: (user: unknown, request: unknown) => unknown
  readonly user: ((owner: Owner) => unknown) | null
  readonly grants: ((owner: Owner, organizationId: string | null) => unknown) | null
  readonly authorize: NonNullable<ApiKeysOptions['authorize']> | null
  readonly organizationRoles: OrganizationRoles
  readonly maxKeysPerOwner: number | null
  readonly retention: number
  /** In ms; `null`: for ever. */
  readonly auditRetention: number | null
  readonly expiringBefore: readonly number[]
  readonly trustedOrigins: ReadonlySet<string>
  readonly logger: Logger
}

const PEPPER_BYTES = 32
const DAY_MS = 86_400_000
const EXPIRING_BEFORE: readonly number[] = [7 * DAY_MS, DAY_MS]

const fn = <T>() => z.custom<T>(value => typeof value === 'function', 'takes a function')
const name = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/)
const prefix = z
  .string('takes a string such as "acme_live"')
  .refine(isPrefix, 'takes [a-z][a-z0-9_]{0,30}, such as "acme_live"')
const permission = z
  .string()
  .refine(isPermission, 'takes permissions such as "reports:read", without wildcards')
const pattern = z
  .string()
  .refine(isPattern, 'takes permissions such as "reports:read", or patterns such as "reports:*"')
const hash = z.enum(HASH_ALGORITHMS, `takes one of ${HASH_ALGORITHMS.join(', ')}`)
const secret = z
  .union([z.string(), z.instanceof(Uint8Array)], 'takes a string or bytes')
  .refine(value => value.length > 0, 'must not be empty')

const patterns = z.array(pattern, 'takes a list of permissions')
const kindsTake = 'takes kinds by name ([a-z][a-z0-9_-]{0,63}), such as { secret: { maxExpiresIn: "90d" } }'
const rolesTake = 'takes lists of permissions by name ([a-z][a-z0-9_-]{0,63})'
const kind = z.strictObject(
  {
    prefix: prefix.optional(),
    hash: hash.optional(),
    expiresIn: duration.optional(),
    maxExpiresIn: duration.optional(),
    permissions: patterns.optional(),
    requiredRestrictions: z
      .array(z.enum(['ips', 'origins'], 'takes ips and origins'), 'takes a list')
      .optional(),
  },
  'takes an object',
)

const anyOf = (actions: readonly Action[]) =>
  z
    .array(z.enum(actions, `takes ${actions.join(', ')}`), `takes a list of ${actions.join(', ')}`)
    .refine(list => list.length === 0 || list.includes('read'), 'needs read, where there is anything else')
const organizationRole = z.strictObject(
  { organizationKeys: anyOf(OWNERS_ACTIONS), memberKeys: anyOf(COLLEAGUES_ACTIONS) },
  'takes { organizationKeys, memberKeys }',
)

const schema = z.strictObject(
  {
    prefix,
    store: z.custom<Store>(isStore, 'takes a store, such as memoryStore() or mongooseStore(connection)'),
    permissions: z.array(permission, 'takes a list of permissions').optional(),
    roles: z.record(name, patterns, rolesTake).optional(),
    kinds: z
      .record(name, kind, kindsTake)
      .refine(kinds => Object.keys(kinds).length > 0, 'takes at least one kind')
      .optional(),
    hash: hash.optional(),
    pepper: z
      .strictObject(
        {
          current: secret,
          previous: z.union([secret, z.array(secret)], 'takes a secret, or several').optional(),
        },
        'takes { current, previous? }',
      )
      .optional(),
    bcryptCost: z
      .int('takes a whole number from 10 to 16')
      .min(10, 'takes 10 to 16')
      .max(16, 'takes 10 to 16')
      .optional(),
    headers: z
      .array(
        z.string('takes names of headers').refine(isHeaderName, 'takes names of headers'),
        'takes a list',
      )
      .min(1, 'takes at least one header')
      .optional(),
    actor: fn<Config['actor']>().optional(),
    user: fn<NonNullable<Config['user']>>().optional(),
    grants: fn<NonNullable<Config['grants']>>().optional(),
    authorize: fn<NonNullable<Config['authorize']>>().optional(),
    organizationRoles: z
      .record(z.string().min(1).max(64), organizationRole, 'takes roles by name')
      .optional(),
    maxKeysPerOwner: z
      .int('takes a whole number from 1')
      .min(1, 'takes a whole number from 1')
      .max(10_000, 'takes at most 10000')
      .optional(),
    retention: duration.optional(),
    auditRetention: duration.optional(),
    expiringBefore: z.array(duration, 'takes a list of durations, such as ["7d", "1d"]').max(10).optional(),
    trustedOrigins: z
      .array(z.string().refine(isOrigin, 'takes origins such as "https://app.example.com"'), 'takes a list')
      .optional(),
    logger: z
      .custom<Logger>(isLogger, 'takes { warn(details, message), error(details, message) }')
      .optional(),
  },
  'apiKeys() takes an object of options',
)

/**
 * Checks the options and fills in the defaults.
 * @throws SidekeyError `INVALID_OPTION`, naming each option that is wrong and what it takes.
 */
// biome-ignore lint/suspicious/noExplicitAny: any app's user type
export function toConfig<P extends string>(options: ApiKeysOptions<P, any>): Config {
  const given = parseOptions(schema.superRefine(crossChecks), options)
  const peppers = given.pepper ? [given.pepper.current, given.pepper.previous ?? []].flat().map(toPepper) : []
  const algorithm = given.hash ?? (given.pepper ? 'hmac-sha256' : 'sha256')
  const bcryptCost = given.bcryptCost ?? 12

  const kinds = new Map<string, Kind>()
  for (const [kindName, kind] of Object.entries(given.kinds ?? { secret: {} })) {
    const maxExpiresIn = kind.maxExpiresIn ?? null
    kinds.set(kindName, {
      name: kindName,
      prefix: kind.prefix ?? given.prefix,
      hash: { algorithm: kind.hash ?? algorithm, peppers, bcryptCost },
      expiresIn: kind.expiresIn ?? maxExpiresIn,
      maxExpiresIn,
      permissions: kind.permissions ?? null,
      requiredRestrictions: kind.requiredRestrictions ?? [],
    })
  }
  const logger = harmless(given.logger ?? consoleLogger)
  if (peppers.some(pepper => (pepper.key.symmetricKeySize ?? 0) < PEPPER_BYTES)) {
    tellOnce({ logger }, 'short-pepper', `a pepper should have ${PEPPER_BYTES} random bytes or more`)
  }
  if (given.store.name === 'memory' && (process.env.NODE_ENV === 'production' || cluster.isWorker)) {
    tellOnce(
      { logger },
      'memory-store-in-production',
      'memoryStore() loses keys with its process, and shares them with none',
    )
  }
  const [defaultKind] = kinds.values()
  if (defaultKind === undefined) throw new Error('unreachable: kinds has at least one entry')

  return {
    store: given.store,
    prefixes: new Set([given.prefix, ...[...kinds.values()].map(kind => kind.prefix)]),
    catalogue: given.permissions ? new Set([...given.permissions, ...MANAGEMENT_PERMISSIONS]) : null,
    roles: new Map(Object.entries(given.roles ?? {})),
    kinds,
    defaultKind,
    headers: (given.headers ?? ['authorization', 'x-api-key']).map(header => header.toLowerCase()),
    actor: given.actor ?? defaultActor,
    user: given.user ?? null,
    grants: given.grants ?? null,
    authorize: given.authorize ?? null,
    organizationRoles: given.organizationRoles
      ? new Map(Object.entries(given.organizationRoles))
      : DEFAULT_ROLES,
    maxKeysPerOwner: given.maxKeysPerOwner ?? null,
    retention: given.retention ?? 30 * DAY_MS,
    auditRetention: given.auditRetention ?? null,
    expiringBefore: [...new Set(given.expiringBefore ?? EXPIRING_BEFORE)],
    trustedOrigins: new Set(given.trustedOrigins ?? []),
    logger,
  }
}

/** A logger that fails must not make what it tells of fail. */
function harmless(logger: Logger): Logger {
  const known = harmlessOf.get(logger)
  if (known !== undefined) return known
  const calling = (level: keyof Logger) => (details: object, message: string) => {
    try {
      logger[level](details, message)
    } catch {}
  }
  const made = { warn: calling('warn'), error: calling('error') }
  harmlessOf.set(logger, made)
  return made
}

/** One for each logger: what is told once is told once to it. */
const harmlessOf = new WeakMap<Logger, Logger>()

const consoleLogger: Logger = {
  warn: (details, message) => console.warn(`sidekey: ${message}`, details),
  error: (details, message) => console.error(`sidekey: ${message}`, details),
}

type Given = z.output<typeof schema>

/** What is wrong only together. */
function crossChecks(given: Given, context: z.RefinementCtx): void {
  const wrong = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: path.split('.'), message })
  if (given.permissions && !given.grants) {
    wrong('grants', "must be given with a catalogue; () => ['*'] says that every user may do everything")
  }
  if (given.auditRetention !== undefined && given.auditRetention < DAY_MS) {
    wrong('auditRetention', 'takes a day or more: repeats of a creation are told by it')
  }
  const longestNotice = Math.max(0, ...(given.expiringBefore ?? EXPIRING_BEFORE))
  if (given.auditRetention !== undefined && given.auditRetention < longestNotice) {
    wrong('auditRetention', 'must not be shorter than a notice of expiringBefore, which the audit remembers')
  }
  const hashes = [given.hash, ...Object.values(given.kinds ?? {}).map(kind => kind.hash)]
  if (hashes.includes('hmac-sha256') && !given.pepper)
    wrong('pepper', 'must be given with the hash hmac-sha256')

  const known = given.permissions && [...given.permissions, ...MANAGEMENT_PERMISSIONS]
  const inCatalogue = (patterns: readonly string[], path: string) => {
    for (const [i, one] of patterns.entries()) {
      if (known && !known.some(permission => covers(one, permission))) {
        wrong(`${path}.${i}`, `"${one}" is not in the catalogue`)
      }
    }
  }
  for (const [role, patterns] of Object.entries(given.roles ?? {})) inCatalogue(patterns, `roles.${role}`)
  for (const [kind, facts] of Object.entries(given.kinds ?? {})) {
    inCatalogue(facts.permissions ?? [], `kinds.${kind}.permissions`)
    if (facts.expiresIn && facts.maxExpiresIn && facts.expiresIn > facts.maxExpiresIn) {
      wrong(`kinds.${kind}.expiresIn`, 'must not be longer than maxExpiresIn')
    }
  }
}

/** Whether `text` can be the name of a header to read tokens from. */
export function isHeaderName(text: string): boolean {
  return /^[A-Za-z0-9-]{1,64}$/.test(text)
}

const STORE_METHODS = [
  'ready',
  'insert',
  'find',
  'replace',
  'rehash',
  'remove',
  'list',
  'claimSlot',
  'seedSlots',
  'slots',
  'releaseSlot',
  'pending',
  'appendEvents',
  'clearOutboxes',
  'events',
  'claimAlias',
  'releaseAlias',
  'recordUses',
  'lastUses',
  'ping',
  'close',
] as const satisfies readonly (keyof Store)[]

function isStore(value: unknown): boolean {
  return STORE_METHODS.every(name => typeof Reflect.get(Object(value), name) === 'function')
}

function isLogger(value: unknown): boolean {
  const { warn, error } = (value ?? {}) as Partial<Record<string, unknown>> // any value; only looked at
  return typeof warn === 'function' && typeof error === 'function'
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}
