/**
 * `npm run load -- [--seconds 600] [--keys 100000] [--seed 1]`: four processes at full speed over one server, with every sort of
 * key, while keys are taken away; each answer is held against a model. Ends with 1 where one was wrong, a limit was exceeded, a
 * balance is not exact, or memory grew.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import mongoose from 'mongoose'
import { type ApiKeys, apiKeys, type Metrics, type Store } from '../../src/index.js'
import { mongooseStore } from '../../src/store/mongoose/index.js'
import { createRandom } from '../simulation/random.js'
import { bundle } from '../support/bundle.js'
import { startServer } from '../support/mongo/server.js'
import type { WorkerOrder, WorkerReport } from './worker.js'
import { idOf, keyOf, OPENING, PREFIX, type SortName, sortOf, TIGHT } from './world.js'

const PROCESSES = 4
/** Memory may grow by this part from the second quarter to the last. */
const MEMORY_TREND = 0.02
/** A shorter run still meets keys for the first time, and says of a machine that is shared what it finds, without a claim. */
const LONG_S = 300
/** So many may be refused for now: where all shares a machine, the database is held up at times for longer than a lease lasts. */
const UNANSWERED = 1e-5
const MEMORY_EVERY_MS = 5_000
/** Keys are taken away so many at a time, one after the other. */
const TAKERS = 4
const DOOMED_A_SECOND = 10
const DAY_MS = 86_400_000
const began = Date.now()

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    keys: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
})
const seconds = Number(values.seconds)
const count = Number(values.keys)
const random = createRandom(Number(values.seed))

let failures = 0
function claim(met: boolean, what: string): void {
  console.log(`  ${met ? 'ok    ' : 'FAILED'} ${what}`)
  if (!met) failures++
}

async function fill(store: Store): Promise<void> {
  for (let from = 0; from < count; from += 1_000) {
    const numbers = Array.from({ length: Math.min(1_000, count - from) }, (_, i) => from + i)
    await store.insertMany(numbers.map(keyOf))
    for (const n of numbers.filter(n => sortOf(n) === 'paying')) {
      await store.credits.open(idOf(n), OPENING, { refill: null, since: new Date(0) }, new Date())
      await store.credits.confirm(idOf(n))
    }
  }
}

function numbersOf(sort: SortName): number[] {
  return Array.from({ length: count }, (_, n) => n).filter(n => sortOf(n) === sort)
}

interface Taken {
  readonly n: number
  readonly resolved: bigint
  readonly ms: number
}

/** Takes the doomed away in turn, by every way there is. */
async function takeAway(keys: ApiKeys, doomed: readonly number[], until: number): Promise<Taken[]> {
  const ways = [
    (id: string) => keys.revoke(id),
    (id: string) => keys.delete(id),
    (id: string) => keys.update(id, { enabled: false }),
    (id: string) => keys.rotate(id, { grace: '0s' }),
  ] as const
  // From the front: those are in use.
  const left = [...doomed].reverse()
  const taken: Taken[] = []
  const take = async () => {
    while (performance.now() < until) {
      const n = left.pop()
      if (n === undefined) return
      const began = performance.now()
      await random.pick(ways)(idOf(n))
      taken.push({ n, resolved: process.hrtime.bigint(), ms: performance.now() - began })
      await sleep(Math.max(0, (TAKERS / DOOMED_A_SECOND) * 1_000 - (performance.now() - began)))
    }
  }
  await Promise.all(Array.from({ length: TAKERS }, take))
  return taken
}

interface Sample {
  readonly memory: number
  readonly metrics: Metrics
}

async function sampleOf(worker: ChildProcess): Promise<Sample> {
  worker.send({ memory: true })
  const [sample] = await once(worker, 'message')
  return sample
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0) / numbers.length
}

async function run(): Promise<void> {
  const server = await startServer('sidekey-load')
  const database = `sidekey_load_${process.pid}`
  const connection = await mongoose.createConnection(server.uri, { dbName: database }).asPromise()
  const store = mongooseStore(connection)
  const keys = apiKeys({ prefix: PREFIX, store, cache: false })
  const folder = mkdtempSync(join('node_modules/.cache', 'load-'))
  const workers: ChildProcess[] = []
  try {
    await store.ready()
    await fill(store)
    console.log(`${count} keys, ${seconds} s, ${PROCESSES} processes, ${server.described}`)

    const plain = numbersOf('plain')
    const doomed = plain.slice(0, Math.min(plain.length, seconds * DOOMED_A_SECOND))
    const program = join(folder, 'worker.mjs')
    bundle('test/load/worker.ts', program)
    for (let i = 0; i < PROCESSES; i++) {
      const order: WorkerOrder = { uri: server.uri, database, keys: count, seed: i + 1, doomed }
      const options = { serialization: 'advanced' as const, execArgv: ['--expose-gc'] }
      workers.push(fork(program, [JSON.stringify(order)], options))
    }
    await Promise.all(workers.map(worker => once(worker, 'message')))
    for (const worker of workers) worker.send({ go: true })

    const until = performance.now() + seconds * 1_000
    const taking = takeAway(keys, doomed, until)
    const samples: Sample[][] = workers.map(() => [])
    while (performance.now() < until) {
      await sleep(Math.min(MEMORY_EVERY_MS, (seconds * 1_000) / 20))
      const now = await Promise.all(workers.map(sampleOf))
      for (const [i, sample] of now.entries()) samples[i]?.push(sample)
    }
    const taken = await taking
    const reports = await Promise.all(workers.map(endOf))
    await judge({ reports, taken, samples })
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
    await keys.close()
    await connection.dropDatabase()
    await connection.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }

  async function judge(seen: {
    readonly reports: readonly WorkerReport[]
    readonly taken: readonly Taken[]
    readonly samples: readonly (readonly Sample[])[]
  }): Promise<void> {
    const { reports, taken, samples } = seen
    const verifications = reports.reduce((sum, report) => sum + report.verifications, 0)
    const unavailable = reports.reduce((sum, report) => sum + report.unavailable, 0)
    console.log(
      `  ${Math.round(verifications / seconds).toLocaleString('en')} verifications a second, all together`,
    )
    for (const [i, { latency }] of reports.entries()) {
      const print = (ms: number) => `${ms.toFixed(3)} ms`
      const { p50, p99, p999, max } = latency
      console.log(
        `  process ${i}: p50 ${print(p50)}, p99 ${print(p99)}, p99.9 ${print(p999)}, worst ${print(max)}`,
      )
    }
    const times = taken.map(({ ms }) => ms).sort((a, b) => a - b)
    const at = (share: number) => Math.round(times[Math.floor((times.length - 1) * share)] ?? 0)
    console.log(`  ${taken.length} keys taken away: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`)

    const wrong = reports.flatMap(report => report.wrong)
    claim(
      wrong.length === 0,
      `no answer but what the model says${wrong.slice(0, 5).map(one => `\n           ${one}`)}`,
    )
    const late = taken.flatMap(({ n, resolved }) =>
      reports.filter(({ acceptedAt }) => (acceptedAt[n] ?? 0n) > resolved).map(() => n),
    )
    claim(late.length === 0, `${late.length} keys accepted after they were taken away`)
    claim(
      seconds < LONG_S || unavailable <= verifications * UNANSWERED,
      `${unavailable} verifications of ${verifications.toLocaleString('en')} that could not be answered`,
    )

    const acceptedOf = (n: number) => reports.reduce((sum, { accepted }) => sum + (accepted[n] ?? 0), 0)
    // A window that ends meanwhile lets as many through again.
    const windows = 1 + Math.floor(Date.now() / DAY_MS) - Math.floor(began / DAY_MS)
    const over = numbersOf('tight').filter(n => acceptedOf(n) > TIGHT * windows)
    claim(over.length === 0, `${over.length} of ${numbersOf('tight').length} limits of ${TIGHT} exceeded`)
    const paying = numbersOf('paying')
    const accounts = new Map((await store.credits.of(paying.map(idOf))).map(one => [one.keyId, one.balance]))
    const inexact = paying.filter(n => accounts.get(idOf(n)) !== OPENING - acceptedOf(n))
    claim(inexact.length === 0, `${inexact.length} of ${paying.length} balances not exact`)
    const uses = await Promise.all(paying.slice(0, 20).map(n => keys.usage({ keyId: idOf(n), by: 'day' })))
    const counted = uses.map(({ data }) =>
      data.reduce((sum, { outcomes }) => sum + (outcomes.accepted ?? 0), 0),
    )
    const uncounted = paying.slice(0, 20).filter((n, i) => (counted[i] ?? 0) < acceptedOf(n))
    claim(uncounted.length === 0, `${uncounted.length} of ${counted.length} keys with a use not counted`)

    for (const [i, of] of samples.entries()) {
      const quarter = Math.floor(of.length / 4)
      const before = mean(of.slice(quarter, 2 * quarter).map(({ memory }) => memory))
      const after = mean(of.slice(-quarter).map(({ memory }) => memory))
      const trend = after / before - 1
      const print = `${(after / 2 ** 20).toFixed(1)} MiB, ${(trend * 100).toFixed(2)} % more than in the second quarter`
      claim(seconds < LONG_S || trend <= MEMORY_TREND, `memory of process ${i}: ${print}`)
    }
  }
}

async function endOf(worker: ChildProcess): Promise<WorkerReport> {
  const ended = once(worker, 'exit').then(() => [{ failed: 'a process has ended without its report' }])
  worker.send({ end: true })
  for (;;) {
    const [message] = await Promise.race([once(worker, 'message'), ended])
    if ('verifications' in message) return message
    if ('failed' in message) throw new Error(message.failed)
  }
}

await run()
console.log(failures === 0 ? 'all of it holds' : `${failures} of it do not hold`)
process.exitCode = failures === 0 ? 0 : 1
