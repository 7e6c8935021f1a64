/**
 * Work that no call does: what processes that died have left, what has been deleted for long enough, and notices of keys
 * that end soon. Every process that is in use sweeps, at its own time; each step may be done twice without harm.
 */
import { SidekeyError } from '../errors.js'
import { SERVER } from './actor.js'
import { everyKey } from './batches.js'
import type { Deps } from './deps.js'
import { purgeKey } from './purge.js'

/** How often outboxes are looked at, in ms; within half of it, more or less, so that processes do not march in step. */
const EVERY_MS = 5_000
/** An event as old as this is left behind: whoever wrote it would have drained it. */
export const LEFT_BEHIND_MS = 5_000
/** How often the rest is done, in ms. */
const RARELY_MS = 60_000
/** Unused for so long, in ms, a process leaves it to others. */
const IDLE_MS = 60_000
export const BATCH = 200
/** The next sweep goes on: one must not go round for ever, whatever the store answers. */
export const MOST_BATCHES = 100

/** Steps beside the outboxes, each done once a minute. */
export type RareStep = (deps: Deps) => Promise<void>

export interface Sweeper {
  /** What it serves is used: begins to sweep, or goes on. */
  start(): void
  /** A sweep beside the call, where there is no timer for it and the last one is long enough ago. */
  sweepIfDue(): void
  /** One sweep, now. */
  sweep(): Promise<void>
  /** Whether it was used since this was called last. */
  takeUse(): boolean
  /** Until the next use. */
  rest(): void
  stop(): void
}

/** @param isAwaited whether somebody waits for what a sweep finds, though nothing else is done */
export function createSweeper(
  deps: Deps,
  rareSteps: readonly RareStep[],
  isAwaited: () => boolean = () => false,
): Sweeper {
  let timer: NodeJS.Timeout | undefined
  let isUsed = false
  let stopped = false
  let rarelyAt = 0
  let sweptAt = 0

  let underWay: Promise<void> | undefined

  async function once(): Promise<void> {
    await drainLeftBehind(deps)
    if (deps.now() < rarelyAt) return
    rarelyAt = deps.now() + RARELY_MS
    // One that fails is not in the way of the others.
    const done = await Promise.allSettled(rareSteps.map(step => step(deps)))
    throwFirst(done.flatMap(one => (one.status === 'rejected' ? [one.reason] : [])))
  }

  /** One at a time, however slow the store. */
  function sweep(): Promise<void> {
    underWay ??= once().finally(() => {
      underWay = undefined
    })
    return underWay
  }

  const sweeper: Sweeper = {
    start() {
      isUsed = true
      if (timer === undefined && !stopped) timer = schedule(new WeakRef(sweeper), deps)
    },
    takeUse() {
      const was = isUsed || isAwaited()
      isUsed = false
      return was
    },
    sweepIfDue() {
      if (stopped || deps.now() - sweptAt < RARELY_MS) return
      sweptAt = deps.now()
      sweep().catch(failed(deps))
    },
    sweep,
    rest() {
      clearInterval(timer)
      timer = undefined
    },
    stop() {
      stopped = true
      sweeper.rest()
    },
  }
  return sweeper
}

/** The timer holds the sweeper weakly: a `keys` object that nobody has any more stops by itself. */
function schedule(reference: WeakRef<Sweeper>, deps: Deps): NodeJS.Timeout {
  const every = EVERY_MS * (0.75 + Math.random() / 2)
  let idle = 0
  const timer = setInterval(() => {
    const sweeper = reference.deref()
    if (sweeper === undefined) return clearInterval(timer)
    idle = sweeper.takeUse() ? 0 : idle + 1
    // The last use may be one turn older than the turn that saw it.
    if ((idle + 1) * every >= IDLE_MS) return sweeper.rest()
    sweeper.sweep().catch(failed(deps))
  }, every)
  return timer.unref()
}

function failed({ config }: Deps): (error: unknown) => void {
  return error => {
    const away = error instanceof Error && 'code' in error && error.code === 'STORE_UNAVAILABLE'
    if (!away) config.logger.error({ err: error }, 'a sweep failed; the next one goes on')
  }
}

async function drainLeftBehind({ store, outbox, now }: Deps): Promise<void> {
  const leftBehind = new Date(now() - LEFT_BEHIND_MS)
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const keys = await store.pending(leftBehind, BATCH)
    await outbox.drain(keys)
    if (keys.length < BATCH) return
  }
}

const OTHERS_WERE_FASTER: ReadonlySet<string> = new Set(['NOT_FOUND', 'VERSION_MISMATCH'])

/** Purges what was deleted longer ago than `retention`. */
export const purgeOverdue: RareStep = async deps => {
  const deletedBefore = new Date(deps.now() - deps.config.retention)
  const failures = collectFailures()
  for await (const { id, version } of everyKey(deps, { statuses: ['deleted'], deletedBefore })) {
    // Only as it was found: it may be restored meanwhile.
    await failures.catch(() =>
      purgeKey(deps, { caller: SERVER, request: undefined }, id, { ifVersion: version }),
    )
  }
  failures.throwFirst()
}

/** What is wrong with one key is not in the way of the others; that another process was faster is nothing wrong. */
export function collectFailures() {
  const failures: unknown[] = []
  return {
    async catch(work: () => Promise<unknown>): Promise<void> {
      try {
        await work()
      } catch (error) {
        if (!(error instanceof SidekeyError) || !OTHERS_WERE_FASTER.has(error.code)) failures.push(error)
      }
    },
    throwFirst: () => throwFirst(failures),
  }
}

function throwFirst([first]: readonly unknown[]): void {
  if (first !== undefined) throw first
}
