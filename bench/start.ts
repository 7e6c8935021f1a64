/** How long `import 'sidekey'` takes beyond what Node itself takes to start, each time in a process of its own. */
import { spawnSync } from 'node:child_process'
import { claim, printMachine } from './measure.js'

const ROUNDS = 30
const MOST_MS = 60
/** In turn, so that whatever else the machine does disturbs all alike. */
const SCRIPTS = {
  node: '',
  sidekey: "import 'sidekey'",
  'sidekey/express': "import 'sidekey/express'",
  'sidekey/mongoose': "import 'sidekey/mongoose'",
  'for scale: zod': "import 'zod'",
  'for scale: express': "import 'express'",
  'for scale: mongoose': "import 'mongoose'",
}
type Name = keyof typeof SCRIPTS
const NAMES = Object.keys(SCRIPTS) as Name[]

interface Start {
  /** Of the processor, over all threads. */
  readonly cpu: number
  /** By the clock, from the start of the process. */
  readonly wall: number
}

printMachine('ms, the least of all rounds and their median')
const starts = new Map<Name, Start[]>(NAMES.map(name => [name, []]))
for (let round = 0; round < ROUNDS; round++) for (const name of NAMES) starts.get(name)?.push(start(name))

const least = (name: Name, by: keyof Start) => Math.min(...of(name, by))
const bare = { cpu: least('node', 'cpu'), wall: least('node', 'wall') }
console.log(`\n${''.padEnd(22)} processor  (median)    clock  (median)`)
for (const name of NAMES) {
  const cells = (['cpu', 'wall'] as const).flatMap(by => [least(name, by), median(of(name, by))])
  console.log(`${name.padEnd(22)} ${cells.map(ms => ms.toFixed(0).padStart(9)).join(' ')}`)
}
const more = least('sidekey', 'cpu') - bare.cpu
// The least of many: what others do on the machine only ever adds.
claim(more < MOST_MS, `${more.toFixed(0)} ms of the processor more than Node alone`, `under ${MOST_MS} ms`)

function of(name: Name, by: keyof Start): number[] {
  return (starts.get(name) ?? []).map(one => one[by])
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function start(name: Name): Start {
  const script = `${SCRIPTS[name]}
const { userCPUTime, systemCPUTime } = process.resourceUsage()
console.log(JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1000, wall: performance.now() }))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  return JSON.parse(stdout) as Start // what the script above prints
}
