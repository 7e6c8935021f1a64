/** What `sidekey doctor` and `sidekey migrate` ask of the database. */
import type { Connection, mongo } from 'mongoose'
import type { IndexFacts, ServerFacts, StoreAdmin } from '../admin.js'
import type { AliasDocument } from './aliases.js'
import type { Database } from './database.js'
import type { Guard } from './guard.js'
import { isUnsupported } from './latest.js'
import { PRIMARY } from './operations.js'

/** A collection with the indexes that it should have. */
export interface Indexed {
  readonly collection: string
  readonly indexes: readonly mongo.IndexDescription[]
}

interface AdminSources {
  readonly connection: Connection
  readonly database: Database
  readonly guard: Guard
  /** The collection of keys. */
  readonly keys: string
  /** The collection of aliases. */
  readonly aliases: string
  readonly indexed: readonly Indexed[]
  readonly linearizable: boolean
}

export function mongooseAdmin(sources: AdminSources): StoreAdmin {
  const { connection, database, guard, keys, aliases, indexed, linearizable } = sources
  return {
    server: () => guard(async () => factsOf(await database(), { connection, keys, linearizable })),

    indexes: () =>
      guard(async () => {
        const db = await database()
        const found = await Promise.all(indexed.map(one => indexFacts(db, one)))
        return found.flat()
      }),

    // Without a bound of time: on a large collection the server is at it for long.
    async makeIndexes(onDone) {
      const db = await database()
      for (const [i, { collection, indexes }] of indexed.entries()) {
        await db.collection(collection).createIndexes([...indexes])
        onDone(i + 1, indexed.length)
      }
    },

    countKeys: () => guard(async () => (await database()).collection(keys).estimatedDocumentCount()),

    hasImported: () =>
      guard(async () => {
        const db = await database()
        const found = await db.collection<AliasDocument>(aliases).findOne(OF_TOKENS, PRIMARY)
        return found !== null
      }),
  }
}

/** Aliases of tokens that lead to a key: `token:…` and `token-id:…`. By a range of ids, for which the index of ids will do. */
const OF_TOKENS = { _id: { $gte: 'token', $lt: 'tokeo' }, retired: { $ne: true as const } }

async function factsOf(
  db: mongo.Db,
  { connection, keys, linearizable }: Pick<AdminSources, 'connection' | 'keys' | 'linearizable'>,
): Promise<ServerFacts> {
  const [hello, info] = await Promise.all([
    db.command({ hello: 1 }, PRIMARY).catch(() => null),
    db.command({ buildInfo: 1 }, PRIMARY).catch(() => null),
  ])
  const several = hello?.setName !== undefined || hello?.msg === 'isdbgrid'
  return {
    kind: hello === null ? 'unknown' : several ? 'several' : 'standalone',
    version: typeof info?.version === 'string' ? info.version : null,
    library: `mongoose ${connection.base?.version ?? 'of an unknown version'}`,
    time: hello?.localTime instanceof Date ? hello.localTime : null,
    linearizable: linearizable && several && (await readsLinearizably(db, keys)),
  }
}

async function readsLinearizably(db: mongo.Db, keys: string): Promise<boolean> {
  try {
    const options = { ...PRIMARY, readConcern: { level: 'linearizable' }, maxTimeMS: 5_000 } as const
    await db.collection<{ _id: string }>(keys).findOne({ _id: '' }, options)
    return true
  } catch (error) {
    if (isUnsupported(error)) return false
    throw error
  }
}

async function indexFacts(db: mongo.Db, { collection, indexes }: Indexed): Promise<IndexFacts[]> {
  const there = await db
    .collection(collection)
    .listIndexes()
    .toArray()
    .catch(error => {
      if (error instanceof Error && 'code' in error && error.code === NO_SUCH_COLLECTION) return []
      throw error
    })
  const names = new Set(there.map(({ key }) => JSON.stringify(key)))
  return indexes.map(({ key }) => ({
    collection,
    fields: fieldsOf(key as Record<string, unknown>), // as the schemas have it
    isThere: names.has(JSON.stringify(key)),
  }))
}

const NO_SUCH_COLLECTION = 26

function fieldsOf(key: Record<string, unknown>): string {
  return Object.entries(key)
    .map(([field, order]) =>
      order === 1 ? field : `${field} ${order === -1 ? 'descending' : String(order)}`,
    )
    .join(', ')
}
