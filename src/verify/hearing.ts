/** How a process hears of changes, and tells of them: through the store, or, where it has the store to itself, at once. */
import type { Clock } from '../clock.js'
import type { Config } from '../config.js'
import type { LocalChanges, Named, SharedChanges, Store } from '../store/store.js'
import { createAnnouncer } from './announce.js'
import { type CoherenceSources, createCoherence } from './coherence.js'

/** A change that others are told of. */
export interface Published {
  /** Resolves once no process uses what it knew before. */
  heard(): Promise<void>
}

export interface Hearing {
  /** Whether what is in memory may be used now. */
  holds(now: number): boolean
  /** Somebody verifies. */
  use(now: number): void
  /** The store does not answer, and nothing in memory may be used. */
  isAway(now: number): boolean
  /** How long ago the lease was renewed, in ms; `null`: there is none. */
  leaseAge(now: number): number | null
  /** Tells all processes of a change that is written. */
  publish(named: Named): Promise<Published>
  /** Lets go of the lease. */
  stop(): Promise<void>
}

export interface HearingSources {
  readonly config: Pick<Config, 'cache' | 'coherence'>
  readonly store: Pick<Store, 'changes'>
  readonly clock: Clock
  readonly newId: () => string
  /** Does something in so many ms, or later, that nobody waits for. */
  readonly later: Clock['after']
}

/** Unused for so long, a process lets go of its lease. */
const IDLE_MS = 60_000

export function createHearing(sources: HearingSources, told: Told): Hearing {
  const { changes } = sources.store
  return changes?.kind === 'shared'
    ? sharedHearing(sources, changes, told)
    : localHearing(sources.config, changes, told)
}

/** What a process is told of what it keeps. */
export type Told = Pick<CoherenceSources, 'drop' | 'clear' | 'onAway'>

/** One process has the store to itself; or, without `changes`, nothing is heard, and so nothing kept. */
function localHearing(
  { cache }: HearingSources['config'],
  changes: LocalChanges | undefined,
  { drop }: Told,
): Hearing {
  let holds = cache !== null && changes !== undefined
  const unwatch = holds ? changes?.watch(drop) : undefined
  return {
    holds: () => holds,
    use() {},
    isAway: () => false,
    leaseAge: () => null,
    async publish(named) {
      changes?.publish(named)
      return AT_ONCE
    },
    async stop() {
      holds = false
      unwatch?.()
    },
  }
}

/** Many processes share the store. Without a cache there is no lease; others are told and waited for all the same. */
function sharedHearing(
  { config, clock, newId, later }: HearingSources,
  changes: SharedChanges,
  { drop, clear, onAway }: Told,
): Hearing {
  const { pollMs, leaseMs } = config.coherence
  const coherence =
    config.cache === null
      ? null
      : createCoherence({ changes, clock, pollMs, leaseMs, idleMs: IDLE_MS, newId, drop, clear, onAway })
  const announcer = createAnnouncer({
    changes,
    clock,
    pollMs,
    newTag: newId,
    later,
    drop,
    isOwn: id => coherence?.isOwn(id) ?? false,
  })
  return {
    holds: now => coherence?.holds(now) ?? false,
    use: now => coherence?.use(now),
    isAway: now => coherence?.isAway(now) ?? false,
    leaseAge: now => coherence?.leaseAge(now) ?? null,
    async publish(named) {
      const ticket = await announcer.publish(named)
      return { heard: () => announcer.heard(ticket) }
    },
    stop: async () => coherence?.stop(),
  }
}

const AT_ONCE: Published = { async heard() {} }
