/** Writes what the methods take as paths, queries and bodies. Refuses what would change its meaning so. */
import type { OwnerInput } from '../manage/input.js'
import { refusedInput } from './error.js'
import type { Condition, RevokeFilter } from './inputs.js'

/** An id as a segment of a path. */
export function checkedId(id: string, path = 'id'): string {
  if (typeof id === 'string' && /^[0-9A-Za-z]{16}$/.test(id)) return id
  throw refusedInput(path, "takes a key's id: 16 letters and digits")
}

/**
 * As JSON. What JSON turns into `null` (an invalid date, `NaN`) is refused: `expiresAt: null` means that a
 * key never ends.
 */
export function jsonOf(value: unknown, path = 'body'): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, name, written) {
    const isNoNumber = typeof written === 'number' && !Number.isFinite(written)
    if (isNoNumber || (written === null && this[name] !== null))
      throw refusedInput(name || path, 'takes a valid date or number')
    return written
  })
}

/** A query as it stands behind a path: empty where nothing is asked. An undefined field is left out. */
export function queryOf({ owner, ...query }: { readonly owner?: OwnerInput }): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, ...ownerFields(owner) })) {
    if (value !== undefined) parameters.set(name, textOf(name, value))
  }
  for (const name of ['keyId', 'parentId']) {
    const id = parameters.get(name)
    if (id !== null) checkedId(id, name)
  }
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}

/** The body of a bulk revoke. A field without a value is refused: left out, it would widen what is ended. */
export function filterOf(filter: RevokeFilter, reason: string | undefined): object {
  for (const [name, value] of Object.entries(filter)) {
    if (value === undefined || value === null) throw refusedInput(name, 'takes a value')
  }
  const { owner, ids, organizationId, ...unknown } = filter
  return {
    ...unknown,
    ...(ids && { ids: ids.map((id, i) => checkedId(id, `ids.${i}`)) }),
    ...ownerFields(owner),
    ...(organizationId !== undefined && { organizationId: textOf('organizationId', organizationId) }),
    ...(reason !== undefined && { reason }),
  }
}

/** `If-Match`, as far as a version is named. */
export function conditionOf({ ifVersion, ifMatch }: Condition): { readonly 'if-match'?: string } {
  const tag = ifVersion === undefined ? ifMatch : `"${ifVersion}"`
  return tag === undefined ? {} : { 'if-match': tag }
}

function ownerFields(owner: OwnerInput | undefined): { ownerId?: string; ownerType?: string } {
  if (owner === undefined) return {}
  const { id, type } = owner
  return { ownerId: textOf('owner.id', id), ...(type !== undefined && { ownerType: type }) }
}

/** A single value as text: as JSON writes it, which a date and an ObjectId know how to do. */
function textOf(path: string, value: unknown): string {
  const plain: unknown = value === undefined ? null : JSON.parse(jsonOf(value, path))
  if (plain === null || typeof plain === 'object') throw refusedInput(path, 'takes a value')
  return String(plain)
}
