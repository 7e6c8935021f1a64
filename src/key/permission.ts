/**
 * Permissions are `segment:segment…`. In a pattern `*` matches one segment, and at the end one or more: `*` is
 * everything, `reports:*` is `reports:read` and `reports:read:all`, `*:read` is `reports:read` alone.
 * The same rules hold for resources (`project:42`).
 */

/** What a route asks for: one permission, several (all of them), or `any` and `all`, nested. */
export type Requirement<P extends string = string> =
  | P
  | readonly Requirement<P>[]
  | { readonly any: readonly Requirement<P>[] }
  | { readonly all: readonly Requirement<P>[] }

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
  const a = outer.split(':')
  const b = inner.split(':')
  for (const [i, segment] of a.entries()) {
    const other = b[i]
    if (other === undefined) return false
    const last = i === a.length - 1
    if (segment === '*' && last) return true
    if (segment === '*' ? other === '*' && i === b.length - 1 : segment !== other) return false
  }
  return a.length === b.length
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
  const met = new Set<string>()
  for (const x of a) {
    for (const y of b) {
      const both = meet(x, y)
      if (both !== null) met.add(both)
    }
  }
  const all = [...met]
  return all.filter(pattern => !all.some(other => other !== pattern && covers(other, pattern)))
}

/** Whether a holder of `patterns` meets the requirement. */
export function satisfies(patterns: readonly string[], requirement: Requirement): boolean {
  if (typeof requirement === 'string') return allows(patterns, requirement)
  if ('any' in requirement) return requirement.any.some(part => satisfies(patterns, part))
  const parts = 'all' in requirement ? requirement.all : requirement
  return parts.every(part => satisfies(patterns, part))
}

/** Every permission that a requirement names. */
export function namedBy(requirement: Requirement): string[] {
  if (typeof requirement === 'string') return [requirement]
  const parts = 'any' in requirement ? requirement.any : 'all' in requirement ? requirement.all : requirement
  return parts.flatMap(namedBy)
}

/** The pattern that allows what both allow, or `null`. */
function meet(x: string, y: string): string | null {
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
