/** The documents of changes and leases in MongoDB. */
import type { Collection } from 'mongoose'
import { mongooseStore } from 'sidekey/mongoose'
import type { ChangeEntry, SharedChanges } from '../../src/store/store.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'

let database: TestDatabase
let changes: SharedChanges
let documents: Collection<{ _id: string; tag?: string; recent?: { tag: string }[] }>

beforeEach(async () => {
  database = await openDatabase()
  const store = mongooseStore(database.connection)
  await store.ready()
  if (store.changes?.kind !== 'shared') throw new Error('this store has shared changes')
  changes = store.changes
  documents = database.connection.collection('sidekey_changes')
})
afterEach(() => database.drop())

const entry = (tag: string, fields: Partial<ChangeEntry> = {}): ChangeEntry => ({
  tag,
  keyIds: ['0V9hF2rQbK3mT7xA'],
  owners: [],
  ...fields,
})

it('keeps one document of changes and one a lease, plain to read', async () => {
  await changes.publish(entry('first', { owners: [{ type: 'user', id: 'a:b' }] }))
  await changes.publish(entry('second'))
  expect(await documents.find().toArray()).toEqual([
    {
      _id: 'changes',
      tag: 'second',
      recent: [
        { tag: 'first', keyIds: ['0V9hF2rQbK3mT7xA'], owners: ['user:a:b'] },
        { tag: 'second', keyIds: ['0V9hF2rQbK3mT7xA'] },
      ],
    },
  ])
  await changes.insertLease({ id: 'node', tag: null, beat: 0, leaseMs: 2000 })
  await changes.renewLease('node', 'second')
  const leases = await database.connection.collection('sidekey_leases').find().toArray()
  expect(leases).toEqual([{ _id: 'node', ackedTag: 'second', beat: 1, leaseMs: 2000 }])
})

it('keeps 512 entries and no more', async () => {
  const recent = Array.from({ length: 512 }, (_, i) => entry(`tag ${i}`))
  await documents.insertOne({ _id: 'changes', tag: 'tag 511', recent } as never)
  await changes.publish(entry('next'))
  const tags = await changes.tags()
  expect(tags).toHaveLength(512)
  expect(tags.slice(0, 1).concat(tags.slice(-2))).toEqual(['tag 1', 'tag 511', 'next'])
})

it('publishes also where the entries together would outgrow a document: a large one takes the place of all', async () => {
  const id = (i: number) => `${i}`.padEnd(256, 'ü')
  const owners = (many: number) => Array.from({ length: many }, (_, i) => ({ type: 'user', id: id(i) }))
  const largestKept = entry('kept', { owners: owners(54) })
  const recent = Array.from({ length: 511 }, () => ({
    tag: 'kept',
    keyIds: largestKept.keyIds,
    owners: largestKept.owners.map(owner => `${owner.type}:${owner.id}`),
  }))
  await documents.insertOne({ _id: 'changes', tag: 'kept', recent } as never)
  await changes.publish(largestKept)
  expect(await changes.tags()).toHaveLength(512)

  const larger = entry('larger', { owners: owners(200) })
  await changes.publish(larger)
  expect(await changes.read(512)).toEqual({ tag: 'larger', recent: [larger] })
})

it('begins anew where the document was taken away', async () => {
  await changes.publish(entry('before'))
  await documents.deleteMany({})
  expect(await changes.read(1)).toEqual({ tag: null, recent: [] })
  await changes.publish(entry('after'))
  expect(await changes.tags()).toEqual(['after'])
})
