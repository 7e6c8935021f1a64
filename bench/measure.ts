/** How the benches measure: warm-up, five rounds in turn, medians with their spread, claims that can miss. */
import { hash } from 'node:crypto'
import { cpus, loadavg } from 'node:os'

const ROUNDS = 5
const ROUND_MS = 1000
const WARM_UP_MS = 3000

/** One way to do the job. `run` does it `times` times, one by one, and throws where it goes wrong. */
export interface Contestant {
  readonly name: string
  readonly run: (times: number) => Promise<void> | void
}

/** What the rounds gave: the middle one, and the least and the most of the five. */
export interface Figure {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Operations a second, one figure a round, in the order of the rounds. */
export type Rates = readonly number[]

/** A clock in ms, and how what it measured is told. */
export interface Measure {
  readonly now: () => number
  readonly print: (rates: Rates) => string
}

/**
 * By the processor time of the whole process, all its threads: what one core does in a second of work. Other
 * programs on the machine count little, and nobody is charged for waiting.
 */
export const BY_PROCESSOR: Measure = {
  now() {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
  print: rates => `${spread(figure(rates), whole)} a second`,
}

/** By the clock on the wall, for what waits on a server. */
export const BY_CLOCK: Measure = {
  now: () => performance.now(),
  print: rates => `${spread(figure(rates.map(toMicroseconds)), whole)} us each`,
}

const USUAL = `the median of ${ROUNDS} rounds of about ${ROUND_MS} ms (lowest to highest)`

/** Prints what the figures were taken on, and what each of them is. */
export function printMachine(figures = USUAL): void {
  const cores = cpus()
  const [load = 0] = loadavg()
  console.log(
    `machine: ${cores[0]?.model.trim() ?? 'unknown'}, ${cores.length} cores, Node ${process.version}`,
  )
  console.log(`load of the last minute: ${load.toFixed(1)} (other work makes the figures lower and wider)`)
  console.log(`each figure: ${figures}`)
}

/**
 * Warms all contestants up, then runs them in turn, round by round, so that whatever else the machine does
 * falls on all alike. Prints a line for each.
 */
export async function sideBySide(
  title: string,
  measure: Measure,
  contestants: readonly Contestant[],
): Promise<Rates[]> {
  const entries: { contestant: Contestant; times: number; rates: number[] }[] = []
  for (const contestant of contestants) {
    entries.push({ contestant, times: await warmUp(contestant, measure), rates: [] })
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { contestant, times, rates } of entries) rates.push(await rate(contestant, times, measure))
  }
  console.log(`\n${title}`)
  for (const { contestant, rates } of entries) {
    console.log(`  ${contestant.name.padEnd(44)} ${measure.print(rates)}`)
  }
  return entries.map(({ rates }) => rates)
}

/** Does `work` over and over; a wrong answer ends the bench. */
export function repeating<T>(
  name: string,
  work: () => Promise<T>,
  isRight: (answer: T) => boolean,
): Contestant {
  return {
    name,
    async run(times) {
      for (let i = 0; i < times; i++) if (!isRight(await work())) throw new Error(`${name}: a wrong answer`)
    },
  }
}

/** The least that a check of a token can cost: its hash, and a look into a map. */
export function hashingFloor(token: string): Contestant {
  const name = 'floor: crypto.hash of the token, Map.get'
  const known = new Map([[hash('sha256', token), true]])
  return {
    name,
    run(times) {
      for (let i = 0; i < times; i++) {
        if (known.get(hash('sha256', token)) !== true) throw new Error(`${name}: a wrong answer`)
      }
    },
  }
}

/** What two gave, put together round by round. */
export function compare(a: Rates, b: Rates, how: (a: number, b: number) => number): Figure {
  return figure(a.map((rate, round) => how(rate, b[round] ?? Number.NaN)))
}

export function figure(values: readonly number[]): Figure {
  const sorted = [...values].sort((x, y) => x - y)
  const at = (index: number) => sorted[index] ?? Number.NaN
  return { median: at(Math.floor(sorted.length / 2)), min: at(0), max: at(sorted.length - 1) }
}

export function spread({ median, min, max }: Figure, print: (value: number) => string): string {
  return `${print(median)} (${print(min)} to ${print(max)})`
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** The time that one takes, from how many a second there are. */
export function toMicroseconds(rate: number): number {
  return 1e6 / rate
}

/** Prints whether a claim was met; the process ends with a code other than 0 where one was missed. */
export function claim(met: boolean, figure: string, claimed: string): void {
  console.log(`  ${met ? 'ok    ' : 'MISSED'} ${figure}; claimed: ${claimed}`)
  if (!met) process.exitCode = 1
}

/** Runs until the compiler has had its time, and tells how many make a round. */
async function warmUp(contestant: Contestant, measure: Measure): Promise<number> {
  let times = 16
  const end = performance.now() + WARM_UP_MS
  do {
    times = inMs(await rate(contestant, times, measure), ROUND_MS / 10)
  } while (performance.now() < end)
  return times * 10
}

async function rate({ run }: Contestant, times: number, { now }: Measure): Promise<number> {
  const start = now()
  await run(times)
  return (times * 1000) / Math.max(now() - start, 0.001)
}

function inMs(rate: number, ms: number): number {
  return Math.min(Math.max(Math.ceil((rate * ms) / 1000), 16), 1_000_000)
}
