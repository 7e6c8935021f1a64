/** What a route asks of a key that was accepted. */
import { allows, satisfies } from '../key/permission.js'
import { type Accepted, type Refused, refused, type VerifyRequest } from './verification.js'

/**
 * Whether an accepted key may do what is asked. A key that is narrowed to resources is refused where a
 * permission is asked for without saying for which resource: the route cannot know that it is one of the key's.
 */
export function permit(accepted: Accepted, request: VerifyRequest): Accepted | Refused {
  const { permissions, resource, kind } = request
  const { resources } = accepted
  // Where no kind is asked for, the record is not looked at.
  if (kind !== undefined && !isOneOf(kind, accepted.apiKey.kind)) return refused('KEY_INVALID')
  if (permissions !== undefined && !satisfies(accepted.permissions, permissions)) {
    return refused('INSUFFICIENT_PERMISSIONS')
  }
  const asked = permissions !== undefined || resource !== undefined
  if (asked && resources !== null && (resource === undefined || !allows(resources, resource))) {
    return refused('INSUFFICIENT_PERMISSIONS')
  }
  return accepted
}

/** Whether a key is of the kind, or one of the kinds, that will do. */
export function isOneOf(wanted: NonNullable<VerifyRequest['kind']>, kind: string): boolean {
  return typeof wanted === 'string' ? wanted === kind : wanted.includes(kind)
}
