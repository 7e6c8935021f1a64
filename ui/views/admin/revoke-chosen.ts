/** Revokes keys that were chosen one by one: in parts, so that it is seen how far it has come. */
import type { ApiKey, KeyClient } from '../../../src/client/index.js'

/** What came of it. */
export interface RevokeResult {
  /** How many keys this has ended. */
  readonly revoked: number
  /** Keys that are not revoked: the viewer may not do it, or somebody was in the way. */
  readonly left: readonly ApiKey[]
}

interface RevokeWork {
  readonly reason: string
  /** Is told how many of the keys are done. */
  readonly onProgress: (done: number) => void
  readonly signal: AbortSignal
}

/** So many keys a request: fewer than are allowed, since progress is told between them. */
const PART = 50
/** So many questions at a time. */
const AT_ONCE = 6

/** Safe to repeat. Rejects as the client does; what is done then stays done. */
export async function revokeChosen(
  client: Pick<KeyClient, 'revokeAll' | 'get'>,
  keys: readonly ApiKey[],
  { reason, onProgress, signal }: RevokeWork,
): Promise<RevokeResult> {
  let revoked = 0
  for (let done = 0; done < keys.length; done += PART) {
    const ids = keys.slice(done, done + PART).map(({ id }) => id)
    const answer = await client.revokeAll(
      { ids },
      { ...reasonOf(reason), signal, onProgress: part => onProgress(done + part) },
    )
    revoked += answer.revoked
    onProgress(Math.min(done + PART, keys.length))
  }
  // A bulk revoke passes over what it may not end, and what is revoked already, without a word.
  return { revoked, left: revoked === keys.length ? [] : await notRevoked(client, keys, signal) }
}

/** The reason as the API takes it: none where nothing was written. */
export function reasonOf(reason: string): { readonly reason?: string } {
  return reason.trim() === '' ? {} : { reason: reason.trim() }
}

async function notRevoked(
  client: Pick<KeyClient, 'get'>,
  keys: readonly ApiKey[],
  signal: AbortSignal,
): Promise<ApiKey[]> {
  const left: ApiKey[] = []
  for (let i = 0; i < keys.length; i += AT_ONCE) {
    const part = await Promise.all(keys.slice(i, i + AT_ONCE).map(({ id }) => client.get(id, { signal })))
    left.push(...part.filter((key): key is ApiKey => key !== null && key.status !== 'revoked'))
  }
  return left
}
