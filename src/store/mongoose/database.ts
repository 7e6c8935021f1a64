import type { Connection, mongo } from 'mongoose'
import { unavailable } from './guard.js'

/** The driver's own database, as soon as the app's connection has opened. */
export interface Database {
  (): mongo.Db | Promise<mongo.Db>
  /** Listens to the connection no longer. */
  close(): void
}

/**
 * The driver's database beneath a mongoose connection. Operations go to it, not to mongoose's collections: after a
 * server was lost those hold everything back until the driver's next heartbeat, up to ten seconds, while the driver
 * itself tries again within half a second. Before the connection has opened, operations wait for it, for `timeoutMs`
 * at most: what was given up must not run when it opens at last.
 */
export function databaseOf(connection: Connection, timeoutMs: number): Database {
  const waiting = new Set<(db: mongo.Db) => void>()
  const serve = () => {
    const { db } = connection
    if (db === undefined) return
    for (const go of waiting) go(db)
    waiting.clear()
  }
  for (const event of OPENED) connection.on(event, serve)

  const database = () => {
    if (connection.db !== undefined) return connection.db
    return new Promise<mongo.Db>((resolve, reject) => {
      const go = (db: mongo.Db) => {
        clearTimeout(timer)
        resolve(db)
      }
      const timer = setTimeout(() => {
        waiting.delete(go)
        reject(unavailable(`the connection has not opened within ${timeoutMs} ms`))
      }, timeoutMs)
      waiting.add(go)
    })
  }
  const close = () => {
    for (const event of OPENED) connection.off(event, serve)
  }
  return Object.assign(database, { close })
}

/** A connection by `useDb()` tells `connected` before it has its database. */
export const OPENED = ['connected', 'open'] as const
