/** What each option takes, and what is wrong only together. */
import { z } from 'zod'
import type { Config } from './config.js'
import { importedSources } from './imported-source.js'
import type { Action } from './key/action.js'
import { parseDuration } from './key/duration.js'
import { HASH_ALGORITHMS } from './key/hash.js'
import { covers, isPattern, isPermission, MANAGEMENT_PERMISSIONS } from './key/permission.js'
import { isPrefix } from './key/token.js'
import type { Limiter } from './limit/counters.js'
import type { Logger } from './logger.js'
import { creditsInput } from './manage/credit-input.js'
import { duration, idleTime, limits } from './manage/fields.js'
import { COLLEAGUES_ACTIONS, OWNERS_ACTIONS } from './manage/roles.js'
import type { Store } from './store/store.js'
import type { Telemetry } from './telemetry/telemetry.js'

const DAY_MS = 86_400_000
export const EXPIRING_BEFORE: readonly number[] = [7 * DAY_MS, DAY_MS]

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
    expiresAfterIdle: idleTime.optional(),
    permissions: patterns.optional(),
    limits: limits.optional(),
    requiredRestrictions: z
      .array(z.enum(['ips', 'origins'], 'takes ips and origins'), 'takes a list')
      .optional(),
    credits: creditsInput().optional(),
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

const count = (least: number, most: number) => {
  const takes = `takes a whole number from ${least} to ${most}`
  return z.int(takes).min(least, takes).max(most, takes)
}
const MOST_CACHED = 10_000_000
const takesSpan = 'takes a duration with a unit up to five minutes, such as "30s", or "0s"'
const span = z.string(takesSpan).transform((value, context) => {
  const ms = parseDuration(value)
  if (ms !== null && ms <= 5 * 60_000) return ms
  context.addIssue({ code: 'custom', message: takesSpan })
  return z.NEVER
})
const cache = z.strictObject(
  {
    records: count(1, MOST_CACHED).optional(),
    owners: count(1, MOST_CACHED).optional(),
    ownersFor: span.optional(),
  },
  'takes { records, owners, ownersFor }, or false',
)

/** How often changes are read, and how long a lease holds, in ms. */
export const POLL_MS = 250
export const LEASE_MS = 2_000
/** A lease that outlives few polls is lost to the first slow answer. */
const POLLS_A_LEASE = 4
const coherence = z
  .strictObject(
    { pollMs: count(10, 10_000).optional(), leaseMs: count(40, 600_000).optional() },
    'takes { pollMs, leaseMs }',
  )
  .refine(
    ({ pollMs = POLL_MS, leaseMs = LEASE_MS }) => leaseMs >= POLLS_A_LEASE * pollMs,
    `takes a leaseMs of at least ${POLLS_A_LEASE} times pollMs`,
  )

const fields = z.strictObject(
  {
    prefix,
    imported: importedSources.optional(),
    fallback: fn<NonNullable<Config['fallback']>['ask']>().optional(),
    fallbackTimeout: duration
      .refine(ms => ms >= 10 && ms <= 30_000, 'takes a duration from "10ms" to "30s"')
      .optional(),
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
    lastUsedIp: z.boolean('takes true or false').optional(),
    trustedOrigins: z
      .array(z.string().refine(isOrigin, 'takes origins such as "https://app.example.com"'), 'takes a list')
      .optional(),
    cache: z.union([z.literal(false), cache], 'takes { records, owners, ownersFor }, or false').optional(),
    coherence: coherence.optional(),
    limiter: z
      .custom<Limiter>(isLimiter, 'takes a limiter of rate-limiter-flexible, such as a RateLimiterRedis')
      .optional(),
    logger: z
      .custom<Logger>(isLogger, 'takes { warn(details, message), error(details, message) }')
      .optional(),
    telemetry: z
      .custom<Telemetry>(
        isTelemetry,
        'takes { observe(read), around(operation, run) }, such as openTelemetry()',
      )
      .optional(),
  },
  'apiKeys() takes an object of options',
)

type Given = z.output<typeof fields>

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
  if (given.fallback && (given.imported ?? []).length === 0) {
    wrong('fallback', 'needs imported, which says what the tokens look like that it is asked about')
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
  'insertMany',
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
  'moveIdleChecks',
  'appendEvents',
  'clearOutboxes',
  'events',
  'claimAlias',
  'claimAliases',
  'findAlias',
  'retireAlias',
  'releaseAlias',
  'recordUses',
  'lastUses',
  'addUsage',
  'usage',
  'usedKeys',
  'ping',
  'close',
] as const satisfies readonly (keyof Store)[]

function isStore(value: unknown): boolean {
  const credits: unknown = Reflect.get(Object(value), 'credits')
  return (
    STORE_METHODS.every(name => typeof Reflect.get(Object(value), name) === 'function') &&
    typeof credits === 'object' &&
    credits !== null
  )
}

function isLogger(value: unknown): boolean {
  const { warn, error } = (value ?? {}) as Partial<Record<string, unknown>> // any value; only looked at
  return typeof warn === 'function' && typeof error === 'function'
}

function isTelemetry(value: unknown): boolean {
  const { observe, around } = (value ?? {}) as Partial<Record<string, unknown>> // any value; only looked at
  return typeof observe === 'function' && typeof around === 'function'
}

function isLimiter(value: unknown): boolean {
  const { penalty, reward } = (value ?? {}) as Partial<Record<string, unknown>> // any value; only looked at
  return typeof penalty === 'function' && typeof reward === 'function'
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}

/** The options of `apiKeys()`, with durations in ms. */
export const optionsSchema = fields.superRefine(crossChecks)
