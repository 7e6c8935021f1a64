/**
 * A process that spends the credits of one key, many requests at once: until there are none left, or until it has been
 * answered so often; then it kills itself, with requests in the air.
 */
import { writeSync } from 'node:fs'
import mongoose from 'mongoose'
import { createCredits, type SpendingKey } from '../../src/limit/credits.js'
import { mongooseStore } from '../../src/store/mongoose/index.js'
import { ASKED, GRANTED, REFUSED } from './spending-letters.js'

export interface Order {
  readonly uri: string
  readonly database: string
  readonly key: SpendingKey
  readonly cost: number
  readonly atOnce: number
  /** `null`: it lives until a request is refused. */
  readonly diesAfter: number | null
}

/** What a process that lives tells: it is ready to begin; what it has spent. */
export type Tells = { readonly ready: true } | { readonly granted: number; readonly least: number }

async function main(order: Order): Promise<void> {
  const { uri, database, cost, atOnce, diesAfter } = order
  const connection = await mongoose.createConnection(uri, { dbName: database }).asPromise()
  const { spend } = createCredits(mongooseStore(connection))
  let answered = 0
  let granted = 0
  let least = Number.POSITIVE_INFINITY
  const note = (letter: string) => diesAfter !== null && writeSync(1, letter)

  async function spendAll(): Promise<void> {
    for (;;) {
      note(ASKED)
      const { ok, balance } = await spend(order.key, cost, Date.now())
      note(ok ? GRANTED : REFUSED)
      least = Math.min(least, balance)
      if (ok) granted += cost
      if (++answered === diesAfter) process.kill(process.pid, 'SIGKILL')
      if (!ok && diesAfter === null) return
    }
  }

  if (diesAfter === null) {
    const begun = new Promise(resolve => process.once('message', resolve))
    process.send?.({ ready: true } satisfies Tells)
    await begun
  }
  await Promise.all(Array.from({ length: atOnce }, spendAll))
  process.send?.({ granted, least } satisfies Tells)
  await connection.close()
  process.disconnect?.()
}

void main(JSON.parse(process.argv[2] ?? '', revived) as Order) // written by the test

function revived(name: string, value: unknown): unknown {
  return name === 'since' ? new Date(value as string) : value
}
