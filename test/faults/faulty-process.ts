/** A process that can be told to stand still, and works until it is told to end. */
import mongoose from 'mongoose'
import { apiKeys } from '../../src/index.js'
import { mongooseStore } from '../../src/store/mongoose/index.js'

export interface FaultyOrder {
  readonly uri: string
  readonly database: string
  /** Verified over and over. */
  readonly tokens: readonly string[]
}

export type Told = { readonly block: number } | { readonly work: true }

async function main({ uri, database, tokens }: FaultyOrder): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName: database }).asPromise()
  const keys = apiKeys({ prefix: 'acme_test', store: mongooseStore(connection) })
  const answers = async () => {
    const all = await Promise.all(tokens.map(token => keys.verify(token)))
    return all.map(answer => (answer.ok ? 'ok' : answer.code))
  }

  /** What is answered after the loop has stood still: first, to calls that were made before anything else could run, and in the end. */
  async function block(ms: number): Promise<void> {
    const end = performance.now() + ms
    while (performance.now() < end);
    const first = await answers()
    let last = first
    while (last.includes('STORE_UNAVAILABLE')) {
      await new Promise(setImmediate) // what is answered at once leaves no time for what brings the store back
      last = await answers()
    }
    process.send?.({ first, last })
  }

  const acknowledged: string[] = []
  const timesVerified = tokens.map(() => 0)
  let goesOn = true
  async function work(): Promise<void> {
    while (goesOn) {
      const { apiKey } = await keys.create({ name: 'made under load', owner: { id: 'worker' } })
      acknowledged.push(apiKey.id)
      for (const [i, answer] of (await answers()).entries())
        if (answer === 'ok') timesVerified[i] = (timesVerified[i] ?? 0) + 1
    }
  }
  let working: Promise<unknown> = Promise.resolve()
  process.on('message', (told: Told) => {
    if ('block' in told) void block(told.block)
    else working = Promise.all(Array.from({ length: 8 }, work))
  })
  process.once('SIGTERM', async () => {
    goesOn = false
    await working
    const began = performance.now()
    await keys.close()
    const closedIn = performance.now() - began
    await connection.close()
    process.send?.({ acknowledged, timesVerified, closedIn })
    process.disconnect()
  })

  // From memory: found there without asking.
  for (let { hits } = keys.metrics().cache; ; { hits } = keys.metrics().cache) {
    await answers()
    if (keys.metrics().cache.hits === hits + tokens.length) break
  }
  process.send?.('ready')
}

main(JSON.parse(process.argv[2] ?? '') as FaultyOrder).catch(error =>
  process.send?.({ failed: String(error) }),
)
