import { randomUUID } from 'node:crypto'
import mongoose, { type Connection, type ConnectOptions } from 'mongoose'

/** A database of a test's own, over a connection of its own. */
export interface TestDatabase {
  readonly connection: Connection
  readonly uri: string
  readonly name: string
  /** Drops it and closes the connection. */
  drop(): Promise<void>
}

export function serverUri(): string {
  const uri = process.env.SIDEKEY_TEST_URI
  if (uri === undefined) throw new Error('no server: run the tests by jest, whose global set-up starts one')
  return uri
}

export async function openDatabase(
  options: ConnectOptions = {},
  uri: string = serverUri(),
): Promise<TestDatabase> {
  const name = `sidekey_${randomUUID().slice(0, 8)}`
  const connection = await mongoose.createConnection(uri, { dbName: name, ...options }).asPromise()
  return {
    connection,
    uri,
    name,
    async drop() {
      await connection.dropDatabase()
      await connection.close()
    },
  }
}
