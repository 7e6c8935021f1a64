/** Sweeps at the test's word: clock and intervals stand still, all else (the database above all) takes its real time. */
import type { Store } from 'sidekey'
import { wrapped } from '../support/wrapped.js'

/** Every process sweeps once within this time, in ms. */
const EVERY_PROCESS_SWEEPS_MS = 6_250

/** Stops the clock and the intervals, until `jest.useRealTimers()`. `keys` objects must be made after it. */
export function stopTime(now: number = Date.now()): void {
  jest.useFakeTimers({
    now,
    doNotFake: [
      'setTimeout',
      'clearTimeout',
      'setImmediate',
      'clearImmediate',
      'nextTick',
      'queueMicrotask',
      'hrtime',
      'performance',
    ],
  })
}

/** Time goes by without a sweep. */
export function pass(ms: number): void {
  jest.setSystemTime(Date.now() + ms)
}

/** A store, and whether something is asked of it. */
export interface WatchedStore {
  readonly store: Store
  /** Resolves once nothing is asked of it any more, nor is about to be. */
  idle(): Promise<void>
}

export function watched(store: Store): WatchedStore {
  let asked = 0
  const watching =
    (call: (...args: unknown[]) => unknown) =>
    async (...args: unknown[]) => {
      asked++
      try {
        return await call(...args)
      } finally {
        asked--
      }
    }
  return {
    // Who watches is told at once, and asks nothing.
    store: wrapped(store, (call, name) => (name === 'watch' ? call : watching(call))),
    async idle() {
      // Between two calls of one piece of work there are microtasks only.
      for (let turns = 0; turns < 2; turns = asked === 0 ? turns + 1 : 0) await new Promise(setImmediate)
    },
  }
}

/** One sweep of every `keys` object over these stores (some may sweep twice). */
export async function sweepAll(...stores: readonly WatchedStore[]): Promise<void> {
  jest.advanceTimersByTime(EVERY_PROCESS_SWEEPS_MS)
  for (const store of stores) await store.idle()
}

/** Sets the clock to what it is outside. */
export function catchUp(): void {
  jest.setSystemTime(jest.getRealSystemTime())
}
