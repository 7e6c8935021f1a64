/** Where limits are counted: a collection of its own, whose documents go when their windows are over. */
import type { Connection, Model, mongo } from 'mongoose'
import { type Counters, countersOver, type Limiter } from '../../limit/counters.js'
import type { Database } from './database.js'
import type { Guard } from './guard.js'
import { modelOf } from './model.js'

/** A counter, as rate-limiter-flexible keeps it. */
export interface CounterDocument {
  readonly _id: string
  readonly key: string
  readonly points: number
  readonly expire: Date
}

export function counterModel(connection: Connection, collection: string): Model<CounterDocument> {
  return modelOf<CounterDocument>(connection, collection, {
    fields: () => ({ key: { type: String, required: true }, points: Number, expire: Date }),
    // By its key one is looked for whose insertion has met that of another process.
    indexes: [[{ key: 1 }], [{ expire: 1 }, { expireAfterSeconds: 0 }]],
  })
}

/** A counter that is lost in a fail-over would be a limit exceeded. */
const MAJORITY = { writeConcern: { w: 'majority' } } as const

export function mongoCounters({
  collection,
  database,
  guard,
}: {
  readonly collection: string
  readonly database: Database
  readonly guard: Guard
}): Counters {
  let made: { readonly db: mongo.Db; readonly limiter: Limiter } | undefined

  async function limiter(): Promise<Limiter> {
    const db = await database()
    if (made?.db === db) return made.limiter
    const { RateLimiterMongo } = await import('rate-limiter-flexible')
    const limiter = new RateLimiterMongo({
      // What it asks of a client: `db.collection(name)`, here with a write concern of its own.
      storeClient: { collection: (name: string) => db.collection(name, MAJORITY) },
      tableName: collection,
      keyPrefix: '',
      disableIndexesCreation: true,
      points: 1,
      duration: 1,
    })
    made = { db, limiter }
    return limiter
  }

  // Found by `_id`, of which there is never a second: not by a unique index, which has to be there first.
  const counters = countersOver(limiter, { attrs: name => ({ _id: name }) })
  const add: Counters['add'] = async (name, points, ttlMs) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await counters.add(name, points, ttlMs)
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || !isConflict(error)) throw error
      }
    }
  }
  return { ...counters, add: (name, points, ttlMs) => guard(() => add(name, points, ttlMs)) }
}

const MOST_ATTEMPTS = 5

/**
 * Whether two processes have inserted one counter at once, so that nothing was added for the second. MongoDB has a code for it,
 * which the limiter knows; FerretDB has PostgreSQL's words in their place.
 */
function isConflict(error: unknown): boolean {
  return error instanceof Error && /duplicate key|exclusion constraint/i.test(error.message)
}
