/** A store that serves until its n-th call. */
import type { Store } from '../../src/store/store.js'
import { wrapped } from '../support/wrapped.js'

/** `before`: the call does not leave the process. `during`: it does, and its answer does not come back. */
export const MOMENTS = ['before', 'during'] as const
export type Moment = (typeof MOMENTS)[number]

/** Asked as often as it takes others to hear of a change: only the first time counts as a call. */
const REPEATED: ReadonlySet<string | symbol> = new Set(['leases'])

/** Not calls of every act: done where others have heard of something else, or do not answer. */
const BESIDE: ReadonlySet<string | symbol> = new Set(['tags', 'removeLease'])

/** From the n-th call on nothing is answered any more, and nothing more is asked. */
export function dyingStore(store: Store, n: number, moment: Moment, onReached: () => void): Store {
  let calls = 0
  const asked = new Set<string | symbol>()
  return wrapped(store, (call, name) => (...args) => {
    if (BESIDE.has(name)) return call(...args)
    if (calls < n && REPEATED.has(name) && asked.has(name)) return call(...args)
    asked.add(name)
    calls++
    if (calls < n) return call(...args)
    if (calls === n) {
      if (moment === 'during') void call(...args)
      onReached()
    }
    return new Promise(() => {})
  })
}
