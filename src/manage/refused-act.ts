/** What an error of access was about, beside the error: whoever is refused is told no more than the error says. */
import type { ErrorCode, SidekeyError } from '../errors.js'
import type { AuditAction } from '../key/audit-event.js'
import type { Owner, StoredKey } from '../key/record.js'

export interface RefusedAct {
  readonly code: ErrorCode
  readonly action: AuditAction
  /** The key that was meant; `null`: none, or one that was to be made. */
  readonly keyId: string | null
  /** Its record, or the one that was to be made. */
  readonly key: StoredKey | null
  /** Whose matter it is, where there is no record. */
  readonly owner: Owner | null
}

const acts = new WeakMap<object, RefusedAct>()

/** The error, known from now on as the refusal of this act. */
export function refusing(
  error: SidekeyError,
  action: AuditAction,
  about: Partial<Pick<RefusedAct, 'keyId' | 'key' | 'owner'>> = {},
): SidekeyError {
  const { key = null, keyId = null, owner = key?.owner ?? null } = about
  acts.set(error, { code: error.code, action, keyId, key, owner })
  return error
}

/** What an error refused; `null`: it is no refusal. */
export function refusedActOf(error: unknown): RefusedAct | null {
  return typeof error === 'object' && error !== null ? (acts.get(error) ?? null) : null
}
