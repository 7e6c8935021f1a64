/** Runs one schedule, and says whether anything was accepted by what a change that had resolved took away. */
import { documentsWith } from './documents.js'
import { drawSchedule } from './draw.js'
import { type Counts, createLedger } from './ledger.js'
import { createNetwork } from './network.js'
import { createProcess, type Log, type Process, type Scene } from './process.js'
import { createRandom, type Random } from './random.js'
import { KEYS, type Schedule, type Start } from './schedule.js'
import { createWorld } from './world.js'
import type { Changed } from './writer.js'

export interface Outcome {
  /** What was accepted that should not have been; `null`: nothing was. */
  readonly late: string | null
  readonly counts: Counts
  /** How long each change took that resolved, in virtual ms. */
  readonly took: readonly number[]
  readonly endedAt: number
}

/** Each process is asked so often about what has changed: at once, in the next few ms, and while a lease of before may hold. */
const PROBES_SOON = 4
const SOON_MS = 6
const PROBES_LATER = 3
/** Of a lease's life. */
const LATER = 0.75

export function simulate(seed: number, log?: Log): Outcome {
  const random = createRandom(seed)
  return runSchedule(drawSchedule(random), random, log)
}

export function runSchedule(schedule: Schedule, random: Random, log: Log = () => {}): Outcome {
  const world = createWorld()
  const ledger = createLedger()
  const ids = KEYS.map(({ id }) => id)
  const documents = documentsWith(ids, schedule.isNew ? null : 'before')
  const { weather, entries, longestLeaseMs } = schedule
  const network = createNetwork({ world, random, weather, documents, count: ledger.count, log })
  const processes = new Map<number, Process>()
  /** Until when something may go on. */
  const ends: { until: number }[] = []
  let lastId = 0

  const scene: Scene = {
    world,
    random,
    network,
    ledger,
    entries,
    longestLeaseMs,
    log,
    newId: () => `${++lastId}`,
    goOn(ms) {
      const end = { until: world.now() + ms }
      ends.push(end)
      return () => {
        end.until = 0
      }
    },
    probeAll(changed) {
      scene.goOn(LATER * longestLeaseMs)
      for (const one of changed) for (const process of processes.values()) probe(process, one)
    },
  }

  function probe(process: Process, { thing }: Changed): void {
    process.verify(thing)
    for (let i = 0; i < PROBES_SOON + PROBES_LATER; i++) {
      const ms = random.next() * (i < PROBES_SOON ? SOON_MS : LATER * longestLeaseMs)
      world.at(world.now() + ms, () => process.verify(thing))
    }
  }

  function publishNoise(count: number): void {
    ledger.count('noise')
    for (let i = 0; i < count; i++) {
      const tag = scene.newId()
      documents.tag = tag
      documents.recent = [...documents.recent, { tag, keyIds: ['other'], owners: [] }].slice(-entries)
    }
  }

  function begin({ at, upon }: Start, then: () => void): void {
    world.at(at, () => {
      if (upon === null) then()
      // Not in the midst of it, but before its answer is on its way.
      else network.upon(upon, then)
    })
  }

  for (const [index, planned] of schedule.processes.entries()) {
    world.at(planned.startsAt, () => {
      processes.set(index, createProcess(scene, index, planned))
    })
    for (const incident of planned.incidents)
      begin(incident.start, () => processes.get(index)?.befall(incident))
  }
  for (const planned of schedule.changes) {
    ends.push({ until: planned.start.at + 10 })
    begin(planned.start, () => processes.get(planned.by)?.change(planned, 0))
  }
  for (const { start, entries } of schedule.noise) begin(start, () => publishNoise(entries))
  for (const failOver of schedule.failOvers) begin(failOver.start, () => network.failOver(failOver))

  const isOver = () => world.now() > schedule.endsBy || ends.every(({ until }) => world.now() > until)
  world.run(() => ledger.late() !== null || isOver())
  return { late: ledger.late(), counts: ledger.counts, took: ledger.took, endedAt: world.now() }
}
