/** Which permissions a key may be given, as far as the page knows; the server has the last word. Pure. */
import { allows, MANAGEMENT_PERMISSIONS } from '../src/key/permission.js'

interface Bounds {
  /** The catalogue; `null`: there is none. */
  readonly permissions: readonly string[] | null
  /** What the owner may do; `null`: not known here. */
  readonly grants: readonly string[] | null
  /** What the kind may carry; `null`: anything. */
  readonly kind: readonly string[] | null
}

export interface PermissionGroup {
  /** What the names in it begin with. */
  readonly name: string
  readonly permissions: readonly string[]
}

/** The permissions that can be chosen, by their first segment. What a key has already is among them. */
export function permissionGroups(bounds: Bounds, has: readonly string[]): PermissionGroup[] {
  const { permissions, grants, kind } = bounds
  const named = permissions ?? (grants ?? []).filter(permission => !permission.includes('*'))
  const known = [...named, ...MANAGEMENT_PERMISSIONS]
  const within = known.filter(
    permission =>
      (grants === null || allows(grants, permission)) && (kind === null || allows(kind, permission)),
  )
  return grouped([...new Set([...within, ...has])])
}

/** In the order in which they come; those that manage keys last, since few need them. */
function grouped(permissions: readonly string[]): PermissionGroup[] {
  const groups = new Map<string, string[]>()
  for (const permission of permissions) {
    const [name = ''] = permission.split(':')
    groups.set(name, [...(groups.get(name) ?? []), permission])
  }
  const all = [...groups].map(([name, permissions]) => ({ name, permissions }))
  return [...all.filter(({ name }) => name !== MANAGING), ...all.filter(({ name }) => name === MANAGING)]
}

const MANAGING = 'api-keys'
