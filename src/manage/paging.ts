/** A page of what is left of a list when the caller's view is taken: read in batches, so many at most. */
import { decodeCursor, encodeCursor } from './cursor.js'

/** How many are read at a time at least, and how often for one page: what is passed over costs too. */
const BATCH = 100
const MOST_READS = 20

interface Paging<T, S> {
  readonly limit: number
  readonly cursor: string | undefined
  /** JSON of what is listed: a cursor belongs to it. */
  readonly fingerprint: string
  /** The newest `limit` before an id. */
  readonly read: (range: { readonly limit: number; readonly before?: string }) => Promise<readonly T[]>
  /** Those of a batch that the caller is shown, as they are shown. */
  readonly visible: (batch: readonly T[]) => Promise<readonly S[]>
}

/**
 * A page, newest first, and the cursor of the next one. Where most is passed over the page may be short, or even empty, with
 * a cursor that goes on from where reading stopped.
 */
export async function pageOf<T extends { readonly id: string }, S extends { readonly id: string } = T>(
  paging: Paging<T, S>,
): Promise<{ readonly page: readonly S[]; readonly nextCursor: string | null }> {
  const { limit, cursor, fingerprint, read, visible } = paging
  const size = Math.max(limit + 1, BATCH)
  const found: S[] = []
  let before = cursor === undefined ? undefined : decodeCursor(cursor, fingerprint)
  for (let reads = 0; reads < MOST_READS; reads++) {
    // The first batch is as large as the page, which is enough where all of it is shown.
    const wanted = reads === 0 ? limit + 1 : size
    const batch = await read({ limit: wanted, ...(before !== undefined && { before }) })
    found.push(...(await visible(batch)))
    before = batch.at(-1)?.id ?? before
    if (found.length > limit) return ended(found.slice(0, limit), found[limit - 1]?.id, fingerprint)
    if (batch.length < wanted) return ended(found, undefined, fingerprint)
  }
  return ended(found, before, fingerprint)
}

function ended<T>(page: readonly T[], last: string | undefined, fingerprint: string) {
  return { page, nextCursor: last === undefined ? null : encodeCursor(last, fingerprint) }
}
