/** A process that verifies tokens, tells when it has, and then goes on until it is told to end. */
import mongoose from 'mongoose'
import { apiKeys } from '../../src/index.js'
import { mongooseStore } from '../../src/store/mongoose/index.js'

export interface CountingOrder {
  readonly uri: string
  readonly database: string
  readonly token: string
  readonly times: number
  /** What the app itself does at `SIGTERM`; default: nothing. */
  readonly listens?: 'and closes' | 'and goes on'
}

async function main({ uri, database, token, times, listens }: CountingOrder): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName: database }).asPromise()
  const keys = apiKeys({ prefix: 'acme_test', store: mongooseStore(connection), coherence: { pollMs: 50 } })
  if (listens === 'and closes') {
    process.once('SIGTERM', async () => {
      await keys.close()
      await connection.close()
      process.disconnect()
      process.exit(7)
    })
  }
  if (listens === 'and goes on') process.once('SIGTERM', () => process.send?.({ still: 'here' }))
  for (let i = 0; i < times; i++) await keys.verify(token)
  process.send?.({ verified: times })
}

main(JSON.parse(process.argv[2] ?? '') as CountingOrder).catch(error =>
  process.send?.({ failed: String(error) }),
)
