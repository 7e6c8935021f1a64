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
/** Safe to repeat. Rejects as the client does; what is done then stays done. */
export async function revokeChosen(
  client: Pick<KeyClient, 'revokeAll'>,
  keys: readonly ApiKey[],
  { reason, onProgress, signal }: RevokeWork,
): Promise<RevokeResult> {
  let revoked = 0
  const left = new Set<string>()
  for (let done = 0; done < keys.length; done += PART) {
    const ids = keys.slice(done, done + PART).map(({ id }) => id)
    const answer = await client.revokeAll(
      { ids },
      { ...reasonOf(reason), signal, onProgress: part => onProgress(done + part) },
    )
    revoked += answer.revoked
    for (const id of answer.passedOver ?? []) left.add(id)
    onProgress(Math.min(done + PART, keys.length))
  }
  return { revoked, left: keys.filter(({ id }) => left.has(id)) }
}

/** The reason as the API takes it: none where nothing was written. */
export function reasonOf(reason: string): { readonly reason?: string } {
  return reason.trim() === '' ? {} : { reason: reason.trim() }
}
