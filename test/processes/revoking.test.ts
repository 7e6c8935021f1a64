/** Four processes that verify the same keys from memory: none accepts what another's resolved promise took away. */
import type { ChildProcess } from 'node:child_process'
import { apiKeys } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { quiet } from '../support/keys.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import { NARROWING, type Target } from './narrowing.js'
import { build, type Program } from './run.js'
import { inTurns } from './turns.js'
import type { Report, Tells, Told } from './verifying-process.js'

const PROCESSES = 4
const POLL_MS = 250
const IN_FLIGHT = 16
/** Leaves the server some of the processor, which it has to itself in production. */
const PAUSE_MS = 20
const REVOCATIONS = Number(process.env.SIDEKEY_REVOCATIONS ?? 240)

interface Narrowed {
  readonly target: Target
  readonly began: bigint
  readonly resolved: bigint
}

let database: TestDatabase
let program: Program
let workers: ChildProcess[]
let atFullLoad: Narrowed[]
let atSomeLoad: Narrowed[]
let narrowed: Narrowed[]
let reports: Report[]

beforeAll(async () => {
  database = await openDatabase()
  program = build('verifying-process.ts')
  const targets = await createTargets()
  workers = Array.from({ length: PROCESSES }, () =>
    program.fork({ uri: database.uri, database: database.name }),
  )
  const warm = workers.map(worker => answer(worker, told => 'warm' in told))
  for (const worker of workers) tell(worker, { targets })
  await Promise.all(warm)
  const half = REVOCATIONS / 2
  atFullLoad = await inTurns(targets.slice(0, half), IN_FLIGHT, narrow)
  for (const worker of workers) tell(worker, { pauseMs: PAUSE_MS })
  atSomeLoad = await inTurns(targets.slice(half), IN_FLIGHT / 2, narrow)
  narrowed = [...atFullLoad, ...atSomeLoad]
  reports = await Promise.all(workers.map(report))
}, 60_000)

afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL')
  program.remove()
  await database.drop()
})

async function createTargets(): Promise<Target[]> {
  const store = mongooseStore(database.connection)
  const keys = apiKeys({ prefix: 'acme_test', store, logger: quiet, cache: false })
  const acts = Object.keys(NARROWING)
  const numbers = Array.from({ length: REVOCATIONS }, (_, i) => i)
  const targets = await inTurns(numbers, IN_FLIGHT, async n => {
    const owner = `user-${n}`
    const permissions = ['reports:read', 'reports:write']
    const { token, apiKey } = await keys.create({
      name: 'k',
      owner: { type: 'user', id: owner },
      permissions,
    })
    return { id: apiKey.id, token, owner, act: acts[n % acts.length] ?? '' }
  })
  await keys.close()
  return targets
}

const tell = (worker: ChildProcess, told: Told) => worker.send(told)

/** What a process tells that is asked for; fails where it has failed or ended. */
function answer<T extends Tells>(worker: ChildProcess, wanted: (told: Tells) => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    function hear(told: Tells): void {
      if (!wanted(told) && !('failed' in told)) return
      worker.off('message', hear)
      if ('failed' in told) reject(new Error(told.failed))
      else resolve(told as T) // `wanted` has told it from the others
    }
    worker.on('message', hear)
    worker.once('exit', () => reject(new Error('the process has ended')))
    worker.setMaxListeners(0)
  })
}

let turn = 0
async function narrow(target: Target): Promise<Narrowed> {
  const worker = workers[turn++ % PROCESSES]
  if (worker === undefined) throw new Error('no process')
  const done = answer<Extract<Tells, { narrowed: string }>>(
    worker,
    told => 'narrowed' in told && told.narrowed === target.id,
  )
  tell(worker, { narrow: target })
  const { began, resolved } = await done
  return { target, began, resolved }
}

function report(worker: ChildProcess): Promise<Report> {
  const told = answer<Report>(worker, message => 'accepted' in message)
  tell(worker, { report: true })
  return told
}

test('no process accepts a key after the promise that narrowed it has resolved', () => {
  const late = narrowed.flatMap(({ target, resolved }) =>
    reports.flatMap(({ accepted }, process) =>
      (accepted.get(target.id) ?? 0n) > resolved ? [{ process, act: target.act }] : [],
    ),
  )
  expect(late).toEqual([])
  expect(narrowed).toHaveLength(REVOCATIONS)
})

test('every process accepts each key until shortly before, from memory', () => {
  const gaps = narrowed.flatMap(({ target, began }) =>
    reports.map(({ accepted }) => Number(began - (accepted.get(target.id) ?? 0n)) / 1e6),
  )
  expect(Math.max(...gaps)).toBeLessThan(5000)
  for (const { finds, verifications } of reports) expect(finds).toBeLessThan(verifications / 10)
})

test('narrows within twice the time between two polls, with all alive', () => {
  timesOf('full load', atFullLoad)
  // The half of them: how long the slowest take is printed, and depends on what else the machine does.
  expect(timesOf('some load', atSomeLoad).p50).toBeLessThan(2 * POLL_MS)
})

function timesOf(load: string, some: readonly Narrowed[]): { readonly p50: number } {
  const times = some.map(({ began, resolved }) => Number(resolved - began) / 1e6).sort((a, b) => a - b)
  const at = (share: number) => Math.round(times[Math.ceil(times.length * share) - 1] ?? Number.NaN)
  console.log(`${load}, ${times.length} narrowed: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`)
  return { p50: at(0.5) }
}
