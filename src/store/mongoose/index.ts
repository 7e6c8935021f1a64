import type { Connection, mongo } from 'mongoose'
import { invalidOption } from '../../errors.js'
import { withAdmin } from '../admin.js'
import type { Store } from '../store.js'
import { mongooseAdmin } from './admin.js'
import { type AliasDocument, aliasModel } from './aliases.js'
import { besideKeys } from './beside.js'
import { addedInBulk } from './bulk.js'
import { documentById } from './by-id.js'
import { type ChangesDocument, changesModel, sharedChanges } from './changes.js'
import { counterModel, mongoCounters } from './counters.js'
import { type CreditDocument, creditModel, mongooseCredits } from './credits.js'
import { databaseOf, OPENED } from './database.js'
import { type KeyDocument, ownerKey, readKey, toDocument } from './documents.js'
import { type EventDocument, eventModel } from './events.js'
import { guardFor, isDuplicate } from './guard.js'
import { keyFilter, keyHint, keyModel } from './keys.js'
import { linearizableReads, plainReads } from './latest.js'
import { type LeaseDocument, leaseModel } from './leases.js'
import { DURABLE, hinted, PRIMARY } from './operations.js'
import { claimPipeline, type OwnerDocument, ownerModel } from './owners.js'
import { type UsageDocument, usageModel, usageOfKeys } from './usage.js'
import { type UseDocument, useModel } from './uses.js'

/** The options of {@link mongooseStore}. */
export interface MongooseStoreOptions {
  /** What the names of the collections begin with. Default: `sidekey_`. */
  readonly collectionPrefix?: string
  /** How long an operation may take before it is `STORE_UNAVAILABLE`, in ms. Default: 5000. */
  readonly timeoutMs?: number
  /**
   * Whether the reads that verification rests on (a record, the changes, the leases) are linearizable, where the server is
   * a member of a replica set or a router of a sharded cluster: each waits until a majority of the members has confirmed
   * it, and leaves a small entry in the oplog. Default: `true`.
   *
   * `false` saves that wait, and costs this: for some seconds after a fail-over a primary that has been deposed, and does
   * not know it yet, may answer with what was true before. A process that reads from it may accept a key that has been
   * revoked meanwhile. Where the server has no linearizable reads it is the same, and Node prints a warning once.
   */
  readonly linearizable?: boolean
  /**
   * Whether the indexes are made when the connection opens. `false`: they are made by `npx sidekey migrate`, at a time of your
   * own choosing. Default: `true`.
   */
  readonly autoIndex?: boolean
}

/**
 * Keeps keys in the app's own MongoDB, over the app's own connection and copy of mongoose. Its collections:
 * `sidekey_keys`, `sidekey_audit`, `sidekey_aliases`, `sidekey_last_uses`, `sidekey_usage`, `sidekey_changes`,
 * `sidekey_leases`, `sidekey_limits`, `sidekey_credits` and, with `maxKeysPerOwner`, `sidekey_owners`. Their indexes are made when the connection opens.
 *
 * Works on a standalone server, replica sets and sharded clusters: every write is one operation on one document.
 * Operations go to the driver beneath mongoose, without documents, casting, or the app's plugins in between.
 *
 * @example
 * ```ts
 * const keys = apiKeys({ prefix: 'acme_live', store: mongooseStore(mongoose.connection) })
 * ```
 */
export function mongooseStore(connection: Connection, options: MongooseStoreOptions = {}): Store {
  const { collectionPrefix = 'sidekey_', timeoutMs = 5000, linearizable = true, autoIndex = true } = options
  checkOptions(connection, options)
  const guard = guardFor(timeoutMs)
  const database = databaseOf(connection, timeoutMs)
  const reads = linearizable ? linearizableReads({ connection, database, guard, timeoutMs }) : plainReads
  const { latest } = reads
  const keys = keyModel(connection, `${collectionPrefix}keys`)
  const owners = ownerModel(connection, `${collectionPrefix}owners`)
  const events = eventModel(connection, `${collectionPrefix}audit`)
  const aliases = aliasModel(connection, `${collectionPrefix}aliases`)
  const uses = useModel(connection, `${collectionPrefix}last_uses`)
  const usage = usageModel(connection, `${collectionPrefix}usage`)
  const changes = changesModel(connection, `${collectionPrefix}changes`)
  const credits = creditModel(connection, `${collectionPrefix}credits`)
  const leases = leaseModel(connection, `${collectionPrefix}leases`)
  const limits = counterModel(connection, `${collectionPrefix}limits`)

  /** One operation on a collection, beneath its model. */
  const on = <D extends { _id: string }>({
    collection: { name },
  }: {
    readonly collection: { readonly name: string }
  }) => {
    // Made once a database: the driver works its options out anew for each.
    let known: { readonly db: mongo.Db; readonly collection: mongo.Collection<D> } | undefined
    const collectionOf = (db: mongo.Db) => {
      if (known?.db !== db) known = { db, collection: db.collection<D>(name) }
      return known.collection
    }
    return <T>(operation: (collection: mongo.Collection<D>) => Promise<T>): Promise<T> =>
      guard(async () => operation(collectionOf(await database())))
  }
  const keysName = keys.collection.name
  const onKeys = on<KeyDocument>(keys)
  const onOwners = on<OwnerDocument>(owners)
  const onEvents = on<EventDocument>(events)
  const onAliases = on<AliasDocument>(aliases)
  const onUses = on<UseDocument>(uses)
  const onUsage = on<UsageDocument>(usage)
  const onChanges = on<ChangesDocument>(changes)
  const onCredits = on<CreditDocument>(credits)
  const onLeases = on<LeaseDocument>(leases)

  const { removeUsage, ...counted } = usageOfKeys({ onKeys, onUsage, timeoutMs })

  const indexed = [keys, events, aliases, usage, limits, credits].map(({ schema, collection }) => ({
    collection: collection.name,
    indexes: indexesOf(schema),
  }))
  let indexes: Promise<unknown> | undefined
  const makeIndexes = () => {
    if (!autoIndex) return Promise.resolve()
    // Without a bound of time: on a large collection the server is at it for long.
    const build = async () => {
      const db = await database()
      for (const { collection, indexes } of indexed)
        await db.collection(collection).createIndexes([...indexes])
    }
    indexes ??= build().catch(error => {
      indexes = undefined
      throw error
    })
    return indexes
  }
  const onConnected = () => {
    makeIndexes().catch(error => {
      const ended = connection.readyState !== 1
      if (!ended) process.emitWarning(`sidekey: the indexes could not be made: ${error.message}`)
    })
  }
  for (const event of OPENED) connection.on(event, onConnected)
  if (connection.readyState === 1) onConnected()

  const store: Store = {
    name: 'mongoose',
    counters: mongoCounters({ collection: limits.collection.name, database, guard }),
    changes: sharedChanges({ onChanges, onLeases, latest }),
    credits: mongooseCredits(onCredits),
    ready: () => guard(async () => void (await Promise.all([makeIndexes(), reads.ready()]))),

    insert: key =>
      onKeys(async collection => {
        try {
          await collection.insertOne(toDocument(key), DURABLE)
          return true
        } catch (error) {
          if (isDuplicate(error)) return false
          throw error
        }
      }),

    insertMany: many =>
      many.length === 0
        ? Promise.resolve([])
        : onKeys(collection => addedInBulk(collection, many.map(toDocument))),

    find: id =>
      guard(async () => {
        const db = await database()
        const document = await latest(options => documentById<KeyDocument>(db, keysName, id, options))
        return document === null ? null : readKey(document)
      }),

    replace: (key, ifVersion) =>
      onKeys(async collection => {
        // $set, not a replacement: fields that a newer version of sidekey has added stay as they are.
        const { _id, ...fields } = toDocument(key)
        const result = await collection.updateOne({ _id, version: ifVersion }, { $set: fields }, DURABLE)
        return result.matchedCount === 1
      }),

    rehash: (id, from, to) =>
      onKeys(async collection => {
        const result = await collection.updateOne({ _id: id, hash: from }, { $set: { hash: to } }, DURABLE)
        return result.matchedCount === 1
      }),

    async remove(id, ifVersion) {
      const filter = { _id: id, version: ifVersion }
      const found = await onKeys(collection =>
        collection.findOne(filter, { ...PRIMARY, projection: { _id: 1 } }),
      )
      if (found === null) return false
      await onUses(collection => collection.deleteOne({ _id: id }, DURABLE))
      await removeUsage([id])
      return onKeys(async collection => (await collection.deleteOne(filter, DURABLE)).deletedCount === 1)
    },

    list: query =>
      onKeys(async collection => {
        const find = (options: mongo.FindOptions) =>
          collection.find(keyFilter(query), options).sort({ _id: -1 }).limit(query.limit).toArray()
        return (await hinted(find, keyHint(query))).map(readKey)
      }),

    ...besideKeys({ connection, onKeys, onEvents, onAliases, onUses }),
    ...counted,

    claimSlot: (owner, slot, max) =>
      onOwners(async collection => {
        const options = { ...DURABLE, returnDocument: 'after' } as const
        const filter = { _id: ownerKey(owner) }
        const document = await collection.findOneAndUpdate(filter, claimPipeline(slot, max), options)
        if (document === null) return 'unseeded'
        return document.slots.some(one => one.claim === slot.claim) ? 'claimed' : 'full'
      }),

    seedSlots: (owner, slots) =>
      onOwners(async collection => {
        const update = { $setOnInsert: { slots: slots.map(slot => ({ ...slot })) } }
        try {
          await collection.updateOne({ _id: ownerKey(owner) }, update, { ...DURABLE, upsert: true })
        } catch (error) {
          if (!isDuplicate(error)) throw error // somebody else has just seeded them
        }
      }),

    slots: owner =>
      onOwners(async collection => {
        const document = await collection.findOne({ _id: ownerKey(owner) }, PRIMARY)
        return document === null ? [] : [...document.slots]
      }),

    releaseSlot: (owner, { keyId, claim }) =>
      onOwners(async collection => {
        const update = { $pull: { slots: { keyId, claim } } }
        await collection.updateOne({ _id: ownerKey(owner) }, update, DURABLE)
      }),

    ping: () => guard(async () => void (await (await database()).command({ ping: 1 }))),

    async close() {
      for (const event of OPENED) connection.off(event, onConnected)
      reads.close()
      database.close()
    },
  }
  const names = { keys: keysName, aliases: aliases.collection.name }
  return withAdmin(store, mongooseAdmin({ connection, database, guard, ...names, indexed, linearizable }))
}

/** The indexes of a schema, without what mongoose adds to them. */
function indexesOf(schema: {
  indexes(): [Record<string, unknown>, Record<string, unknown>][]
}): mongo.IndexDescription[] {
  return schema.indexes().map(([key, { sparse, expireAfterSeconds }]) => ({
    key,
    ...(sparse !== undefined && { sparse }),
    ...(expireAfterSeconds !== undefined && { expireAfterSeconds }),
  })) as mongo.IndexDescription[] // as the schemas have it
}

function checkOptions(connection: unknown, options: MongooseStoreOptions): void {
  const {
    collectionPrefix = 'sidekey_',
    timeoutMs = 5000,
    linearizable = true,
    autoIndex = true,
    ...unknown
  } = options
  const faults = Object.keys(unknown).map(path => ({ path, message: 'is not a known option' }))
  const isConnection =
    typeof connection === 'object' &&
    connection !== null &&
    'readyState' in connection &&
    'once' in connection
  if (!isConnection) {
    faults.push({ path: 'connection', message: 'takes a mongoose connection, such as mongoose.connection' })
  }
  if (!/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(collectionPrefix)) {
    faults.push({ path: 'collectionPrefix', message: 'takes letters, digits, "_", "." and "-"' })
  }
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 600_000) {
    faults.push({ path: 'timeoutMs', message: 'takes ms from 1 to 600000' })
  }
  if (typeof linearizable !== 'boolean') {
    faults.push({ path: 'linearizable', message: 'takes true or false' })
  }
  if (typeof autoIndex !== 'boolean') faults.push({ path: 'autoIndex', message: 'takes true or false' })
  if (faults.length > 0) throw invalidOption(faults)
}
