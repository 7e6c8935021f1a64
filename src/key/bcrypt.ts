/**
 * bcrypt, loaded when the first key needs it. Comparisons run on libuv's thread pool; as each holds a thread
 * for tens of milliseconds, only a few run at once and a bounded number waits, so that a flood of tokens cannot
 * starve the rest of the process.
 */
import { SidekeyError } from '../errors.js'

const RUNNING = 2
const WAITING = 64

let running = 0
const queue: (() => void)[] = []
let library: Promise<typeof import('bcrypt')> | undefined

/** bcrypt's hash of `secret` (at most 72 bytes) with `cost` (2^cost rounds). */
export async function bcryptHash(secret: string, cost: number): Promise<string> {
  const bcrypt = await load()
  return withSlot(() => bcrypt.hash(secret, cost))
}

/**
 * Whether `secret` has this bcrypt hash.
 * @throws SidekeyError `STORE_UNAVAILABLE` when too many comparisons wait already.
 */
export async function bcryptCompare(secret: string, stored: string): Promise<boolean> {
  const bcrypt = await load()
  return withSlot(() => bcrypt.compare(secret, stored))
}

function load(): Promise<typeof import('bcrypt')> {
  library ??= import('bcrypt').then(module => module.default ?? module)
  return library
}

async function withSlot<T>(work: () => Promise<T>): Promise<T> {
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
