/**
 * Bulk revokes that take longer than an answer waits: each goes on, and whoever repeats it joins it in place of starting
 * another. What a run has ended is told once, with the answer that comes when nothing is left.
 */
import type { RevokeAllResult } from '../manage/revoke-all.js'
import { within } from './within.js'

/** Starts a revoke; `onProgress` is told how many it has ended so far. */
type Start = (onProgress: (revoked: number) => void) => Promise<RevokeAllResult>

interface Run {
  readonly operation: Promise<RevokeAllResult>
  /** What it has ended, with what earlier runs have that nobody was told of. */
  total: number
  ended: boolean
}

export interface BulkRuns {
  /**
   * The result of the revoke with this name (actor and filter), or how many it has ended within `ms`.
   * @param goesOn looks after a run that nobody waits for
   */
  answer(
    name: string,
    start: Start,
    ms: number,
    goesOn: (operation: Promise<unknown>) => void,
  ): Promise<RevokeAllResult & { readonly complete: boolean }>
}

/** How long the total of a run is kept for whoever asks again, in ms. */
const KEPT_MS = 60_000

export function bulkRuns(): BulkRuns {
  const runs = new Map<string, Run>()

  function begin(name: string, start: Start, carried: number): Run {
    const operation = start(revoked => {
      run.total = carried + revoked
    })
    const run: Run = { operation, total: carried, ended: false }
    runs.set(name, run)
    const end = () => {
      run.ended = true
      setTimeout(() => runs.get(name) === run && runs.delete(name), KEPT_MS).unref()
    }
    operation.then(({ revoked }) => {
      run.total = carried + revoked
      end()
    }, end)
    return run
  }

  return {
    async answer(name, start, ms, goesOn) {
      const until = performance.now() + ms
      const earlier = runs.get(name)
      if (earlier !== undefined && !earlier.ended) {
        const over = earlier.operation.then(
          () => true,
          () => true, // told to whoever began it
        )
        if ((await within(over, ms)) === null) return { revoked: earlier.total, complete: false }
      }
      // Also after one that was joined: it may have passed over what has come since it began.
      const run = begin(name, start, earlier?.total ?? 0)
      const done = await within(run.operation, Math.max(0, until - performance.now()))
      if (done === null) goesOn(run.operation)
      else runs.delete(name)
      return { ...done, revoked: run.total, complete: done !== null }
    },
  }
}
