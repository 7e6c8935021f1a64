/** The schedule that a seed makes: mostly of what is rare outside, when it matters most. */
import type { Death, Operation, Weather } from './network.js'
import type { Thing } from './node.js'
import type { Random } from './random.js'
import {
  type FailOver,
  type Incident,
  KEYS,
  LEASE_MS,
  type PlannedChange,
  type PlannedProcess,
  type Schedule,
  type Start,
  USER,
} from './schedule.js'
import type { Act } from './writer.js'

/** Nothing new befalls anyone later. */
const LAST = 120
const ENDS_BY = 700

export function drawSchedule(random: Random): Schedule {
  const apps = random.pick([1, 2, 2, 2, 2, 3])
  // A process without a memory: a command on the command line, a function.
  const others = random.chance(0.2) ? 1 : 0
  const changes = drawChanges(random, apps + others)
  const isMixed = random.chance(0.25)
  const processes = Array.from({ length: apps + others }, (_, i) => {
    const leaseMs = isMixed ? LEASE_MS * random.pick([1, 1.5, 2]) : LEASE_MS
    const about = changes.filter(({ by }) => by !== i)
    return drawProcess(random, i < apps ? 'shared' : 'none', leaseMs, about.length > 0 ? about : changes)
  })
  return {
    weather: drawWeather(random),
    isNew: random.chance(0.2),
    entries: random.chance(0.2) ? 2 + random.below(4) : 512,
    processes,
    longestLeaseMs: Math.max(...processes.map(({ leaseMs }) => leaseMs)),
    endsBy: ENDS_BY,
    changes,
    noise: random.chance(0.2) ? [drawNoise(random, changes), drawNoise(random, changes)] : [],
    failOvers: random.chance(0.3) ? [drawFailOver(random, changes)] : [],
  }
}

function drawFailOver(random: Random, changes: readonly PlannedChange[]): FailOver {
  const { at, upon } = near(random, changes)
  return {
    start: { at: Math.max(0, at - random.next() * 40), upon },
    gapMs: random.next() * random.pick([10, 10, 150]),
    deposedMs: random.pick([random.next() * 60, random.between(100, 250)]),
  }
}

function drawWeather(random: Random): Weather {
  const calm = { usualMs: random.pick([0.2, 0.2, 1]), slow: 0, slowMs: 0, lost: 0, silent: 0, timeoutMs: 150 }
  const usual = { ...calm, usualMs: 4, slow: 0.03, slowMs: 100, lost: 0.01, silent: 0.05 }
  const uneven = { ...calm, slow: 0.2, slowMs: random.pick([30, 200]), timeoutMs: 300 }
  const rough = { ...calm, usualMs: 10, slow: 0.1, slowMs: 200, lost: 0.04, silent: 0.1, timeoutMs: 100 }
  return random.pick([calm, calm, usual, uneven, rough])
}

function drawProcess(
  random: Random,
  memory: PlannedProcess['memory'],
  leaseMs: number,
  changes: readonly PlannedChange[],
): PlannedProcess {
  const incidents: Incident[] = []
  // Those that are spared let the others see what comes of their trouble.
  const isSpared = random.chance(0.5)
  const add = (share: number, kind: Incident['kind'], ms: () => number = () => 0) => {
    if (random.chance(isSpared ? share / 8 : share))
      incidents.push({ start: near(random, changes), kind, ms: ms() })
  }
  // Where others wait for a lease to lapse, most is at stake.
  if (!isSpared && random.chance(0.5)) {
    const upon = random.pick<Operation>(['publish', 'publish', 'publish', 'replace', 'changes', 'find'])
    const start = { at: Math.max(0, (changes[random.below(changes.length)]?.start.at ?? 0) - 2), upon }
    incidents.push({ start, kind: 'cut off', ms: leaseMs * random.between(0.95, 1.5) })
  } else add(0.4, 'cut off', () => stall(random))
  add(0.25, 'pause', () => stall(random))
  // One clock of a machine may fail, not both at once.
  if (random.chance(0.6)) add(0.3, 'suspend', () => stall(random))
  else add(0.6, 'set clock', () => random.between(-300, 300))
  add(0.2, 'restart', () => random.next() * 30)
  add(0.1, 'kill')
  add(0.25, 'stop')
  add(0.15, 'idle', () => random.between(60, 250))
  add(0.3, 'sweep')
  const moment = random.pick<Death['moment']>(['asked', 'done'])
  return {
    startsAt: random.chance(0.3)
      ? Math.max(0, (changes[0]?.start.at ?? 0) + random.between(-15, 10))
      : random.next() * 20,
    leaseMs,
    memory,
    everyMs: random.pick([4, 8, 24]),
    incidents,
    death: !isSpared && random.chance(0.2) ? { nth: 1 + random.below(60), moment } : null,
  }
}

/** Mostly about when something changes: in the midst of an operation, or at any moment. */
function near(random: Random, changes: readonly PlannedChange[]): Start {
  const at = changes[random.below(changes.length)]?.start.at ?? 0
  return random.pick([
    { at: Math.max(0, at - 2), upon: random.pick(OF_A_CHANGE) },
    { at: Math.max(0, at - 2), upon: random.pick(OF_A_CHANGE) },
    { at: Math.max(0, at + random.between(-30, 30)), upon: random.pick(OF_ANYONE) },
    { at: Math.max(0, at + random.between(-30, 30)), upon: null },
    { at: random.between(10, LAST), upon: null },
  ])
}

type Operations = readonly [Operation, ...Operation[]]
const OF_A_CHANGE: Operations = ['find', 'replace', 'publish', 'publish', 'leases']
const OF_ANYONE: Operations = ['changes', 'changes', 'renew', 'insert lease', 'find', 'remove lease']

/** Often about as long as a lease lives, where it matters to the millisecond. */
function stall(random: Random): number {
  return random.pick([random.next() * 30, LEASE_MS * random.between(0.9, 1.4), random.next() * 200])
}

function drawChanges(random: Random, processes: number): PlannedChange[] {
  const first = drawChange(random, random.between(25, 70), processes)
  const changes = [first]
  const more = random.pick([0, 1, 2, 3])
  for (let i = 0; i < more; i++) {
    const from = first.start.at
    // While the first is under way, or when it may just have waited for a lease in vain, or at any time.
    const start = random.pick<Start>([
      { at: from + random.next() * 30, upon: null },
      { at: from + LEASE_MS, upon: 'remove lease' },
      { at: from + LEASE_MS * random.between(1.05, 1.4), upon: null },
      drawStart(random, random.between(30, LAST)),
    ])
    const other = { ...drawChange(random, 0, processes), start }
    const by = random.chance(0.3) ? first.by : other.by
    // Often the same, by another: the second finds it done.
    if (random.chance(0.5)) changes.push({ ...other, by, act: first.act, things: first.things })
    else changes.push({ ...other, by })
  }
  return changes
}

function drawStart(random: Random, at: number): Start {
  return { at, upon: random.chance(0.6) ? random.pick(OF_ANYONE) : null }
}

function drawChange(random: Random, at: number, processes: number): PlannedChange {
  const things = random.pick<readonly Thing[]>([
    [KEYS[0]],
    [KEYS[0]],
    [KEYS[0]],
    [random.pick(KEYS)],
    KEYS,
    [USER],
  ])
  return {
    start: drawStart(random, at),
    by: random.below(processes),
    act: random.pick<Act>([
      'disable',
      'disable',
      'disable',
      'disable',
      'disable',
      'revoke',
      'revoke',
      'revoke',
      'revoke',
      'purge',
    ]),
    things,
    again: random.chance(0.7),
  }
}

function drawNoise(random: Random, changes: readonly PlannedChange[]): Schedule['noise'][number] {
  return { start: near(random, changes), entries: random.pick([1, 2, 6, 40]) }
}
