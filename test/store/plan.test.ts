/** Every query that a list or a bulk pass makes is served by an index: the server's own plan says so. */
import type { Collection } from 'mongoose'
import { type KeyQuery, memoryStore, type StoredKey } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { keyFilter, keyHint } from '../../src/store/mongoose/keys.js'
import { testKeys } from '../support/keys.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import { readPlan, servedByIndex } from '../support/mongo/plan.js'

const OWNERS = 20
const KEYS = 400
const KINDS = ['secret', 'publishable', 'internal', 'legacy']
const ALL_BUT_DELETED = ['active', 'disabled', 'revoked', 'expired', 'scheduled'] as const

let database: TestDatabase
let collection: Collection
let middle: string

beforeAll(async () => {
  database = await openDatabase()
  const store = mongooseStore(database.connection)
  await store.ready()
  // Made in memory and then laid down: records as they are at rest, without what each change leaves behind on the server.
  const maker = memoryStore()
  const keys = testKeys({ store: maker, kinds: Object.fromEntries(KINDS.map(kind => [kind, {}])) })
  const made: string[] = []
  for (let i = 0; i < KEYS; i += 20) {
    const batch = Array.from({ length: 20 }, (_, j) =>
      keys.create({
        name: `key ${i + j}`,
        owner: { id: `user ${(i + j) % OWNERS}` },
        organizationId: `org ${(i + j) % 7}`,
        tags: [`tag ${(i + j) % 5}`],
        kind: KINDS[(i + j) % KINDS.length] ?? '',
      }),
    )
    made.push(...(await Promise.all(batch)).map(({ apiKey }) => apiKey.id))
  }
  for (const id of made) await store.insert((await maker.find(id)) as StoredKey) // made just now
  middle = made.sort()[KEYS / 2] ?? ''
  collection = database.connection.collection('sidekey_keys')
}, 60_000)
afterAll(() => database.drop())

const plain: KeyQuery = { statuses: ALL_BUT_DELETED, now: Date.now(), limit: 20 }
const owners = [{ type: 'user', id: 'user 3' }]

it.each<[string, Partial<KeyQuery>, RegExp]>([
  ['an owner', { owners }, /^owner_/],
  ['two owners', { owners: [...owners, { type: 'organization', id: 'org 1' }] }, /^owner_/],
  ['an organisation', { organizationId: 'org 1' }, /^organizationId_/],
  ['an owner in an organisation', { owners, organizationId: 'org 3' }, /^(owner|organizationId)_/],
  ['a status', { statuses: ['revoked'] }, /^state_/],
  ['a status that time decides', { statuses: ['expired'] }, /^(state|expiresAt)_/],
  ['an owner and a status', { owners, statuses: ['active'] }, /^(owner|state)_/],
  ['a kind', { kind: 'legacy' }, /^kind_/],
  ['a tag', { tag: 'tag 1' }, /^tags_/],
  ['a parent', { parentId: '0000000000000000' }, /^parentId_/],
])('a query by %s', async (_what, query, index) => {
  for (const page of [{}, { before: middle }]) {
    const asked = { ...plain, ...query, ...page }
    const hint = keyHint(asked)
    const found = collection.find(keyFilter(asked), hint === undefined ? {} : { hint })
    const explained = await found.sort({ _id: -1 }).limit(20).explain()
    const plan = readPlan(explained)
    expect({ served: servedByIndex(plan), plan }).toMatchObject({ served: true })
    expect(plan.indexes).toContainEqual(expect.stringMatching(index))
  }
})

it('a page of everything, the first and by its cursor', async () => {
  for (const page of [{}, { before: middle }]) {
    const filter = keyFilter({ ...plain, ...page })
    const hint = keyHint({ ...plain, ...page })
    const found = collection.find(filter, hint === undefined ? {} : { hint })
    const plan = readPlan(await found.sort({ _id: -1 }).limit(20).explain())
    expect({ served: servedByIndex(plan), plan }).toMatchObject({ served: true })
    expect(plan.indexes).toEqual(['_id_'])
  }
})

it('the check itself tells a query without an index', async () => {
  const plan = readPlan(await collection.find({ description: 'x' }).explain())
  expect(servedByIndex(plan)).toBe(false)
})
