/** A process that verifies one key evenly, and counts in which windows it was let in. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import mongoose from 'mongoose'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { apiKeys } from '../../src/index.js'
import type { Limiter } from '../../src/limit/counters.js'
import { mongooseStore } from '../../src/store/mongoose/index.js'

export interface LimitedOrder {
  readonly uri: string
  readonly database: string
  /** Where limits are counted; without it, in the database. */
  readonly redis?: string
  readonly token: string
  readonly perMs: number
  /** Requests a second. */
  readonly rate: number
  /** From when to when, in ms since the epoch. */
  readonly from: number
  readonly to: number
}

export interface Counted {
  /** How many were let in, by the end of the window that was drawn on. */
  readonly letIn: ReadonlyMap<number, number>
  readonly verifications: number
  /** Commands to where limits are counted. */
  readonly commands: number
  /** Of those let in, how many were drawn from a window that was neither at their beginning nor at their end. */
  readonly astray: number
  /** What the log was told. */
  readonly warnings: readonly string[]
}

const TURN_MS = 10

async function main({ uri, database, redis, token, perMs, rate, from, to }: LimitedOrder): Promise<Counted> {
  const connection = await mongoose
    .createConnection(uri, { dbName: database, monitorCommands: true })
    .asPromise()
  const warnings: string[] = []
  let commands = 0
  connection.getClient().on('commandStarted', ({ command }) => {
    if (command.findAndModify === 'sidekey_limits') commands++
  })
  const client = redis === undefined ? null : new Redis(redis)
  const keys = apiKeys({
    prefix: 'acme_test',
    store: mongooseStore(connection),
    logger: {
      warn: told => void warnings.push(reasonOf(told)),
      error: told => void warnings.push(reasonOf(told)),
    },
    ...(client !== null && { limiter: counted(client, () => commands++) }),
  })
  const letIn = new Map<number, number>()
  const pending: Promise<void>[] = []
  let astray = 0
  let sent = 0
  async function verify(): Promise<void> {
    const began = Date.now()
    const verification = await keys.verify(token)
    if (!verification.ok) return
    const end = verification.limits.requests?.resetsAt.getTime() ?? 0
    letIn.set(end, (letIn.get(end) ?? 0) + 1)
    if (end <= began || end - perMs > Date.now()) astray++
  }
  await keys.verify(token, { cost: 0 }) // what is made at first use is made
  await sleep(from - Date.now())
  while (Date.now() < to) {
    const due = ((Date.now() - from) * rate) / 1000
    for (; sent < due; sent++) pending.push(verify())
    await sleep(TURN_MS)
  }
  await Promise.all(pending)
  await keys.close()
  await connection.close()
  client?.disconnect()
  return { letIn, verifications: sent, commands, astray, warnings }
}

function reasonOf(told: object): string {
  const { err } = told as { readonly err?: { readonly message?: string; readonly cause?: unknown } } // as the library tells
  return `${err?.message} ${err?.cause ?? ''}`
}

/** A limiter of the app's own, whose calls are counted: each is one command. */
function counted(storeClient: Redis, onCall: () => void): Limiter {
  const limiter = new RateLimiterRedis({ storeClient, points: 1, duration: 1 })
  return {
    penalty(...args) {
      onCall()
      return limiter.penalty(...args)
    },
    reward(...args) {
      onCall()
      return limiter.reward(...args)
    },
  }
}

main(JSON.parse(process.argv[2] ?? '') as LimitedOrder).then(
  counted => process.send?.(counted, () => process.exit()),
  error => process.send?.({ failed: String(error) }, () => process.exit(1)),
)
