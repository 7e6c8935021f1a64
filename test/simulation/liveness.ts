/** Where nothing is wrong with the database, what is promised does not take long, and verification is from memory. */
import { createRandom } from './random.js'
import {
  KEYS,
  LEASE_MS,
  type PlannedChange,
  type PlannedProcess,
  POLL_MS,
  type Schedule,
} from './schedule.js'
import { runSchedule } from './simulate.js'

/** A way to the database, or back, at most. */
const WAY_MS = 1
/** What a change asks for, one after the other, beside what it waits for others with. */
const OPERATIONS = 8
const OPERATIONS_MS = OPERATIONS * 2 * WAY_MS
const PROCESSES = 4
const CHANGES = 12
/** Everybody has a lease by then. */
const WARM_MS = 60

export interface Liveness {
  /** How long each change took, and may take, in virtual ms. */
  readonly took: readonly number[]
  readonly mayTake: number
  /** How many there were to resolve. */
  readonly changes: number
  /** The share of verifications that was answered from memory. */
  readonly fromMemory: number
}

/** By whether everybody is well, or one process has died and left its lease behind. */
export const LIVENESS: Readonly<Record<string, (seed: number) => Liveness>> = {
  'all are well': seed => {
    const changes = Array.from({ length: CHANGES }, (_, i) =>
      disable(WARM_MS + i * 2 * LEASE_MS, i % PROCESSES),
    )
    return measure(seed, Array(PROCESSES).fill(WELL), changes, 2 * POLL_MS + OPERATIONS_MS)
  },
  'one has died': seed => {
    const died = {
      ...WELL,
      incidents: [{ start: { at: WARM_MS - 10, upon: null }, kind: 'kill', ms: 0 }],
    } as const
    return measure(
      seed,
      [WELL, WELL, WELL, died],
      [disable(WARM_MS, 0)],
      1.1 * LEASE_MS + POLL_MS + OPERATIONS_MS,
    )
  },
}

const WELL: PlannedProcess = {
  startsAt: 0,
  leaseMs: LEASE_MS,
  memory: 'shared',
  everyMs: 4,
  incidents: [],
  death: null,
}

function disable(at: number, by: number): PlannedChange {
  return { start: { at, upon: null }, by, act: 'disable', things: [KEYS[0]], again: false }
}

function measure(
  seed: number,
  processes: readonly PlannedProcess[],
  changes: readonly PlannedChange[],
  mayTake: number,
): Liveness {
  const schedule: Schedule = {
    weather: { usualMs: WAY_MS, slow: 0, slowMs: 0, lost: 0, silent: 0, timeoutMs: 150 },
    isNew: seed % 2 === 0,
    entries: 512,
    processes,
    longestLeaseMs: LEASE_MS,
    endsBy: (changes.at(-1)?.start.at ?? 0) + 4 * LEASE_MS,
    changes,
    noise: [],
    failOvers: [],
  }
  const { took, counts } = runSchedule(schedule, createRandom(seed))
  const fromMemory = (counts['answered from memory'] ?? 0) / (counts.verifications ?? 0)
  return { took, mayTake, changes: changes.length, fromMemory }
}
