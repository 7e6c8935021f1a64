import type { Connection, mongo } from 'mongoose'

/** The driver's own database, as soon as the app's connection has opened. */
export type Database = () => mongo.Db | Promise<mongo.Db>

/**
 * The driver's database beneath a mongoose connection. Operations go to it, not to mongoose's collections: after a
 * server was lost those hold everything back until the driver's next heartbeat, up to ten seconds, while the driver
 * itself tries again within half a second. Before the connection has opened, operations wait for it.
 */
export function databaseOf(connection: Connection): Database {
  let opening: Promise<mongo.Db> | undefined
  return () => {
    if (connection.db !== undefined) return connection.db
    opening ??= new Promise(resolve => {
      connection.once('connected', () => {
        opening = undefined
        if (connection.db !== undefined) resolve(connection.db)
      })
    })
    return opening
  }
}
