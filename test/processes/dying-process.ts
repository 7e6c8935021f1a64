/**
 * A process that does many acts at once, each over a store of its own that stops at a call of its own, and is killed when
 * none goes on. So one process is a kill in the midst of each of them.
 */
import { writeSync } from 'node:fs'
import mongoose from 'mongoose'
import { apiKeys } from '../../src/index.js'
import { mongooseStore } from '../../src/store/mongoose/index.js'
import { ACTS, type Subject } from './acts.js'
import { dyingStore, type Moment } from './dying-store.js'

/** What the test asks of a process. */
export interface Order {
  readonly uri: string
  readonly database: string
  readonly tasks: readonly Task[]
}
export interface Task {
  /** One of `ACTS`. */
  readonly name: string
  /** The call of the store that it stops at, and when. */
  readonly n: number
  readonly moment: Moment
  readonly subject: Subject
}

/** How far a task came. */
export type Reached = 'stopped' | 'finished' | { readonly failed: string }

/** However long it takes: nothing is so old that another task's sweep takes it for left behind. */
const now = Date.now()
Date.now = () => now

/** Nor does a sweep come by where the machine is slow: what that asks is no call of an act. */
const { setInterval } = globalThis
globalThis.setInterval = ((_: () => void, ms?: number) => setInterval(() => {}, ms)) as typeof setInterval // what sweeps by it

async function main({ uri, database, tasks }: Order): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName: database }).asPromise()
  const shared = mongooseStore(connection)
  const reached = await Promise.all(
    tasks.map(
      ({ name, n, moment, subject }) =>
        new Promise<Reached>(resolve => {
          const store = dyingStore(shared, n, moment, () => resolve('stopped'))
          const done = ACTS[name]?.run(apiKeys({ prefix: 'acme_test', store }), subject)
          done?.then(
            () => resolve('finished'),
            error => resolve({ failed: String(error) }),
          )
        }),
    ),
  )
  writeSync(1, JSON.stringify(reached))
  process.kill(process.pid, 'SIGKILL')
}

void main(JSON.parse(process.argv[2] ?? '') as Order) // written by the test
