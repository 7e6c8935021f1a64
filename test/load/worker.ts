/** A process of the load: verifies keys at random, at full speed, and holds each answer against what it must be. */
import { constants, setPriority } from 'node:os'
import { createHistogram } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import mongoose from 'mongoose'
import { apiKeys } from '../../src/index.js'
import { mongooseStore } from '../../src/store/mongoose/index.js'
import { createRandom } from '../simulation/random.js'
import { type Outcome, PREFIX, SORTS, type SortName, sortOf, tokenOf } from './world.js'

export interface WorkerOrder {
  readonly uri: string
  readonly database: string
  readonly keys: number
  readonly seed: number
  /** Of the keys that are taken away while the load goes on. */
  readonly doomed: readonly number[]
}

export interface WorkerReport {
  readonly verifications: number
  readonly unavailable: number
  /** What was answered that must not be. */
  readonly wrong: readonly string[]
  /** By number: when the last verification of a doomed key began that was accepted, by the clock of the whole machine; 0: none. */
  readonly acceptedAt: BigUint64Array
  /** By number: how often keys of the sorts that are counted were accepted. */
  readonly accepted: Uint32Array
  /** In ms: of a verification, one of each turn. */
  readonly latency: {
    readonly p50: number
    readonly p99: number
    readonly p999: number
    readonly max: number
  }
}

export type WorkerTold = { readonly go: true } | { readonly memory: true } | { readonly end: true }

/** Verifications of one turn: timers and sockets run between two. */
const BATCH = 64
const COUNTED: ReadonlySet<SortName> = new Set(['tight', 'paying'])
const MOST_WRONG = 20
/** So many keys have most of the traffic; the others, one request in 200. */
const HOT = 2_000
const RARE = 1 / 200
/** So many keys a process keeps in memory. */
const KEPT = 3 * HOT
/** All there from the start: each has buffers of its own, and a pool that grows in a bad moment does not shrink again. */
const CONNECTIONS = 50
/** Verifications that wait for the database at most, as requests would. */
const MOST_UNDER_WAY = 1_000

async function main({ uri, database, keys: count, seed, doomed }: WorkerOrder): Promise<void> {
  // The database has a machine of its own, in production.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const connection = await mongoose
    .createConnection(uri, { dbName: database, minPoolSize: CONNECTIONS, maxPoolSize: CONNECTIONS })
    .asPromise()
  const keys = apiKeys({
    prefix: PREFIX,
    store: mongooseStore(connection),
    permissions: ['reports:read', 'reports:write'],
    grants: () => ['reports:read', 'reports:write'],
    // Full before long: what is looked for is memory that grows without a bound.
    cache: { records: KEPT, owners: KEPT },
  })
  const random = createRandom(seed)
  const tokens = Array.from({ length: count }, (_, n) => tokenOf(n))
  const isDoomed = new Set(doomed)
  // Notes by the number of a key, all there from the start: memory that grows is not theirs.
  const gone = new Uint8Array(count)
  const acceptedAt = new BigUint64Array(count)
  const accepted = new Uint32Array(count)
  const wrong: string[] = []
  const latency = createHistogram()
  let verifications = 0
  let unavailable = 0
  let underWay = 0
  let goesOn = true

  /** As traffic is: most of it by few keys. */
  function pick(): number {
    return random.below(random.chance(RARE) ? count : HOT)
  }

  function judge(n: number, began: bigint, code: Outcome): void {
    verifications++
    const sort = sortOf(n)
    const { answer } = SORTS[sort]
    if (code === 'STORE_UNAVAILABLE') unavailable++
    else if (isDoomed.has(n)) judgeDoomed(n, began, code)
    else if (code === answer) {
      if (COUNTED.has(sort)) accepted[n] = (accepted[n] ?? 0) + 1
    } else if (sort !== 'tight' || code !== 'RATE_LIMITED') note(`${sort} ${n}: ${code}, not ${answer}`)
  }

  /** Accepted, until it is refused: from then on refused. */
  function judgeDoomed(n: number, began: bigint, code: Outcome): void {
    if (code === 'ok') {
      acceptedAt[n] = began
      if (gone[n] === 1) note(`doomed ${n}: accepted again`)
    } else if (GONE.has(code)) gone[n] = 1
    else note(`doomed ${n}: ${code}`)
  }

  function note(what: string): void {
    if (wrong.length < MOST_WRONG) wrong.push(what)
  }

  async function verify(n: number): Promise<void> {
    const began = process.hrtime.bigint()
    const verification = await keys.verify(tokens[n], SORTS[sortOf(n)].request)
    judge(n, began, verification.ok ? 'ok' : verification.code)
  }

  function beside(n: number): void {
    underWay++
    verify(n).then(
      () => underWay--,
      error => note(String(error)),
    )
  }

  async function work(): Promise<void> {
    while (goesOn) {
      const began = process.hrtime.bigint()
      await verify(pick())
      latency.record(process.hrtime.bigint() - began || 1n)
      // The rest of a turn goes on beside: what waits for the database holds up nobody.
      for (let i = 0; i < BATCH && underWay < MOST_UNDER_WAY; i++) beside(pick())
      await turn()
    }
  }

  process.on('message', async (told: WorkerTold) => {
    if ('memory' in told) {
      globalThis.gc?.()
      const { heapUsed, external } = process.memoryUsage()
      process.send?.({ memory: heapUsed + external, metrics: keys.metrics() })
    } else if ('go' in told) {
      await work()
    } else {
      goesOn = false
      while (underWay > 0) await turn()
      await keys.close()
      const ms = (at: number) => latency.percentile(at) / 1e6
      const report: WorkerReport = {
        verifications,
        unavailable,
        wrong,
        acceptedAt,
        accepted,
        latency: { p50: ms(50), p99: ms(99), p999: ms(99.9), max: latency.max / 1e6 },
      }
      // All of it is on its way before the channel is closed.
      await new Promise(sent => process.send?.(report, undefined, {}, sent))
      await connection.close()
      process.disconnect()
    }
  })
  // These are in memory before the load begins, as in a process that has run for a while.
  for (let n = 0; n < HOT; n += BATCH)
    await Promise.all(
      tokens.slice(n, n + BATCH).map((token, i) => (COUNTED.has(sortOf(n + i)) ? null : keys.verify(token))),
    )
  process.send?.('ready')
}

const GONE: ReadonlySet<Outcome> = new Set(['KEY_REVOKED', 'KEY_DISABLED', 'KEY_INVALID'])

main(JSON.parse(process.argv[2] ?? '') as WorkerOrder).catch(error => {
  process.send?.({ failed: String(error) })
  process.exitCode = 1
})
