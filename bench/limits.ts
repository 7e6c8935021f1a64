/** What limits cost a verification: in memory, and over MongoDB beside better-auth's. */
import mongoose from 'mongoose'
import { apiKeys, type Limits, memoryStore, type Verification } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { startServer } from '../test/support/mongo/server.js'
import { BETTER_AUTH, betterAuthOnMongo } from './better-auth.js'
import {
  BY_PROCESSOR,
  claim,
  compare,
  figure,
  printMachine,
  repeating,
  sideBySide,
  spread,
  whole,
} from './measure.js'

const KEYS = Number(process.env.BENCH_KEYS ?? 10_000)
const AT_ONCE = 50
const ROUNDS = 3
const WINDOW_MS = 60_000
const TIMES_WITHOUT = 2
const TIMES_FASTER = 50
const REQUEST = { permissions: 'reports:read' } as const
const LIMITS = {
  requests: { points: 1_000_000_000, per: '1m' },
  daily: { points: 1_000_000_000, per: '1d' },
}
const BOTH = { ...REQUEST, limit: 'daily' } as const // and `requests` besides

const isAccepted = (verification: Verification) => verification.ok

async function inMemory(): Promise<void> {
  const keys = open(memoryStore())
  const make = async (limits: Limits) => (await keys.create({ ...KEY, limits })).token
  const [free, limited] = [await make({}), await make(LIMITS)]
  const [without = [], both = []] = await sideBySide('A valid key, from memory', BY_PROCESSOR, [
    repeating('sidekey, without limits', () => keys.verify(free, REQUEST), isAccepted),
    repeating('sidekey, with two limits', () => keys.verify(limited, BOTH), isAccepted),
  ])
  const times = compare(without, both, (a, b) => a / b)
  const claimed = `at most ${TIMES_WITHOUT}`
  claim(times.median <= TIMES_WITHOUT, `${spread(times, two)} times as long with two limits`, claimed)
  await keys.close()
}

async function onMongo(): Promise<void> {
  const server = await startServer('sidekey-bench')
  const dbName = `sidekey_bench_${process.pid}`
  const connection = await mongoose.createConnection(server.uri, { dbName }).asPromise()
  try {
    const keys = open(mongooseStore(connection))
    await keys.ready()
    const tokens: string[] = []
    const make = async () => {
      while (tokens.length < KEYS) tokens.push((await keys.create({ ...KEY, limits: LIMITS })).token)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, make))
    let next = 0
    const verify = () => keys.verify(tokens[next++ % KEYS], BOTH)
    const other = await betterAuthOnMongo({
      uri: server.uri,
      dbName: `${dbName}_other`,
      keys: KEYS,
      limits: true,
    })
    console.log(`\n${whole(KEYS)} keys in turn, over MongoDB (${server.described}), ${AT_ONCE} at once`)
    // Hot: their records are in memory, and how much they are used is known.
    await verifyFor(2 * WINDOW_MS, verify, isAccepted)
    const [theirs, ours]: [number[], number[]] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      theirs.push(await verifyFor(WINDOW_MS / 3, other.verify, ({ valid }) => valid))
      // A whole window, with the turn to the next: permits of all keys are taken anew in it.
      ours.push(await verifyFor(WINDOW_MS, verify, isAccepted))
    }
    console.log(
      `  better-auth ${BETTER_AUTH}, mongo adapter, one limit  ${spread(figure(theirs), whole)} a second`,
    )
    console.log(`  sidekey, with two limits                     ${spread(figure(ours), whole)} a second`)
    const times = compare(ours, theirs, (a, b) => a / b)
    const claimed = `at least ${TIMES_FASTER}`
    claim(times.median >= TIMES_FASTER, `${spread(times, one)} times as many`, claimed)
    await other.close()
    await keys.close()
    await connection.useDb(`${dbName}_other`).dropDatabase()
  } finally {
    await connection.dropDatabase()
    await connection.close()
    await server.stop()
  }
}

/** How many a second, by the clock, where so many calls are under way at a time, as in a server. */
async function verifyFor<T>(
  ms: number,
  work: () => Promise<T>,
  isRight: (answer: T) => boolean,
): Promise<number> {
  const start = performance.now()
  let done = 0
  const worker = async () => {
    while (performance.now() - start < ms) {
      if (!isRight(await work())) throw new Error('a wrong answer')
      done++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return (done * 1000) / (performance.now() - start)
}

const KEY = { name: 'bench', owner: { id: 'alice' }, permissions: ['reports:read'] } as const

function open(store: Parameters<typeof apiKeys>[0]['store']) {
  return apiKeys({
    prefix: 'acme_live',
    store,
    permissions: ['reports:read', 'reports:write'],
    grants: () => ['reports:read', 'reports:write'],
    logger: { warn() {}, error: console.error },
  })
}

const one = (value: number) => value.toFixed(1)
const two = (value: number) => value.toFixed(2)

printMachine()
await inMemory()
await onMongo()
