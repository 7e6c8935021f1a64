/** How a refusal names what was asked for. */
import type { FieldError } from '../errors.js'
import type { Action } from '../key/action.js'

/** An action as it stands before "this key". */
export function wordsFor(action: Action): string {
  return action === 'credits' ? 'set the credits of' : action
}

/** The field by which an action may have been asked for. */
export function fieldOf(action: Action): { readonly errors?: readonly FieldError[] } {
  if (action !== 'credits') return {}
  return { errors: [{ path: 'credits', message: 'is set by admins and server code' }] }
}
