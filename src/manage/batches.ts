/** All keys that a query finds, however many. */
import { KEY_STATUSES, type StoredKey } from '../key/record.js'
import type { KeyQuery } from '../store/store.js'
import type { Deps } from './deps.js'

const BATCH = 200

/** Batch by batch, newest first. Default: whatever their status, as it is at each read. */
export async function* batchesOf(
  { store, now }: Pick<Deps, 'store' | 'now'>,
  query: Partial<KeyQuery>,
): AsyncGenerator<readonly StoredKey[]> {
  for (let before: string | undefined; ; ) {
    const base = { statuses: KEY_STATUSES, now: now(), limit: BATCH }
    const keys = await store.list({ ...base, ...query, ...(before !== undefined && { before }) })
    yield keys
    if (keys.length < BATCH) return
    before = keys.at(-1)?.id
  }
}

/** One by one. */
export async function* everyKey(
  deps: Pick<Deps, 'store' | 'now'>,
  query: Partial<KeyQuery>,
): AsyncGenerator<StoredKey> {
  for await (const keys of batchesOf(deps, query)) yield* keys
}
