/** A process of some version: does to its keys what it is told, and answers. */
import mongoose from 'mongoose'
import { apiKeys, SidekeyError, type Store } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'

export interface Order {
  readonly uri: string
  readonly database: string
}

export interface Call {
  readonly n: number
  /** Of `keys`: `create`, `credits.add`; or `die`. */
  readonly method: string
  readonly args: readonly unknown[]
}

/** As JSON has it. */
export interface Answer {
  readonly n: number
  readonly result?: unknown
  readonly failed?: string
}

const { uri, database }: Order = JSON.parse(process.argv[2] ?? '{}')
const connection = await mongoose.createConnection(uri, { dbName: database }).asPromise()
const real = mongooseStore(connection)
let dies = false
const store: Store = {
  ...real,
  // A record is written, with its event in it; of that the audit is never told by this process.
  appendEvents: events => {
    if (dies) process.kill(process.pid, 'SIGKILL')
    return real.appendEvents(events)
  },
}
const keys = apiKeys({
  prefix: 'rolling',
  store,
  permissions: ['reports:read'],
  grants: () => ['*'],
  maxKeysPerOwner: 10,
  coherence: { pollMs: 50, leaseMs: 1000 },
  logger: { warn: () => {}, error: () => {} },
})

async function answer({ method, args }: Call): Promise<unknown> {
  if (method === 'die') {
    dies = true
    return null
  }
  const [name = '', inner] = method.split('.')
  const face: unknown = inner === undefined ? keys : Reflect.get(keys, name)
  const run = Reflect.get(face as object, inner ?? name) as (...args: readonly unknown[]) => unknown // as the test names it
  return run.apply(face, [...args])
}

process.on('message', async (call: Call) => {
  const told = await answer(call).then(
    (result): Answer => ({ n: call.n, result: result ?? null }),
    (error): Answer => ({ n: call.n, failed: error instanceof SidekeyError ? error.code : String(error) }),
  )
  process.send?.(JSON.parse(JSON.stringify(told)))
})
process.on('disconnect', () => process.exit())
process.send?.({ n: 0 })
