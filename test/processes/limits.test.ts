/** A limit over four processes, counted by a real MongoDB server and a real Redis: exact, used up, and cheap. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mongooseStore } from 'sidekey/mongoose'
import { testKeys } from '../support/keys.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import { openRedis, REDIS_TIMEOUT_MS, type TestRedis } from '../support/redis.js'
import type { Counted, LimitedOrder } from './limited-process.js'
import { build, type Program } from './run.js'

const WINDOWS = Number(process.env.SIDEKEY_WINDOWS ?? 4)
const PROCESSES = 4
const POINTS = 600
const PER_MS = 1_000
/** Half as much again as is let in. */
const RATE = (1.5 * POINTS) / PROCESSES
/** The processes start meanwhile: one that is late misses windows. */
const START_MS = 5_000

const BACKENDS = ['MongoDB', 'Redis'] as const
const found = new Map<string, Counted[]>()
let program: Program
let database: TestDatabase
let redis: TestRedis

beforeAll(
  async () => {
    program = build('limited-process.ts')
    database = await openDatabase()
    redis = await openRedis()
    const keys = testKeys({ store: mongooseStore(database.connection) })
    const from = (Math.ceil(Date.now() / PER_MS) + START_MS / PER_MS) * PER_MS
    const run = async (backend: string) => {
      const { token } = await keys.create({
        name: backend,
        owner: { id: 'alice' },
        limits: { requests: { points: POINTS, per: `${PER_MS}ms` } },
      })
      const order: LimitedOrder = {
        uri: database.uri,
        database: database.name,
        token,
        perMs: PER_MS,
        rate: RATE,
        from,
        to: from + WINDOWS * PER_MS,
        ...(backend === 'Redis' && { redis: redis.url }),
      }
      const processes = Array.from({ length: PROCESSES }, () => program.fork(order))
      found.set(backend, await Promise.all(processes.map(answerOf)))
    }
    await Promise.all(BACKENDS.map(run))
  },
  REDIS_TIMEOUT_MS + WINDOWS * PER_MS,
)

afterAll(async () => {
  await database.drop()
  redis.stop()
  program.remove()
})

async function answerOf(child: ChildProcess): Promise<Counted> {
  const [message] = (await once(child, 'message')) as [Counted | { failed: string }]
  if ('failed' in message) throw new Error(message.failed)
  return message
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

describe.each(BACKENDS)(`${POINTS} points a window over four processes, counted by %s`, backend => {
  const counted = () => found.get(backend) ?? []
  /** How many were let in, a window, in the order of the windows. */
  const windows = () => {
    const all = new Map<number, number>()
    for (const { letIn } of counted())
      for (const [end, count] of letIn) all.set(end, (all.get(end) ?? 0) + count)
    return [...all].sort(([a], [b]) => a - b).map(([, count]) => count)
  }

  it('lets in never one more', () => {
    expect(counted()).toHaveLength(PROCESSES)
    expect(counted().flatMap(({ warnings }) => warnings)).toEqual([])
    expect(windows().length).toBeGreaterThan(WINDOWS / 2)
    expect(Math.max(...windows())).toBeLessThanOrEqual(POINTS)
    expect(sum(counted().map(({ astray }) => astray))).toBe(0)
  })

  it('lets in 95 % and more of them, over all windows', () => {
    // The first and the last may be cut off by a few requests.
    const whole = windows().slice(1, -1)
    console.info(
      `${backend}: ${WINDOWS} windows, let in ${Math.min(...whole)} to ${Math.max(...whole)} of ${POINTS}`,
    )
    expect(sum(whole) / whole.length).toBeGreaterThanOrEqual(0.95 * POINTS)
  })

  it('asks where they are counted once in ten verifications at most', () => {
    const commands = sum(counted().map(({ commands }) => commands))
    const verifications = sum(counted().map(({ verifications }) => verifications))
    console.info(`${backend}: ${commands} commands for ${verifications} verifications`)
    expect(commands).toBeLessThanOrEqual(verifications / 10)
  })
})
