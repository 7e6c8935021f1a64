/** The life of one process in a schedule: it verifies, changes keys, and things befall it. */
import type { Ledger } from './ledger.js'
import { createMachine, type Machine } from './machine.js'
import type { Network } from './network.js'
import { createNode, type Node, type Thing } from './node.js'
import type { Random } from './random.js'
import {
  type Incident,
  LEASE_MS,
  type PlannedChange,
  type PlannedProcess,
  POLL_MS,
  THINGS,
} from './schedule.js'
import { storeOf } from './store.js'
import type { World } from './world.js'
import { type Changed, createWriter, type Writer } from './writer.js'

export type Log = (time: number, what: string) => void

/** What all processes of a schedule have in common. */
export interface Scene {
  readonly world: World
  readonly random: Random
  readonly network: Network
  readonly ledger: Ledger
  /** So many entries of the changes are kept. */
  readonly entries: number
  readonly longestLeaseMs: number
  readonly newId: () => string
  readonly log: Log
  /** It is not over yet, for so long at most, unless what is returned is called. */
  readonly goOn: (ms: number) => () => void
  /** These are not to be accepted by older versions any more: asks all processes. */
  readonly probeAll: (changed: readonly Changed[]) => void
}

export interface Process {
  verify(thing: Thing): void
  befall(incident: Incident): void
  /** @param attempt From 0; whoever called may call again where it fails. */
  change(planned: PlannedChange, attempt: number): void
}

/** Of those that have to read, so many are not asked: they cannot be wrong by what is in memory, and cost much. */
const READING_SKIPPED = 0.6
const MOST_ATTEMPTS = 3
/** A change is waited for so many times as long as a lease lives. */
const MOST_LIVES = 2

export function createProcess(scene: Scene, index: number, planned: PlannedProcess): Process {
  const { world, random, network, ledger, entries, longestLeaseMs, newId, log, goOn, probeAll } = scene
  let quietUntil = 0
  /** Its last answer was not from memory. */
  let isReading = false
  let machine: Machine
  let node: Node
  let writer: Writer

  function boot(): void {
    machine = createMachine(`${index}`, world, random)
    const onSettled = ({ id, version }: { readonly id: string; readonly version: number }) =>
      ledger.resolved({ sort: 'key', id }, version)
    const store = storeOf({ network, machine, entries, onSettled })
    node = createNode({ machine, store, pollMs: POLL_MS, newId, ...planned })
    writer = createWriter(node, store)
    verifyOften(machine)
  }

  function verifyOften(mine: Machine): void {
    if (mine !== machine || !mine.isAlive()) return
    if (world.now() >= quietUntil) verify(random.pick([FIRST, FIRST, ...THINGS]))
    world.at(world.now() + random.next() * 2 * planned.everyMs, () => verifyOften(mine))
  }

  function verify(thing: Thing): void {
    if (isReading && random.chance(READING_SKIPPED)) return
    machine.run(() => {
      const began = world.now()
      const oldest = ledger.oldest(thing)
      const done = (version: number) =>
        ledger.accepted(version, oldest, () => {
          const asked = `process ${index}, asked at ${began.toFixed(2)}`
          return `${asked}, accepted ${thing.id} at version ${version}, when ${oldest} had resolved`
        })
      ledger.count('verifications')
      const known = node.versionOf(thing)
      isReading = typeof known !== 'number'
      if (typeof known === 'number') {
        ledger.count('answered from memory')
        done(known)
      } else known.then(version => (version === null ? ledger.count('unavailable') : done(version)))
    })
  }

  function change(planned: PlannedChange, attempt: number): void {
    const { act, things } = planned
    machine.run(() => {
      ledger.count('changes')
      const began = world.now()
      const settled = goOn(MOST_LIVES * longestLeaseMs)
      log(world.now(), `process ${index} begins to ${act} ${things.map(({ id }) => id)}`)
      writer.change(act, things).then(
        changed => {
          ledger.count('resolved')
          ledger.took.push(world.now() - began)
          resolved(changed)
          settled()
        },
        () => {
          ledger.count('rejected')
          settled()
          if (planned.again && attempt + 1 < MOST_ATTEMPTS) change(planned, attempt + 1)
        },
      )
    })
  }

  function resolved(changed: readonly Changed[]): void {
    for (const { thing, version } of changed) {
      log(world.now(), `process ${index} has resolved: ${thing.id} is at ${version}`)
      ledger.resolved(thing, version)
    }
    probeAll(changed)
  }

  const befalls: { readonly [kind in Incident['kind']]: (ms: number) => void } = {
    pause: ms => stall(() => machine.pause(ms)),
    suspend: ms => stall(() => machine.suspend(ms)),
    'cut off': ms => network.cutOff(machine, ms),
    idle: ms => {
      quietUntil = world.now() + ms
    },
    'set clock': ms => machine.setWall(ms),
    kill: () => machine.kill(),
    restart(ms) {
      machine.kill()
      world.at(world.now() + ms, boot)
    },
    stop: () => machine.run(() => void node.knowledge.stop()),
    sweep: () =>
      machine.run(
        () =>
          void writer.sweep().then(
            () => ledger.count('swept'),
            () => {},
          ),
      ),
  }

  function stall(how: () => void): void {
    how()
    // What it does first when it goes on is what it must not do by what it knew.
    for (const thing of THINGS) world.at(machine.wakesAt(), () => verify(thing))
    goOn(machine.wakesAt() - world.now() + LEASE_MS / 2)
  }

  boot()
  return {
    verify,
    change,
    befall({ kind, ms }) {
      if (!machine.isAlive()) return
      ledger.count(kind)
      log(world.now(), `process ${index}: ${kind}, ${ms.toFixed(2)}`)
      befalls[kind](ms)
    },
  }
}

const [FIRST] = THINGS
