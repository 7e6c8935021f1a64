/**
 * Many processes over one database, simulated: the parts of src/verify and src/manage as they are, over the clock, the
 * network and the store of `test/simulation`. How much they ask, and how long a change takes.
 */
import { documentsWith } from '../test/simulation/documents.js'
import { createMachine } from '../test/simulation/machine.js'
import { createNetwork, type Network } from '../test/simulation/network.js'
import { createNode, type Thing } from '../test/simulation/node.js'
import { createRandom } from '../test/simulation/random.js'
import { storeOf } from '../test/simulation/store.js'
import { createWorld } from '../test/simulation/world.js'
import { createWriter } from '../test/simulation/writer.js'
import { claim, figure, whole } from './measure.js'

const SIZES = [10, 100, 1_000]
const POLL_MS = 250
const LEASE_MS = 2_000
/** A way to the database, or back, at most. */
const WAY_MS = 1
const VERIFIES_EACH_MS = 100
const WARM_MS = 3_000
const QUIET_MS = 10_000
const CHANGES = 60
const CHANGES_EACH_MS = 700
/** What most processes may ask, each, and wait, beside fewest. */
const LINEAR = 1.1
const FLAT = 1.5

/** Of processes that verify, and nothing else, in virtual time. */
interface Seen {
  readonly commandsASecond: number
  /** How long each change took, in virtual ms, sorted. */
  readonly took: readonly number[]
}

const VERIFIED: Thing = { sort: 'key', id: id(0) }

/** Promises of a simulation are run by hand, which a promise's own callback cannot do. */
setImmediate(() => {
  const seen = SIZES.map(size => run(size))
  console.log(`Processes that poll every ${POLL_MS} ms and verify every ${VERIFIES_EACH_MS} ms, simulated`)
  for (const [i, { commandsASecond, took }] of seen.entries()) {
    const size = whole(SIZES[i] ?? 0).padStart(6)
    const times = `a change resolves in ${whole(at(took, 0.5))} ms (median), ${whole(at(took, 0.99))} (99 in 100)`
    console.log(`  ${size} processes: ${commandsASecond.toFixed(1)} commands a second; ${times}`)
  }
  const each = figure(seen.map(({ commandsASecond }, i) => commandsASecond / (SIZES[i] ?? 1)))
  const printed = `${each.min.toFixed(2)} to ${each.max.toFixed(2)} commands a second each, however many there are`
  claim(each.max / each.min <= LINEAR, printed, `the most at most ${LINEAR} times the least`)
  const longest = seen.map(({ took }) => at(took, 0.99))
  const more = (longest.at(-1) ?? Number.NaN) / (longest[0] ?? Number.NaN)
  claim(
    more <= FLAT,
    `a change takes ${more.toFixed(2)} times as long among most as among fewest`,
    `at most ${FLAT}`,
  )
})

function run(size: number): Seen {
  const world = createWorld()
  const random = createRandom(size)
  const ids = Array.from({ length: CHANGES + 1 }, (_, i) => id(i))
  let asked = 0
  const network = counting(
    createNetwork({
      world,
      random,
      weather: { usualMs: WAY_MS, slow: 0, slowMs: 0, lost: 0, silent: 0, timeoutMs: LEASE_MS },
      documents: documentsWith(ids, 'before'),
      count() {},
      log() {},
    }),
    () => asked++,
  )
  let lastId = 0
  const newId = () => `${++lastId}`
  const processes = Array.from({ length: size }, (_, i) => {
    const machine = createMachine(`${i}`, world, random)
    const store = storeOf({ network, machine, entries: 512, onSettled() {} })
    const node = createNode({ machine, store, pollMs: POLL_MS, leaseMs: LEASE_MS, memory: 'shared', newId })
    const verify = () => {
      machine.run(() => void node.versionOf(VERIFIED))
      world.at(world.now() + VERIFIES_EACH_MS, verify)
    }
    world.at(random.next() * POLL_MS, verify)
    return { machine, writer: createWriter(node, store) }
  })

  world.run(() => world.now() > WARM_MS)
  asked = 0
  world.run(() => world.now() > WARM_MS + QUIET_MS)
  const commandsASecond = (asked * 1_000) / QUIET_MS

  const took: number[] = []
  for (let i = 1; i <= CHANGES; i++) {
    const { machine, writer } = processes[i % size] ?? fail()
    world.at(world.now() + i * CHANGES_EACH_MS, () =>
      machine.run(() => {
        const began = world.now()
        void writer.change('revoke', [{ sort: 'key', id: id(i) }]).then(() => took.push(world.now() - began))
      }),
    )
  }
  const end = world.now() + (CHANGES + 1) * CHANGES_EACH_MS + 2 * LEASE_MS
  world.run(() => world.now() > end)
  if (took.length < CHANGES) throw new Error(`${CHANGES - took.length} changes have not resolved`)
  return { commandsASecond, took: took.sort((a, b) => a - b) }
}

function counting(network: Network, count: () => void): Network {
  return {
    ...network,
    ask(machine, operation, effect) {
      count()
      return network.ask(machine, operation, effect)
    },
  }
}

function id(i: number): string {
  return String(i).padStart(16, '0')
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function fail(): never {
  throw new Error('unreachable: there is at least one process')
}
