/** The collection of balances, a document a key: they change by traffic, so they are not in the record. */
import { hash } from 'node:crypto'
import type { Connection, Model, mongo } from 'mongoose'
import { type CreditAccount, openedAccount, refillsAt } from '../../key/credit-account.js'
import { deepFreeze } from '../../key/record.js'
import type { CreditStore } from '../credit-store.js'
import { inOrder } from './bulk.js'
import { changeStages, type Stage, takeStages } from './credit-pipeline.js'
import { isDuplicate } from './guard.js'
import { modelOf } from './model.js'
import { ACKNOWLEDGED, DURABLE, type On, PRIMARY } from './operations.js'

export interface CreditDocument extends Omit<CreditAccount, 'keyId'> {
  /** The key's id. */
  readonly _id: string
  /** Whether the last that was asked for was taken. */
  readonly granted: boolean
  /** Refunds that have been done, oldest first. */
  readonly refunds: readonly { readonly ref: string; readonly at: Date }[]
  /** When it was made for a record that was not there yet; not there: the record is. */
  readonly opening?: Date
}

export function creditModel(connection: Connection, collection: string): Model<CreditDocument> {
  return modelOf<CreditDocument>(connection, collection, {
    fields: mixed => ({
      _id: { type: String, required: true },
      balance: { type: Number, required: true },
      refill: mixed,
      since: { type: Date, required: true },
      refilled: { type: Number, required: true },
      granted: Boolean,
      refunds: [mixed],
      outbox: [mixed],
      opening: Date,
    }),
    // Sparse: only what waits for something is in them.
    indexes: [
      [{ 'outbox.at': 1 }, { sparse: true }],
      [{ opening: 1 }, { sparse: true }],
    ],
  })
}

/** Refunds are many, and nobody reads them. (A retried operation may answer them all the same.) */
const WITHOUT_REFUNDS = { projection: { refunds: 0 } } as const
/**
 * The driver sends it a second time only with the number of a transaction, by which a replica set or a sharded cluster knows it
 * for the same, and answers what the first has done. To a standalone server it sends nothing twice.
 */
const ONCE = { ...DURABLE, ...WITHOUT_REFUNDS, returnDocument: 'after', promoteLongs: true } as const
const READ = { ...PRIMARY, ...WITHOUT_REFUNDS, promoteLongs: true } as const

export function mongooseCredits(onCredits: On<CreditDocument>): CreditStore {
  const update = (keyId: string, stages: Stage[]) =>
    onCredits(collection => collection.findOneAndUpdate({ _id: keyId }, stages, ONCE))

  return {
    open: (keyId, balance, rule, at) =>
      onCredits(async collection => {
        const { keyId: _id, ...account } = openedAccount(keyId, balance, rule)
        const document = { _id, ...account, granted: false, refunds: [], opening: at }
        try {
          await collection.insertOne(document, DURABLE)
          return true
        } catch (error) {
          if (isDuplicate(error)) return false
          throw error
        }
      }),

    // What is not confirmed, the sweep confirms: it need not be on disk.
    confirm: keyId =>
      onCredits(
        async collection =>
          void (await collection.updateOne(
            { _id: keyId },
            { $unset: { opening: '' } },
            { writeConcern: ACKNOWLEDGED.writeConcern },
          )),
      ),

    unconfirmed: (before, limit) =>
      onCredits(async collection => {
        const options = { ...PRIMARY, projection: { _id: 1 } }
        const found = await collection
          .find({ opening: { $lt: before } }, options)
          .limit(limit)
          .toArray()
        return found.map(({ _id }) => _id)
      }),

    async take(keyId, cost, rule) {
      const document = await update(keyId, takeStages(cost, rule))
      if (document === null) return null
      const { granted: ok, balance } = document
      return { ok, balance, refillsAt: refillsAt(fromCreditDocument(document)) }
    },

    async change(keyId, change, rule, event) {
      const ref = 'ref' in change ? refName(change.ref) : null
      const document = await update(keyId, changeStages(change, ref, rule, event))
      return document && fromCreditDocument(document)
    },

    of: keyIds => found(onCredits, { _id: { $in: [...keyIds] } }, keyIds.length),

    pending: (before, limit) => found(onCredits, { 'outbox.at': { $lt: before } }, limit),

    clear: drained =>
      onCredits(async collection => {
        const pulls = inOrder(drained, ({ keyId }) => keyId).map(({ keyId, eventIds }) => ({
          updateOne: { filter: { _id: keyId }, update: { $pull: { outbox: { id: { $in: eventIds } } } } },
        }))
        // The driver's type of a pull knows nothing of documents within documents.
        const known = pulls as mongo.AnyBulkWriteOperation<CreditDocument>[]
        if (pulls.length > 0) await collection.bulkWrite(known, ACKNOWLEDGED)
      }),

    remove: keyId =>
      onCredits(async collection => {
        const { deletedCount } = await collection.deleteOne(
          { _id: keyId, 'outbox.0': { $exists: false } },
          DURABLE,
        )
        return deletedCount === 1 || (await collection.findOne({ _id: keyId }, READ)) === null
      }),
  }
}

function found(
  onCredits: On<CreditDocument>,
  filter: mongo.Filter<CreditDocument>,
  limit: number,
): Promise<CreditAccount[]> {
  if (limit === 0) return Promise.resolve([])
  return onCredits(async collection =>
    (await collection.find(filter, READ).limit(limit).toArray()).map(fromCreditDocument),
  )
}

function fromCreditDocument(document: CreditDocument): CreditAccount {
  const { _id: keyId, balance, refill, since, refilled, outbox } = document
  return deepFreeze({ keyId, balance, refill, since, refilled, outbox })
}

/** Of one length whatever the app calls its refunds: they are read with each request. */
function refName(ref: string): string {
  return hash('sha256', ref, 'base64url').slice(0, 22)
}
