/** Writes keys as JSON Lines: to look at, or to take them elsewhere. */
import { internalsOf } from '../internals.js'
import { KEY_STATUSES, type KeyStatus, type Owner, type StoredKey, toApiKey } from '../key/record.js'
import type { ApiKeys } from '../sidekey.js'

/** Which keys are exported. */
export interface ExportOptions {
  /** Whether hashes are written too: with them another system can check the tokens. Default: `false`. */
  readonly hashes?: boolean
  readonly owner?: { readonly type?: string; readonly id: string }
  readonly organizationId?: string
  readonly kind?: string
  readonly tag?: string
  /** Default: all but `deleted`. */
  readonly status?: KeyStatus | readonly KeyStatus[]
  readonly signal?: AbortSignal
}

const BATCH = 500

/**
 * A line of JSON for each key, newest first: the record as `keys.list` shows it, without `lastUsedAt` and balances; with `hashes`
 * also `hash`, and `previousHashes` with their ends.
 *
 * @example
 * ```ts
 * await pipeline(exportKeys(keys, { hashes: true }), createWriteStream('keys.jsonl', { mode: 0o600 }))
 * ```
 */
export async function* exportKeys<P extends string>(
  keys: ApiKeys<P>,
  options: ExportOptions = {},
): AsyncGenerator<string> {
  const { store } = internalsOf(keys).config
  const { hashes = false, owner, organizationId, kind, tag, status, signal } = options
  const query = {
    ...(owner !== undefined && { owners: [{ type: owner.type ?? 'user', id: owner.id } satisfies Owner] }),
    ...(organizationId !== undefined && { organizationId }),
    ...(kind !== undefined && { kind }),
    ...(tag !== undefined && { tag }),
    statuses: status === undefined ? KEY_STATUSES.filter(one => one !== 'deleted') : [status].flat(),
    limit: BATCH,
  }
  for (let before: string | undefined; ; ) {
    const now = Date.now()
    const found = await store.list({ ...query, now, ...(before !== undefined && { before }) })
    for (const key of found) {
      if (signal?.aborted) return
      yield `${JSON.stringify({ ...toApiKey(key, now), ...(hashes && hashesOf(key)) })}\n`
    }
    before = found.at(-1)?.id
    if (found.length < BATCH) return
  }
}

function hashesOf({ hash, previous }: StoredKey): object {
  return { hash, previousHashes: previous }
}
