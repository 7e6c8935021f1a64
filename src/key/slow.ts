/**
 * Slow hashes run on libuv's thread pool. As each holds a thread for tens or hundreds of milliseconds, only a few run at
 * once and a bounded number waits, so that a flood of tokens cannot starve the rest of the process.
 */
import { SidekeyError } from '../errors.js'

const RUNNING = 2
const WAITING = 64

let running = 0
const queue: (() => void)[] = []

/**
 * Runs `work` when there is a place among the few that run at once.
 * @throws SidekeyError `STORE_UNAVAILABLE` when too many wait already.
 */
export async function withSlot<T>(work: () => Promise<T>): Promise<T> {
  if (running >= RUNNING) {
    if (queue.length >= WAITING) {
      throw new SidekeyError('STORE_UNAVAILABLE', 'Too many slow hash comparisons at once.', {
        retryAfter: 1,
      })
    }
    await new Promise<void>(resolve => queue.push(resolve))
  } else {
    running++
  }
  try {
    return await work()
  } finally {
    // The slot is handed to the next in line, or given back.
    const next = queue.shift()
    if (next) next()
    else running--
  }
}
