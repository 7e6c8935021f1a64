/** What is kept beside keys: what the audit is told, aliases, and last uses. */
import type { Connection, mongo } from 'mongoose'
import { deepFreeze } from '../../key/record.js'
import type { Alias, Store } from '../store.js'
import { type AliasDocument, fromAliasDocument } from './aliases.js'
import { addedInBulk, inOrder } from './bulk.js'
import type { KeyDocument } from './documents.js'
import { readKey } from './documents.js'
import { type EventDocument, eventFilter, eventHint, fromEventDocument, toEventDocument } from './events.js'
import { goneOf } from './gone.js'
import { isDuplicate, unavailable } from './guard.js'
import { ACKNOWLEDGED, DURABLE, hinted, type On, PRIMARY } from './operations.js'
import { type UseDocument, useUpdate } from './uses.js'

interface Collections {
  readonly connection: Connection
  readonly onKeys: On<KeyDocument>
  readonly onEvents: On<EventDocument>
  readonly onAliases: On<AliasDocument>
  readonly onUses: On<UseDocument>
}

type Beside =
  | 'pending'
  | 'clearOutboxes'
  | 'appendEvents'
  | 'events'
  | 'claimAlias'
  | 'claimAliases'
  | 'findAlias'
  | 'retireAlias'
  | 'releaseAlias'
  | 'recordUses'
  | 'lastUses'
  | 'moveIdleChecks'

export function besideKeys({
  connection,
  onKeys,
  onEvents,
  onAliases,
  onUses,
}: Collections): Pick<Store, Beside> {
  const claimAlias: Store['claimAlias'] = ({ id, ...alias }) =>
    onAliases(async collection => {
      for (;;) {
        try {
          // An insertion, not an upsert: of upserts at once, some servers tell each that it was the first.
          await collection.insertOne({ _id: id, ...alias }, DURABLE)
          return { id, ...alias }
        } catch (error) {
          if (!isDuplicate(error)) throw error
        }
        const known = await collection.findOne({ _id: id }, PRIMARY)
        if (known !== null) return fromAliasDocument(known)
      }
    })

  return {
    pending: (before, limit) =>
      connection.readyState === 1
        ? onKeys(async collection => {
            const found = collection.find({ 'outbox.at': { $lt: before } }, PRIMARY).limit(limit)
            return (await found.toArray()).map(readKey)
          })
        : Promise.reject(unavailable('the connection is not open')),

    clearOutboxes: drained =>
      onKeys(async collection => {
        const pulls = inOrder(drained, ({ keyId }) => keyId).map(({ keyId, eventIds }) => ({
          updateOne: { filter: { _id: keyId }, update: { $pull: { outbox: { id: { $in: eventIds } } } } },
        }))
        // What is not taken out, the sweep takes out: it need not be on disk.
        if (pulls.length > 0) await collection.bulkWrite(pulls as Pulls, ACKNOWLEDGED)
      }),

    appendEvents: added =>
      added.length === 0
        ? Promise.resolve([])
        : onEvents(collection => addedInBulk(collection, added.map(toEventDocument))),

    events: query =>
      onEvents(async collection => {
        const find = (options: mongo.FindOptions) =>
          collection.find(eventFilter(query), options).sort({ _id: -1 }).limit(query.limit).toArray()
        const found = await hinted(find, eventHint(query))
        return found.map(document => deepFreeze(fromEventDocument(document)))
      }),

    claimAlias,

    async claimAliases(wanted) {
      if (wanted.length === 0) return []
      const others = await onAliases(async collection => {
        const documents = wanted.map(({ id, ...alias }) => ({ _id: id, ...alias }))
        const ids = documents.map(({ _id }) => _id)
        const first = new Set(await addedInBulk(collection, documents))
        const rest = ids.filter(id => !first.has(id))
        if (rest.length === 0) return new Map<string, Alias | null>()
        const found = (await collection.find({ _id: { $in: rest } }, PRIMARY).toArray()).map(
          fromAliasDocument,
        )
        const known = new Map(found.map(alias => [alias.id, alias]))
        return new Map(rest.map(id => [id, known.get(id) ?? null]))
      })
      return Promise.all(
        wanted.map(alias => {
          const other = others.get(alias.id)
          if (other === undefined) return alias
          // Gone between the two operations: it is to be had again.
          return other ?? claimAlias(alias)
        }),
      )
    },

    findAlias: id =>
      onAliases(async collection => {
        const known = await collection.findOne({ _id: id }, PRIMARY)
        return known === null ? null : fromAliasDocument(known)
      }),

    retireAlias: (id, keyId) =>
      onAliases(async collection => {
        await collection.updateOne({ _id: id, keyId }, { $set: { retired: true } }, DURABLE)
      }),

    releaseAlias: (id, keyId) =>
      onAliases(async collection => void (await collection.deleteOne({ _id: id, keyId }, DURABLE))),

    recordUses: async noted => {
      if (noted.length === 0) return
      await onUses(async collection => {
        const updates = inOrder(noted, ({ keyId }) => keyId).map(use => ({
          updateOne: { filter: { _id: use.keyId }, update: useUpdate(use), upsert: true },
        }))
        await collection.bulkWrite(updates, ACKNOWLEDGED)
      })
      // Afterwards: of a key that is purged meanwhile, either the purge finds what was written, or this finds the key gone.
      const gone = await goneOf(
        onKeys,
        noted.map(({ keyId }) => keyId),
      )
      if (gone.length > 0) await onUses(collection => collection.deleteMany({ _id: { $in: gone } }, DURABLE))
    },

    lastUses: keyIds =>
      onUses(async collection => {
        const found = await collection.find({ _id: { $in: [...keyIds] } }, PRIMARY).toArray()
        return found.map(({ _id, at, ip }) => ({ keyId: _id, at, ...(ip !== undefined && { ip }) }))
      }),

    moveIdleChecks: checks =>
      onKeys(async collection => {
        const moves = inOrder(checks, ({ keyId }) => keyId).map(({ keyId, at }) => ({
          updateOne: {
            // One that has come to last for ever meanwhile has nothing to be looked at.
            filter: { _id: keyId, 'idle.checkAt': { $type: 'date' } },
            update: { $set: { 'idle.checkAt': at } },
          },
        }))
        // What is not moved, is looked at again.
        if (moves.length > 0) await collection.bulkWrite(moves as Pulls, ACKNOWLEDGED)
      }),
  }
}

/** The driver's type of an update knows nothing of documents within documents. */
type Pulls = mongo.AnyBulkWriteOperation<KeyDocument>[]
