import { invalidInput } from '../errors.js'
import type { ChangeAction } from '../key/audit-event.js'
import type { StoredKey } from '../key/record.js'
import { isKeyId } from '../key/token.js'
import { type CallContext, notFound, permitByKey } from './access.js'
import type { Deps } from './deps.js'

/** Checks an id that came from outside: a NoSQL operator or any other object is refused here. */
export function checkedId(id: unknown): string {
  if (isKeyId(id)) return id
  throw invalidInput([{ path: 'id', message: "takes a key's id: 16 letters and digits" }])
}

/**
 * The record that an operation is about, before the access table is asked.
 * @throws SidekeyError `NOT_FOUND`; `FORBIDDEN` for a key that may not do this to any other key.
 */
export async function findFor(
  deps: Deps,
  { caller }: CallContext,
  action: ChangeAction,
  id: string,
): Promise<StoredKey> {
  // No actor asks that a key ends for want of use, and only server code imports.
  if (action !== 'expire' && action !== 'import') permitByKey(caller, action, id)
  const key = await deps.store.find(id)
  if (key === null) throw notFound()
  return key
}
