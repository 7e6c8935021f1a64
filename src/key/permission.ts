/**
 * Permissions are `segment:segment…`. In a pattern `*` matches one segment, and at the end one or more: `*` is
 * everything, `reports:*` is `reports:read` and `reports:read:all`, `*:read` is `reports:read` alone.
 * The same rules hold for resources (`project:42`).
 */

/** What a route asks for: one permission, several (all of them), or `any` and `all`, nested. */
export type Requirement<P extends string = string> =
  | P
  | readonly Requirement<P>[]
  | { readonly any: readonly Requirement<P>[]; readonly all?: never }
  | { readonly all: readonly Requirement<P>[]; readonly any?: never }

/** The permissions that let a key manage its owner's other keys; known to every catalogue. */
export const MANAGEMENT_PERMISSIONS = [
  'api-keys:create',
  'api-keys:read',
  'api-keys:update',
  'api-keys:rotate',
  'api-keys:revoke',
  'api-keys:delete',
  'api-keys:verify',
] as const
/** What a key must carry to manage keys (or, `api-keys:verify`, to verify those of others).
 * @useDeclaredType
 */
export type ManagementPermission = (typeof MANAGEMENT_PERMISSIONS)[number]

type Wildcards<P extends string> = P extends `${infer Head}:${infer Tail}`
  ? `${Head}:*` | `${Head}:${Wildcards<Tail>}`
  : never

/** What a key may carry: a permission of the catalogue, or a pattern over it. */
export type PermissionPattern<P extends string = string> =
  | P
  | ManagementPermission
  | Wildcards<P>
  | 'api-keys:*'
  | '*'

const SEGMENT = '[A-Za-z0-9._~/@+=-]{1,128}'
const PERMISSION = new RegExp(`^${SEGMENT}(?::${SEGMENT}){0,7}$`)
const PATTERN = new RegExp(`^(?:\\*|${SEGMENT})(?::(?:\\*|${SEGMENT})){0,7}$`)
const MAX_LENGTH = 256

/** Whether `text` names one permission, without wildcards. */
export function isPermission(text: string): boolean {
  return text.length <= MAX_LENGTH && PERMISSION.test(text)
}

/** Whether `text` is a permission or a pattern. */
export function isPattern(text: string): boolean {
  return text.length <= MAX_LENGTH && PATTERN.test(text)
}

/** Whether everything that `inner` (a permission or a pattern) allows is allowed by `outer` too. */
export function covers(outer: string, inner: string): boolean {
  if (outer === inner || outer === '*') return true
  if (!outer.includes('*')) return false
  // Segment by segment, without taking the texts apart: this is on the way of every verification.
  for (let i = 0, j = 0; ; ) {
    const iEnd = segmentEnd(outer, i)
    const jEnd = segmentEnd(inner, j)
    const last = iEnd === outer.length
    if (isWildcard(outer, i, iEnd)) {
      if (last) return true
    } else if (iEnd - i !== jEnd - j || !outer.startsWith(inner.slice(j, jEnd), i)) return false
    if (last) return jEnd === inner.length
    // Also where `inner` ends in `*`: that is one segment or more, and `outer` wants two or more.
    if (jEnd === inner.length) return false
    i = iEnd + 1
    j = jEnd + 1
  }
}

/** Whether one of `patterns` covers `permission`. */
export function allows(patterns: readonly string[], permission: string): boolean {
  for (const pattern of patterns) if (covers(pattern, permission)) return true
  return false
}

/** Whether every one of `inner` is covered by one of `outer`. */
export function allowsAll(outer: readonly string[], inner: readonly string[]): boolean {
  return inner.every(pattern => allows(outer, pattern))
}

/** What two sets of patterns both allow, without repeats. */
export function intersect(a: readonly string[], b: readonly string[]): string[] {
  if (b.includes('*')) return [...a]
  if (a.includes('*')) return [...b]
  // What the other side covers stays whole, and adds nothing to any pair: only the rest is met pair by pair.
  const [wholeA, restA] = partition(a, pattern => allows(b, pattern))
  const [wholeB, restB] = partition(b, pattern => allows(a, pattern))
  const met = new Set([...wholeA, ...wholeB])
  for (const x of restA) {
    for (const y of restB) {
      const both = meet(x, y)
      if (both !== null) met.add(both)
    }
  }
  const all = [...met]
  const wide = all.filter(pattern => pattern.includes('*'))
  return all.filter(pattern => !wide.some(other => other !== pattern && covers(other, pattern)))
}

/** Whether a holder of `patterns` meets the requirement. */
export function satisfies(patterns: readonly string[], requirement: Requirement): boolean {
  if (typeof requirement === 'string') return allows(patterns, requirement)
  const parts = partsOf(requirement)
  const meets = (part: Requirement) => satisfies(patterns, part)
  return 'any' in requirement && requirement.any !== undefined ? parts.some(meets) : parts.every(meets)
}

/** How deep a requirement may be nested. */
const MOST_LEVELS = 16

/** Whether `value` has the shape of a requirement. An empty list asks nothing, and is none. */
export function isRequirement(value: unknown, levels = MOST_LEVELS): value is Requirement {
  if (typeof value === 'string') return value !== ''
  if (levels === 0) return false
  if (Array.isArray(value)) return value.length > 0 && value.every(one => isRequirement(one, levels - 1))
  if (typeof value !== 'object' || value === null) return false
  const entries = Object.entries(value)
  const [name, parts] = entries[0] ?? []
  return (
    entries.length === 1 &&
    (name === 'any' || name === 'all') &&
    Array.isArray(parts) &&
    isRequirement(parts, levels)
  )
}

/** Every permission that a requirement names. */
export function namedBy(requirement: Requirement): string[] {
  if (typeof requirement === 'string') return [requirement]
  return partsOf(requirement).flatMap(namedBy)
}

/** The pattern that allows what two allow of which none covers the other, or `null`. */
function meet(x: string, y: string): string | null {
  // The common case, on the way of every verification: what has no wildcard would be covered whole, or is not met.
  if (!x.includes('*') || !y.includes('*')) return null
  const a = x.split(':')
  const b = y.split(':')
  const out: string[] = []
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const p = a[i]
    const q = b[i]
    if (p === undefined || q === undefined) return null
    if (p === '*' && i === a.length - 1) return [...out, ...b.slice(i)].join(':')
    if (q === '*' && i === b.length - 1) return [...out, ...a.slice(i)].join(':')
    if (p !== q && p !== '*' && q !== '*') return null
    out.push(p === '*' ? q : p)
  }
  return out.join(':')
}

function partsOf(requirement: Exclude<Requirement, string>): readonly Requirement[] {
  if ('any' in requirement && requirement.any !== undefined) return requirement.any
  if ('all' in requirement && requirement.all !== undefined) return requirement.all
  return requirement as readonly Requirement[] // neither of the two objects, so a list
}

function segmentEnd(text: string, from: number): number {
  const end = text.indexOf(':', from)
  return end === -1 ? text.length : end
}

function isWildcard(text: string, start: number, end: number): boolean {
  return end - start === 1 && text[start] === '*'
}

/** Those that hold, and those that do not. */
export function partition<T>(items: readonly T[], holds: (item: T) => boolean): [T[], T[]] {
  const yes: T[] = []
  const no: T[] = []
  for (const item of items) (holds(item) ? yes : no).push(item)
  return [yes, no]
}
