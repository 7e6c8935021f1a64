/** Every sum is served by an index whose range is that of the question: what is out of it is not looked at. */
import type { Collection } from 'mongoose'
import type { UsageFilter } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { aKey } from '../../src/store/contract-data.js'
import { usageFilter, usageHint } from '../../src/store/mongoose/usage.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import { type Plan, readPlan, servedByIndex } from '../support/mongo/plan.js'

const KEYS = 20
const HOURS = 30
const FIRST = 500_000

let database: TestDatabase
let usage: Collection
const keys = Array.from({ length: KEYS }, (_, i) =>
  aKey({ owner: { type: 'user', id: `user ${i % 7}` }, organizationId: `org ${i % 3}` }),
)

beforeAll(async () => {
  database = await openDatabase()
  const store = mongooseStore(database.connection)
  await store.ready()
  for (const key of keys) await store.insert(key)
  const buckets = keys.flatMap(({ id, owner, organizationId }) =>
    Array.from({ length: HOURS }, (_, i) => ({
      ...{ keyId: id, owner, organizationId, hour: FIRST + i },
      counts: { accepted: 1 },
      expireAt: new Date(4e12),
    })),
  )
  await store.addUsage(buckets)
  usage = database.connection.collection('sidekey_usage')
}, 60_000)
afterAll(() => database.drop())

/** What the server does, without what it has only weighed. */
function planOf(explained: unknown): Plan {
  const done = JSON.stringify(explained, (name, value) => (name === 'IndexCosts' ? undefined : value))
  return readPlan(JSON.parse(done))
}

const range = { from: FIRST + 5, to: FIRST + 8 }
const owners = [{ type: 'user', id: 'user 3' }]

it.each<[string, Omit<UsageFilter, 'from' | 'to'>, string]>([
  ['a key', { keyIds: [keys[3]?.id ?? ''] }, 'keyId_1_hour_1'],
  ['several keys', { keyIds: keys.slice(4, 9).map(({ id }) => id) }, 'keyId_1_hour_1'],
  ['an owner', { owners }, 'owner_1_hour_1'],
  ['two owners', { owners: [...owners, { type: 'user', id: 'user 1' }] }, 'owner_1_hour_1'],
  ['an owner in an organisation', { owners, organizationId: 'org 1' }, 'owner_1_hour_1'],
  ['an organisation', { organizationId: 'org 2' }, 'organizationId_1_hour_1'],
  ['everyone', {}, 'hour_1'],
])('the use of keys by %s', async (_what, query, index) => {
  const filter = { ...query, ...range }
  expect(usageHint(filter)).toBe(index)
  const plan = planOf(await usage.find(usageFilter(filter), { hint: index }).explain())
  expect({ served: servedByIndex(plan), indexes: plan.indexes }).toEqual({ served: true, indexes: [index] })
})

it('the server removes what has had its time', async () => {
  expect(await usage.indexes()).toContainEqual(
    expect.objectContaining({ key: { expireAt: 1 }, expireAfterSeconds: 0 }),
  )
})

it('adding to what is there changes no index', async () => {
  const indexed = (await usage.indexes()).flatMap(({ key }) => Object.keys(key))
  expect(indexed.filter(field => field.startsWith('counts'))).toEqual([])
})
