/**
 * Operations of the store for which traffic asks one by one: so many are under way at once, and the others wait in turn. A burst
 * of them must not take all connections of the app's pool, behind which what keeps the lease would wait (verify/coherence.ts).
 */
import { SidekeyError } from '../errors.js'

export type Lane = <T>(run: () => Promise<T>) => Promise<T>

/** @param patienceMs whoever has not come to its turn after so long is told `STORE_UNAVAILABLE`, and has done nothing. */
export function createLane(atOnce: number, patienceMs: number): Lane {
  const waiting = new Set<() => void>()
  let underWay = 0

  function turn(): Promise<void> {
    return new Promise((come, failed) => {
      const give = () => {
        clearTimeout(timer)
        waiting.delete(give)
        come()
      }
      const timer = setTimeout(() => {
        waiting.delete(give)
        failed(new SidekeyError('STORE_UNAVAILABLE', 'Too many wait for the store.', { retryAfter: 1 }))
      }, patienceMs)
      waiting.add(give)
    })
  }

  return async run => {
    // Whoever is given a turn has it from the one that ends: the number stays as it is.
    if (underWay >= atOnce) await turn()
    else underWay++
    try {
      return await run()
    } finally {
      const [next] = waiting
      if (next === undefined) underWay--
      else next()
    }
  }
}
