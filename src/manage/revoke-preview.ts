import { type KeyStatus, statusOf } from '../key/record.js'
import { parseInput } from '../validation.js'
import { type CallContext, mayRevoke, permitByKey } from './access.js'
import type { Deps } from './deps.js'
import { revokeFilter } from './input-schemas.js'
import { queryFor } from './revoke-all.js'

/** What `revokeAll` with the same filter would end now. */
export interface RevokePreview {
  /** How many keys, deleted ones too, and without those that are revoked already. */
  readonly keys: number
  /** How many by status, and by kind; none: it is not there. */
  readonly byStatus: { readonly [status in KeyStatus]?: number }
  readonly byKind: { readonly [kind: string]: number }
}

/** Counts what a bulk revoke would end. Changes nothing, and tells of no refusal of a single key. */
export async function previewRevoke(
  deps: Deps,
  context: CallContext,
  filter: unknown,
): Promise<RevokePreview> {
  permitByKey(context.caller, 'revoke', null)
  const wanted = parseInput(revokeFilter(), filter, 'filter')
  const query = queryFor(deps, context.caller, wanted)
  const byStatus = new Map<KeyStatus, number>()
  const byKind = new Map<string, number>()
  let before: string | undefined
  let keys = 0
  for (;;) {
    const batch = await deps.store.list({ ...query, ...(before !== undefined && { before }) })
    for (const key of batch) {
      if (key.revoked !== null || !(await mayRevoke(deps, context, key))) continue
      keys++
      addTo(byStatus, statusOf(key, query.now))
      addTo(byKind, key.kind)
    }
    before = batch.at(-1)?.id
    if (batch.length < query.limit) break
  }
  return { keys, byStatus: Object.fromEntries(byStatus), byKind: Object.fromEntries(byKind) }
}

function addTo<T>(counts: Map<T, number>, name: T): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
