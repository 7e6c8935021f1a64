/**
 * What a key may do by rule 6 of the design, told by listing: each dimension has a small universe of concrete things,
 * and a record allows a set of them. Nothing of the source is called, so that both cannot be wrong in the same way.
 */
import type { Owner, StoredKey } from 'sidekey'

/** Concrete things, and sets of them. Bit 0 of a set stands for a request that does not name the thing. */
interface Universe {
  readonly values: readonly string[]
  /** What any of the rules allows. */
  union(rules: readonly string[]): bigint
  /** The same, but no rules: everything, also not to name the thing. */
  narrowed(rules: readonly string[]): bigint
  has(set: bigint, value: string | undefined): boolean
}

function universe(values: readonly string[], inside: (rule: string, value: string) => boolean): Universe {
  const sets = new Map<string, bigint>()
  const bits = new Map(values.map((value, i) => [value, 1n << BigInt(i + 1)]))
  const bit = (value: string | undefined) => (value === undefined ? 1n : (bits.get(value) ?? 0n))
  const setOf = (rule: string) => {
    const known = sets.get(rule)
    if (known !== undefined) return known
    const set = values.reduce((all, value) => (inside(rule, value) ? all | bit(value) : all), 0n)
    sets.set(rule, set)
    return set
  }
  const union = (rules: readonly string[]) => rules.reduce((all, rule) => all | setOf(rule), 0n)
  return {
    values,
    union,
    narrowed: rules => (rules.length === 0 ? (1n << BigInt(values.length + 1)) - 1n : union(rules)),
    has: (set, value) => (set & bit(value)) !== 0n,
  }
}

/** `*` is one segment, at the end one or more. */
function matches(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.replace(/\*$/, '.+').replaceAll('*', '[^:]+')}$`).test(text)
}

function product(heads: readonly string[], tails: readonly string[]): string[] {
  return heads.flatMap(head => tails.map(tail => `${head}:${tail}`))
}

// Of each name that patterns use there is another that none uses, so that a wildcard is more than all that is named.
const SUBJECTS = ['reports', 'exports', 'api-keys', 'other']
const VERBS = ['read', 'write', 'create', 'update', 'rotate', 'revoke', 'delete', 'other']
const PAIRS = product(SUBJECTS, VERBS)
export const PERMISSIONS = universe([...SUBJECTS, ...PAIRS, ...product(PAIRS, ['all', 'other'])], matches)

const THINGS = ['project:1', 'project:2', 'project:2:files', 'team:1', 'team:2', 'team']
export const RESOURCES = universe(THINGS, matches)

const OF_TEN = ['10.0.0.1', '::ffff:10.0.0.1', '10.0.0.200', '10.9.9.9']
/** Each range with the addresses in it. */
export const RANGES: Readonly<Record<string, readonly string[]>> = {
  '10.0.0.0/8': OF_TEN,
  '::ffff:10.0.0.0/104': OF_TEN,
  '10.0.0.0/24': OF_TEN.slice(0, 3),
  '10.0.0.1': OF_TEN.slice(0, 2),
  '0.0.0.0/0': [...OF_TEN, '192.0.2.7', '198.51.100.1'],
  '192.0.2.0/24': ['192.0.2.7'],
  '2001:db8::/32': ['2001:db8::1'],
  '::/0': ['2001:db8::1', 'fe80::1'],
}
const listed = (table: Readonly<Record<string, readonly string[]>>) =>
  universe([...new Set(Object.values(table).flat())], (rule, value) => table[rule]?.includes(value) ?? false)
export const ADDRESSES = listed(RANGES)

/** Each rule of origins with the origins that it is for. */
export const SITES: Readonly<Record<string, readonly string[]>> = {
  'https://app.example.com': ['https://app.example.com'],
  'https://*.example.com': [
    'https://app.example.com',
    'https://eu.app.example.com',
    'https://example.example.com',
  ],
  'https://*.app.example.com': ['https://eu.app.example.com'],
  'http://app.example.com': ['http://app.example.com'],
  'https://elsewhere.test': ['https://elsewhere.test'],
}
export const ORIGINS = listed(SITES)

/** The roles of the app under test, and what its kinds may carry. */
export const ROLES = {
  reader: ['*:read'],
  manager: ['api-keys:*', 'reports:*'],
  all: ['*'],
} as const
export const LIMITED = ['reports:*', 'api-keys:*'] as const

/** What a record gives, dimension by dimension. */
export interface Powers {
  readonly owner: string
  readonly organizationId: string | null
  readonly kind: string
  readonly permissions: bigint
  readonly resources: bigint
  readonly ips: bigint
  readonly origins: bigint
  readonly until: number
}

/** What the app grants an owner now; `null`: switched off. */
export type GrantsOf = (owner: Owner, organizationId: string | null) => readonly string[] | null

/** What the record says, whatever its owner may do. */
export function givenTo(key: StoredKey): Powers {
  const roles = new Map<string, readonly string[]>(Object.entries(ROLES))
  const named = PERMISSIONS.union([...key.permissions, ...key.roles.flatMap(role => roles.get(role) ?? [])])
  return {
    owner: `${key.owner.type} ${key.owner.id}`,
    organizationId: key.organizationId,
    kind: key.kind,
    permissions: key.kind === 'limited' ? named & PERMISSIONS.union(LIMITED) : named,
    resources: RESOURCES.narrowed(key.resources),
    ips: ADDRESSES.narrowed(key.restrictions.ips),
    origins: ORIGINS.narrowed(key.restrictions.origins),
    until: key.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
  }
}

/** What the key can do at `at` (ms), cut to its owner; `null`: nothing, it is not valid then. */
export function powersAt(key: StoredKey | undefined, grantsOf: GrantsOf, at: number): Powers | null {
  if (key === undefined || key.deleted !== null || key.revoked !== null || key.disabled !== null) return null
  if (key.notBefore !== null && key.notBefore.getTime() > at) return null
  const granted = grantsOf(key.owner, key.organizationId)
  const given = givenTo(key)
  if (granted === null || given.until <= at) return null
  return { ...given, permissions: given.permissions & PERMISSIONS.union(granted) }
}

const within = (inner: bigint, outer: bigint) => (inner & ~outer) === 0n

/** The dimensions in which `inner` is more than `outer`, or elsewhere. */
export function beyond(inner: Powers, outer: Powers): string[] {
  const checks: Readonly<Record<keyof Powers, boolean>> = {
    owner: inner.owner === outer.owner,
    organizationId: inner.organizationId === outer.organizationId,
    kind: inner.kind === outer.kind,
    permissions: within(inner.permissions, outer.permissions),
    resources: within(inner.resources, outer.resources),
    ips: within(inner.ips, outer.ips),
    origins: within(inner.origins, outer.origins),
    until: inner.until <= outer.until,
  }
  return Object.entries(checks)
    .filter(([, holds]) => !holds)
    .map(([name]) => name)
}

/** One concrete use of a key. */
export interface Use {
  readonly permission: string | undefined
  readonly resource: string | undefined
  readonly ip: string | undefined
  readonly origin: string | undefined
  readonly kind: string
  readonly at: number
}

/** The dimensions of a use that are beyond these powers. */
export function beyondUse(use: Use, powers: Powers): string[] {
  const { permission, resource } = use
  const asked = permission !== undefined || resource !== undefined
  const checks: Readonly<Record<string, boolean>> = {
    permission: permission === undefined || PERMISSIONS.has(powers.permissions, permission),
    resource: !asked || RESOURCES.has(powers.resources, resource),
    ip: ADDRESSES.has(powers.ips, use.ip),
    origin: ORIGINS.has(powers.origins, use.origin),
    kind: use.kind === powers.kind,
  }
  return Object.entries(checks)
    .filter(([, holds]) => !holds)
    .map(([name]) => name)
}
