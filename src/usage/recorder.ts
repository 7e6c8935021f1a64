/**
 * How keys are used: counted in memory by key, hour and outcome, written every five seconds and at the end.
 *
 * Counts are at least what was: what could not be written is kept, merged into what comes, and written again. A write whose
 * answer was lost may have been applied, and then its five seconds are counted twice; they are never left out. Less is only
 * counted where a process dies (its last five seconds), and where more is kept than there is room for: that is told.
 */
import { SidekeyError } from '../errors.js'
import { sameOwner } from '../key/record.js'
import type { Schedule } from '../schedule.js'
import type { Store, UsageBucket } from '../store/store.js'
import {
  type CountedKey,
  counterFor,
  increase,
  isEmpty,
  taken,
  type UsageCounter,
  type UsageOutcome,
} from './counter.js'
import { HOUR_MS } from './hours.js'

const EVERY_MS = 5_000
/**
 * How many keys and hours wait to be written at most, while the store is away say; what is beyond is not counted. Once half of
 * it is full, it is written at once.
 */
const MOST = 100_000
/** So many are written at a time at most: fewer where the store has not answered in its time, which would go on so. */
const BATCH = 1_000

export interface Recorder {
  /** Counts a use of a key at `at` (ms). No I/O; a look-up, and an allocation for the first of a key since the last write. */
  count(key: CountedKey, outcome: UsageOutcome, at: number): void
  /** How many keys and hours have something to be written. */
  size(): number
  /** Writes what was counted before the call. Never rejects: what cannot be written is kept. */
  flush(): Promise<void>
  /** Writes what is counted, for the last time. */
  close(): Promise<void>
}

interface RecorderParts {
  readonly warn: (error: unknown, message: string) => void
  readonly schedule: Schedule
  /** Default: 100,000. */
  readonly most?: number
}

export function createRecorder(
  store: Pick<Store, 'addUsage'>,
  { warn, schedule, most = MOST }: RecorderParts,
): Recorder {
  /** Those that have something to be written, or just being written. */
  const noted = new Set<UsageCounter>()
  /** The newest of those, by key. */
  const latest = new Map<string, UsageCounter>()
  let batch = BATCH
  /** It was begun early, and has not come through yet: where the store is away, that would not help. */
  let early = false
  let lost = 0
  let callOff: (() => void) | null = null
  let closed = false
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null

  /** `false`: there is no room. */
  function note(counter: UsageCounter): boolean {
    if (noted.size >= most) return false
    counter.noted = true
    noted.add(counter)
    const known = latest.get(counter.keyId)
    if (known === undefined || known.hour <= counter.hour) latest.set(counter.keyId, counter)
    wake()
    if (noted.size * 2 > most && !early) {
      early = true
      void flush()
    }
    return true
  }

  function wake(): void {
    if (!closed) callOff ??= schedule.after(EVERY_MS, () => void flush())
  }

  function counterOf(key: CountedKey, at: number): UsageCounter {
    const known = latest.get(key.id)
    return known !== undefined && isOf(known, key, at) ? known : counterFor(key, at)
  }

  function count(key: CountedKey, outcome: UsageOutcome, at: number): void {
    const counter = counterOf(key, at)
    if (counter.noted || note(counter)) increase(counter, outcome, 1)
    else lost++
  }

  function flush(): Promise<void> {
    if (running === null) {
      // Not at once: it may be begun by a count that is not in its counter yet.
      running = Promise.resolve()
        .then(writeAll)
        .finally(() => {
          running = null
        })
      return running
    }
    // What was counted since the one that runs began is for the next: one for all who ask.
    next ??= running.then(() => {
      next = null
      return flush()
    })
    return next
  }

  async function writeAll(): Promise<void> {
    callOff?.()
    callOff = null
    const failure = await writeBatches([...noted])
    if (noted.size > 0) wake()
    if (lost === 0) return
    const message = `${lost} uses of keys were not counted: ${most} keys and hours wait to be written already`
    lost = 0
    warn(failure, message)
  }

  /** Answers what the first failure was; the rest waits for the next time. */
  async function writeBatches(counters: readonly UsageCounter[]): Promise<unknown> {
    for (let i = 0; i < counters.length; i += batch) {
      const failure = await write(counters.slice(i, i + batch))
      if (failure === null) continue
      batch = Math.max(Math.floor(batch / 2), 1)
      return failure
    }
    batch = Math.min(batch * 2, BATCH)
    early = false
    return null
  }

  async function write(counters: readonly UsageCounter[]): Promise<unknown> {
    const buckets = counters.map(taken)
    try {
      await store.addUsage(buckets)
      for (const counter of counters) if (isEmpty(counter)) letGo(counter)
      return null
    } catch (error) {
      for (const [i, counter] of counters.entries()) giveBack(counter, buckets[i]?.counts ?? {})
      // A store that is away is told of by all else, and nothing is lost by it.
      const away = error instanceof SidekeyError && error.code === 'STORE_UNAVAILABLE'
      if (!away) warn(error, 'the use of keys could not be written; the next time tries again')
      return error
    }
  }

  /** It comes last from now on: one that cannot be written is not in the way of others. */
  function giveBack(counter: UsageCounter, counts: UsageBucket['counts']): void {
    for (const [outcome, n] of Object.entries(counts)) increase(counter, outcome, n)
    noted.delete(counter)
    noted.add(counter)
  }

  function letGo(counter: UsageCounter): void {
    counter.noted = false
    noted.delete(counter)
    if (latest.get(counter.keyId) === counter) latest.delete(counter.keyId)
  }

  return {
    count,
    size: () => noted.size,
    flush,
    close() {
      closed = true
      return flush()
    },
  }
}

/** Whether a counter is of this hour, and of a key that is still the same owner's. */
function isOf({ until, owner, organizationId }: UsageCounter, key: CountedKey, at: number): boolean {
  return (
    at < until &&
    at >= until - HOUR_MS &&
    organizationId === key.organizationId &&
    (owner === key.owner || sameOwner(owner, key.owner))
  )
}
