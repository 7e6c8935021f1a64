/**
 * The collection of changes: one document, with what processes have told each other. One operation sets its tag and adds
 * the entry, so that no reader finds one without the other.
 */
import type { Connection, Model, mongo } from 'mongoose'
import type { ChangeEntry, SharedChanges } from '../store.js'
import { ownerKey, ownerOf } from './documents.js'
import { isDuplicate } from './guard.js'
import type { Latest } from './latest.js'
import { type LeaseDocument, leasesOn } from './leases.js'
import { modelOf } from './model.js'
import { DURABLE, type On } from './operations.js'

export interface ChangesDocument {
  readonly _id: string
  readonly tag: string
  /** Oldest first. */
  readonly recent: readonly EntryDocument[]
}

interface EntryDocument {
  readonly tag: string
  readonly keyIds: readonly string[]
  /** As `type:id`; left out where there are none. */
  readonly owners?: readonly string[]
}

export function changesModel(connection: Connection, collection: string): Model<ChangesDocument> {
  return modelOf<ChangesDocument>(connection, collection, {
    fields: mixed => ({ _id: { type: String, required: true }, tag: String, recent: [mixed] }),
  })
}

interface Collections {
  readonly onChanges: On<ChangesDocument>
  readonly onLeases: On<LeaseDocument>
  readonly latest: Latest
}

const ID = 'changes'
const KEPT = 512
/** As many such entries fit into one document (16 MiB). */
const MOST_BYTES = 30_000
/** What the fields of an entry, and each string in a list, take besides their text. */
const FIELD_BYTES = 16

export function sharedChanges({ onChanges, onLeases, latest }: Collections): SharedChanges {
  const readOnly = <P extends mongo.Document>(projection: P) =>
    onChanges(collection =>
      latest(options =>
        collection.findOne<Partial<ChangesDocument>>({ _id: ID }, { ...options, projection }),
      ),
    )

  return {
    kind: 'shared',

    async read(most) {
      const found = await readOnly(most > 0 ? { recent: { $slice: -most } } : { tag: 1 })
      return { tag: found?.tag ?? null, recent: (found?.recent ?? []).map(fromEntryDocument) }
    },

    async tags() {
      const found = await readOnly({ 'recent.tag': 1 })
      return (found?.recent ?? []).map(({ tag }) => tag)
    },

    publish: entry =>
      onChanges(async collection => {
        const { tag } = entry
        const added = toEntryDocument(entry)
        // One that is too large takes the place of all: who does not find the tag it knows drops everything.
        const update =
          bytesOf(added) > MOST_BYTES
            ? { $set: { tag, recent: [added] } }
            : { $set: { tag }, $push: { recent: { $each: [added], $slice: -KEPT } } }
        for (;;) {
          const { matchedCount } = await collection.updateOne({ _id: ID }, update, DURABLE)
          if (matchedCount === 1) return
          try {
            // Not an upsert: of upserts at once, some servers tell each that it was the first.
            return void (await collection.insertOne({ _id: ID, tag, recent: [added] }, DURABLE))
          } catch (error) {
            if (!isDuplicate(error)) throw error
          }
        }
      }),

    ...leasesOn(onLeases, latest),
  }
}

function toEntryDocument({ tag, keyIds, owners }: ChangeEntry): EntryDocument {
  return { tag, keyIds: [...keyIds], ...(owners.length > 0 && { owners: owners.map(ownerKey) }) }
}

function fromEntryDocument({ tag, keyIds, owners = [] }: EntryDocument): ChangeEntry {
  return { tag, keyIds, owners: owners.map(ownerOf) }
}

/** About what an entry takes in the document, rather too much than too little. */
function bytesOf({ tag, keyIds, owners = [] }: EntryDocument): number {
  const texts = ['tag', tag, 'keyIds', ...keyIds, 'owners', ...owners]
  return texts.reduce((bytes, text) => bytes + FIELD_BYTES + Buffer.byteLength(text), 0)
}
