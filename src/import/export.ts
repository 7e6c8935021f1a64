/** Writes keys as JSON Lines: to look at, or to take them elsewhere. */
import { z } from 'zod'
import { internalsOf } from '../internals.js'
import { KEY_STATUSES, type KeyStatus, type StoredKey, toApiKey } from '../key/record.js'
import { listQuery } from '../manage/input-schemas.js'
import { once } from '../once.js'
import type { ApiKeys } from '../sidekey.js'
import type { Store } from '../store/store.js'
import { parseInput } from '../validation.js'

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
 * @throws SidekeyError `INVALID_INPUT`, at once, where a filter is none that `keys.list` takes.
 *
 * @example
 * ```ts
 * await pipeline(exportKeys(keys, { hashes: true }), createWriteStream('keys.jsonl', { mode: 0o600 }))
 * ```
 */
export function exportKeys<P extends string>(
  keys: ApiKeys<P>,
  { signal, ...options }: ExportOptions = {},
): AsyncGenerator<string> {
  return linesOf(internalsOf(keys).config.store, parseInput(exportOptions(), options), signal)
}

/** What is asked for is checked as `list` checks it: a status that is misspelt is not an export of nothing. */
const exportOptions = once(() =>
  listQuery()
    .pick({ owner: true, organizationId: true, kind: true, tag: true, status: true })
    .extend({ hashes: z.boolean('takes true or false').default(false) }),
)

async function* linesOf(
  store: Store,
  { hashes, owner, organizationId, kind, tag, status }: z.output<ReturnType<typeof exportOptions>>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const query = {
    ...(owner !== undefined && { owners: [owner] }),
    ...(organizationId !== undefined && { organizationId }),
    ...(kind !== undefined && { kind }),
    ...(tag !== undefined && { tag }),
    statuses: status ?? KEY_STATUSES.filter(one => one !== 'deleted'),
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
