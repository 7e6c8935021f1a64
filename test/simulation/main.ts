/**
 * `npm run simulate -- [--runs 1000000] [--seed 1] [--mutant name]`: runs as many schedules, from that seed on. With a mutant,
 * or with `--mutant all`, until each is caught, and by default from the seed that it has. Ends with 1 where the library accepted
 * something late, or a mutant was not caught. `--liveness` tells how long changes take where nothing is wrong. Each line of what
 * it writes is JSON.
 */
import { parseArgs } from 'node:util'
import { bundle, type Simulation } from './bundle.js'
import type { Counts } from './ledger.js'
import { MUTANTS } from './mutants.js'

export interface Ran {
  /** `null`: the library as it is. */
  readonly mutant: string | null
  readonly schedules: number
  /** The seed of the first schedule in which something was accepted late. */
  readonly caughtBy: number | null
  readonly late: string | null
  readonly counts: Counts
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    mutant: { type: 'string' },
    liveness: { type: 'boolean', default: false },
  },
})
const runs = Number(values.runs)

/** How long changes took, of many seeds, and how much was answered from memory at least. */
export interface Lively {
  readonly name: string
  readonly changes: number
  readonly resolved: number
  readonly longest: number
  readonly mayTake: number
  readonly fromMemory: number
}

const LIVELY_SEEDS = 20

function runLiveness({ LIVENESS }: Simulation): Promise<Lively[]> {
  const seeds = Array.from({ length: LIVELY_SEEDS }, (_, i) => i + 1)
  return new Promise(resolve =>
    setImmediate(() =>
      resolve(
        Object.entries(LIVENESS).map(([name, measure]) => {
          const all = seeds.map(measure)
          return {
            name,
            changes: all.reduce((sum, { changes }) => sum + changes, 0),
            resolved: all.reduce((sum, { took }) => sum + took.length, 0),
            longest: Math.max(...all.flatMap(({ took }) => took)),
            mayTake: Math.min(...all.map(({ mayTake }) => mayTake)),
            fromMemory: Math.min(...all.map(one => one.fromMemory)),
          }
        }),
      ),
    ),
  )
}

/** From a macrotask: within a microtask, as after an `await`, no others can be run. */
function run({ simulate }: Simulation, mutant: string | null, from: number): Promise<Ran> {
  return new Promise(resolve =>
    setImmediate(() => {
      const counts: Counts = {}
      for (let schedules = 1; ; schedules++) {
        const seed = from + schedules - 1
        const { late, counts: these } = simulate(seed)
        for (const [what, times] of Object.entries(these)) {
          const name = what as keyof Counts // of its own keys
          counts[name] = (counts[name] ?? 0) + times
        }
        if (late === null && schedules < runs) continue
        return resolve({ mutant, schedules, caughtBy: late === null ? null : seed, late, counts })
      }
    }),
  )
}

async function runMutant(name: string): Promise<boolean> {
  const mutant = MUTANTS[name]
  if (mutant === undefined)
    throw new Error(`no such mutant; there are: all, ${Object.keys(MUTANTS).join(', ')}`)
  const ran = await run(await bundle(mutant.patches), name, Number(values.seed ?? mutant.seed))
  console.log(JSON.stringify(ran))
  return ran.caughtBy !== null
}

if (values.liveness) {
  for (const lively of await runLiveness(await bundle([]))) console.log(JSON.stringify(lively))
} else if (values.mutant === undefined) {
  const ran = await run(await bundle([]), null, Number(values.seed ?? 1))
  console.log(JSON.stringify(ran))
  if (ran.late !== null) process.exitCode = 1
} else {
  const names = values.mutant === 'all' ? Object.keys(MUTANTS) : [values.mutant]
  for (const name of names) if (!(await runMutant(name))) process.exitCode = 1
}
