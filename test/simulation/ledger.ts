/** What has resolved, what was accepted after it, and how much of everything there was. */
import type { Fault } from './network.js'
import type { Thing } from './node.js'
import type { Incident } from './schedule.js'

/** How much of everything there was. */
export type Counts = Partial<Record<Counted, number>>

export type Counted =
  | Fault
  | Incident['kind']
  | 'noise'
  | 'verifications'
  | 'answered from memory'
  | 'unavailable'
  | 'changes'
  | 'resolved'
  | 'rejected'
  | 'swept'

export interface Ledger {
  readonly counts: Counts
  /** How long each change took that resolved, in virtual ms. */
  readonly took: number[]
  count(what: Counted): void
  /** No verification that begins from now on may go by an older version. */
  resolved(thing: Thing, version: number): void
  /** The oldest version that a verification which begins now may go by. */
  oldest(thing: Thing): number
  /** A verification went by this version, and `oldest` was this when it began. */
  accepted(version: number, oldest: number, describe: () => string): void
  /** What was accepted that should not have been; `null`: nothing was. */
  late(): string | null
}

export function createLedger(): Ledger {
  const counts: Counts = {}
  const oldest = new Map<string, number>()
  let late: string | null = null
  return {
    counts,
    took: [],
    count(what) {
      counts[what] = (counts[what] ?? 0) + 1
    },
    resolved(thing, version) {
      oldest.set(thing.id, Math.max(oldest.get(thing.id) ?? 0, version))
    },
    oldest: thing => oldest.get(thing.id) ?? 0,
    accepted(version, oldest, describe) {
      if (version < oldest) late ??= describe()
    },
    late: () => late,
  }
}
