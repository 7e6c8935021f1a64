/** A read that is started while the page is still being made, so that its answer is there when it is asked for. */

export type Read<T> = (signal?: AbortSignal) => Promise<T>

/** For so long an answer counts, in ms: who looks at the page may be another one later. */
const FRESH_MS = 5_000

/** Starts `read` at once. The first who asks soon gets that answer, unless it has failed; everyone else a new one. */
export function startedEarly<T>(read: Read<T>): Read<T> {
  let early: Promise<T> | null = read()
  const end = Date.now() + FRESH_MS
  early.catch(() => {
    early = null
  })
  return signal => {
    const answer = Date.now() < end && early !== null ? early : read(signal)
    early = null
    return answer
  }
}
