/** What the options come to: checked, and with their defaults. */
import cluster from 'node:cluster'
import { shapeOf } from './imported-source.js'
import type { ForeignShape } from './key/foreign-token.js'
import { type HashSettings, toPepper } from './key/hash.js'
import { type Limits, NO_LIMITS } from './key/limit.js'
import { MANAGEMENT_PERMISSIONS } from './key/permission.js'
import type { Owner } from './key/record.js'
import { type Counters, countersOver, type Limiter, localCounters } from './limit/counters.js'
import { consoleLogger, harmless, type Logger } from './logger.js'
import { defaultActor } from './manage/actor.js'
import type { OpeningCredits } from './manage/credit-input.js'
import { DEFAULT_ROLES, type OrganizationRoles } from './manage/roles.js'
import type { ApiKeysOptions } from './options.js'
import { EXPIRING_BEFORE, LEASE_MS, optionsSchema, POLL_MS } from './options-schema.js'
import type { Store } from './store/store.js'
import type { Telemetry } from './telemetry/telemetry.js'
import { tellOnce } from './tell.js'
import { parseOptions } from './validation.js'

/** A kind with its defaults. */
export interface Kind {
  readonly name: string
  readonly prefix: string
  readonly hash: HashSettings
  readonly expiresIn: number | null
  readonly maxExpiresIn: number | null
  readonly expiresAfterIdle: string | null
  readonly permissions: readonly string[] | null
  readonly limits: Limits
  readonly requiredRestrictions: readonly ('ips' | 'origins')[]
  readonly credits: OpeningCredits | null
}

/** The options, checked and with their defaults. */
export interface Config {
  readonly store: Store
  readonly prefixes: ReadonlySet<string>
  /** Empty: only tokens of ours are keys. */
  readonly imported: readonly ForeignShape[]
  readonly fallback: {
    readonly ask: (token: string, context: { readonly signal: AbortSignal }) => unknown
    readonly timeoutMs: number
  } | null
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
  readonly lastUsedIp: boolean
  readonly trustedOrigins: ReadonlySet<string>
  /** `null`: nothing is kept in memory. */
  readonly cache: { readonly records: number; readonly owners: number; readonly ownersForMs: number } | null
  readonly counters: Counters
  /** In ms. */
  readonly coherence: { readonly pollMs: number; readonly leaseMs: number }
  readonly logger: Logger
  readonly telemetry: Telemetry
}

const PEPPER_BYTES = 32
const DAY_MS = 86_400_000
const NO_TELEMETRY: Telemetry = { observe: () => undefined, around: (_, run) => run() }

/**
 * Checks the options and fills in the defaults.
 * @throws SidekeyError `INVALID_OPTION`, naming each option that is wrong and what it takes.
 */
// biome-ignore lint/suspicious/noExplicitAny: any app's user type
export function toConfig<P extends string>(options: ApiKeysOptions<P, any>): Config {
  const given = parseOptions(optionsSchema, options)
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
      expiresAfterIdle: kind.expiresAfterIdle ?? null,
      permissions: kind.permissions ?? null,
      limits: kind.limits ?? NO_LIMITS,
      requiredRestrictions: kind.requiredRestrictions ?? [],
      credits: kind.credits ?? null,
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
    imported: (given.imported ?? []).map(shapeOf),
    fallback: given.fallback ? { ask: given.fallback, timeoutMs: given.fallbackTimeout ?? 3_000 } : null,
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
    lastUsedIp: given.lastUsedIp ?? false,
    trustedOrigins: new Set(given.trustedOrigins ?? []),
    cache:
      given.cache === false
        ? null
        : {
            records: given.cache?.records ?? 100_000,
            owners: given.cache?.owners ?? 10_000,
            ownersForMs: given.cache?.ownersFor ?? 30_000,
          },
    counters: countersFor(given.limiter, given.store),
    coherence: {
      pollMs: given.coherence?.pollMs ?? POLL_MS,
      leaseMs: given.coherence?.leaseMs ?? LEASE_MS,
    },
    logger,
    telemetry: given.telemetry ?? NO_TELEMETRY,
  }
}

function countersFor(limiter: Limiter | undefined, store: Store): Counters {
  return limiter === undefined ? (store.counters ?? localCounters()) : countersOver(() => limiter)
}
