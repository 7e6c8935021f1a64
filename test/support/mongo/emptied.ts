import type { Connection } from 'mongoose'
import type { Store } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'

/** A database that one test after another has for its own. */
export interface EmptiedDatabase {
  /** A store over it, empty, and how to put it away. */
  open(): Promise<{ store: Store; close: () => Promise<void> }>
  drop(): Promise<void>
}

/** Their indexes take far longer to make than all else. */
const INDEXED: ReadonlySet<string> = new Set([
  'sidekey_keys',
  'sidekey_audit',
  'sidekey_aliases',
  'sidekey_usage',
])

/**
 * A database that is emptied after each test, which is far quicker than a new one. For tests of a store alone: what an
 * `apiKeys()` still does by timers would be done to the next test's records.
 */
export function emptiedDatabase(connect: () => Promise<Connection>): EmptiedDatabase {
  let opened: Promise<{ connection: Connection; store: Store }> | undefined
  const first = async () => {
    const connection = await connect()
    return { connection, store: mongooseStore(connection) }
  }
  return {
    async open() {
      opened ??= first()
      const { connection, store } = await opened
      return { store: { ...store, close: async () => {} }, close: () => emptied(connection) }
    },
    async drop() {
      if (opened === undefined) return
      const { connection, store } = await opened
      await store.close()
      await connection.dropDatabase()
      await connection.close()
    },
  }
}

/** As a new one is, but for the indexes: collections that have none are not there until they are written to. */
async function emptied({ db }: Connection): Promise<void> {
  if (db === undefined) throw new Error('the connection is open while tests run')
  const found = await db.listCollections({}, { nameOnly: true }).toArray()
  const empty = ({ name }: { name: string }) =>
    INDEXED.has(name) ? db.collection(name).deleteMany({}) : db.dropCollection(name)
  await Promise.all(found.map(empty))
}
