/** The collection of slots, a document an owner: how many keys an owner has, where that is bounded. */
import type { Connection, Model } from 'mongoose'
import type { Slot } from '../store.js'
import { modelOf } from './model.js'

export interface OwnerDocument {
  /** `type:id`. */
  readonly _id: string
  readonly slots: readonly Slot[]
}

export function ownerModel(connection: Connection, collection: string): Model<OwnerDocument> {
  return modelOf<OwnerDocument>(connection, collection, {
    fields: mixed => ({ _id: { type: String, required: true }, slots: [mixed] }),
  })
}

/** Takes or renews a slot in one operation: the server decides, on the document as it then is. */
export function claimPipeline(slot: Slot, max: number): Record<string, unknown>[] {
  const others = { $filter: { input: '$slots', as: 'one', cond: { $ne: ['$$one.keyId', slot.keyId] } } }
  const taken = {
    $concatArrays: [others, [{ keyId: slot.keyId, claim: slot.claim, at: slot.at, version: slot.version }]],
  }
  const hasOne = { $in: [slot.keyId, '$slots.keyId'] }
  const hasRoom = { $lt: [{ $size: '$slots' }, max] }
  return [{ $set: { slots: { $cond: [{ $or: [hasOne, hasRoom] }, taken, '$slots'] } } }]
}
