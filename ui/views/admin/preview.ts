/** What a bulk revoke of all keys of an owner would end: read before it is done. */
import type { ApiKey, KeyClient, KeyStatus, RevokePreview } from '../../../src/client/index.js'
import { KEY_STATUSES } from '../../../src/key/record.js'
import type { Scope } from './reach.js'

export interface Preview {
  /** How many keys would be ended. */
  readonly counts: RevokePreview
  /** Keys that would be ended: the newest of each status. */
  readonly ending: readonly ApiKey[]
  /** Keys that are revoked already: the newest of them. */
  readonly ended: readonly ApiKey[]
  readonly hasMoreEnded: boolean
}

/** More keys than these are not read: nobody looks through them. */
const MOST_KEYS = 300
const PAGE = 100
const NOT_REVOKED = KEY_STATUSES.filter(status => status !== 'revoked')

/** Deleted keys are among those that end, so that nobody restores them. */
export async function readPreview(
  client: Pick<KeyClient, 'list' | 'listAll' | 'previewRevoke'>,
  scope: Scope,
  signal: AbortSignal,
  most = MOST_KEYS,
): Promise<Preview> {
  const asked = { ...scope, limit: PAGE }
  const [counts, { data: ended, nextCursor }] = await Promise.all([
    client.previewRevoke(scope, { signal }),
    client.list({ ...asked, status: 'revoked' }, { signal }),
  ])
  const rest = { counts, ended, hasMoreEnded: nextCursor !== null }
  const ending: ApiKey[] = []
  for (const status of NOT_REVOKED.filter(status => counts.byStatus[status] !== undefined)) {
    for await (const key of client.listAll({ ...asked, status }, { signal })) {
      // It was revoked before it was deleted.
      if (key.revoked !== null) continue
      if (ending.length === most) return { ...rest, ending }
      ending.push(key)
    }
  }
  return { ...rest, ending }
}

export interface StatusCount {
  readonly status: KeyStatus
  readonly count: number
  /** Whether there may be more. */
  readonly isLeast: boolean
}

/** How many keys there are of each status; of none: left out. */
export function countsOf({ counts, ended, hasMoreEnded }: Preview): readonly StatusCount[] {
  return [
    ...NOT_REVOKED.map(status => ({ status, count: counts.byStatus[status] ?? 0, isLeast: false })),
    { status: 'revoked' as const, count: ended.length, isLeast: hasMoreEnded },
  ].filter(({ count }) => count > 0)
}
