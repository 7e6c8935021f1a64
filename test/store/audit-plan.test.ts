/** Every query of the audit is served by an index, and the server removes what has had its time. */
import type { Collection } from 'mongoose'
import { mongooseStore } from 'sidekey/mongoose'
import { newKeyId } from '../../src/key/token.js'
import { aKey, anEvent } from '../../src/store/contract-data.js'
import { eventFilter, eventHint } from '../../src/store/mongoose/events.js'
import { keyFilter } from '../../src/store/mongoose/keys.js'
import type { EventQuery, Store } from '../../src/store/store.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import { type Plan, readPlan, servedByIndex } from '../support/mongo/plan.js'

const EVENTS = 600
const KEYS = 20
const RECORDS = 300
const START = Date.UTC(2026, 0, 1)
/** What has had its time would go while the test looks. */
const FAR_OFF = new Date(4e12)

let database: TestDatabase
let store: Store
let audit: Collection
let records: Collection
const keyIds = Array.from({ length: KEYS }, () => newKeyId(START))

beforeAll(async () => {
  database = await openDatabase()
  store = mongooseStore(database.connection)
  await store.ready()
  audit = database.connection.collection('sidekey_audit')
  const events = Array.from({ length: EVENTS }, (_, i) => {
    const at = START + i * 1000
    const refused = i % 9 === 0 ? ('FORBIDDEN' as const) : null
    const facts = {
      keyId: keyIds[i % KEYS] ?? null,
      actor: { id: `user ${i % 13}`, via: 'session' as const },
      owner: { type: 'user', id: `user ${i % 11}` },
      organizationId: `org ${i % 7}`,
      action: i % 3 === 0 ? ('revoke' as const) : ('update' as const),
    }
    return { ...anEvent({ ...facts, refused }, at), expireAt: refused && FAR_OFF }
  })
  await store.appendEvents(events)

  records = database.connection.collection('sidekey_keys')
  for (let i = 0; i < RECORDS; i++) {
    const gone = { at: new Date(START), by: null, rank: 'owner' as const }
    await store.insert(
      aKey({
        owner: { type: 'user', id: `user ${i % 11}` },
        outbox: i % 60 === 0 ? [anEvent({}, START)] : [],
        deleted: i % 50 === 0 ? gone : null,
        expiresAt: i % 20 === 0 ? new Date(START + i * 1000) : null,
      }),
    )
  }
}, 60_000)
afterAll(() => database.drop())

/** What the server does, without what it has only weighed. */
function planOf(explained: unknown): Plan {
  const done = JSON.stringify(explained, (name, value) => (name === 'IndexCosts' ? undefined : value))
  return readPlan(JSON.parse(done))
}

const owners = [{ type: 'user', id: 'user 3' }]
const from = new Date(START + 100_000)
const to = new Date(START + 200_000)
const before = newKeyId(START + 300_000)

it.each<[string, Omit<EventQuery, 'limit'>, RegExp]>([
  ['a key', { keyId: keyIds[3] ?? '' }, /^keyId_/],
  ['a key, and what more is asked', { keyId: keyIds[3] ?? '', actorId: 'user 4', refused: false }, /^keyId_/],
  ['an owner', { owners }, /^owner_/],
  ['two owners', { owners: [...owners, { type: 'organization', id: 'org 1' }] }, /^owner_/],
  ['an owner and refusals', { owners, refused: true }, /^owner_/],
  ['an owner in an organisation', { owners, organizationId: 'org 3' }, /^owner_/],
  ['an actor', { actorId: 'user 5' }, /^actor\.id_/],
  ['an actor who was refused', { actorId: 'user 5', refused: true }, /^actor\.id_/],
  ['an organisation', { organizationId: 'org 3' }, /^(organizationId_|_id_)/],
  ['an action', { action: 'revoke' }, /^_id_/],
  ['refusals', { refused: true }, /^_id_/],
])('events by %s: all, of a time, and where a page ended', async (_what, query, index) => {
  for (const page of [{}, { from, to }, { before }]) {
    const asked = { ...query, ...page, limit: 20 }
    const hint = eventHint(asked)
    const found = audit.find(eventFilter(asked), hint === undefined ? {} : { hint })
    const plan = planOf(await found.sort({ _id: -1 }).limit(20).explain())
    expect({ served: servedByIndex(plan), plan }).toMatchObject({ served: true })
    expect(plan.indexes).toContainEqual(expect.stringMatching(index))
  }
})

it('everything: the first page, that of a time, and where a page ended', async () => {
  for (const page of [{}, { from, to }, { before }]) {
    const found = audit.find(eventFilter({ ...page, limit: 20 }))
    const plan = planOf(await found.sort({ _id: -1 }).limit(20).explain())
    expect({ served: servedByIndex(plan), plan }).toMatchObject({ served: true })
  }
})

it('what dead processes have left, without a look at records that are at rest', async () => {
  const plan = planOf(
    await records
      .find({ 'outbox.at': { $lt: new Date() } })
      .limit(200)
      .explain(),
  )
  expect({ served: servedByIndex(plan), plan }).toMatchObject({ served: true })
  expect(plan.indexes).toEqual(['outbox.at_1'])
  expect(await records.indexes()).toContainEqual(
    expect.objectContaining({ key: { 'outbox.at': 1 }, sparse: true }),
  )
})

it.each([
  [
    'keys that end soon',
    { statuses: ['active', 'disabled', 'scheduled'], expiresAfter: from, expiresBy: to },
  ],
  ['keys that were deleted long ago', { statuses: ['deleted'], deletedBefore: from }],
] as const)('what the sweep asks for: %s', async (_what, query) => {
  const filter = keyFilter({ ...query, now: START, limit: 200 })
  const plan = planOf(await records.find(filter).sort({ _id: -1 }).limit(200).explain())
  expect({ served: servedByIndex(plan), plan }).toMatchObject({ served: true })
  expect(plan.indexes).toContainEqual(expect.stringMatching(/^(expiresAt|state)_/))
})

it('an event has an end that the server removes it by; one that is kept for ever has none', async () => {
  expect(await audit.indexes()).toContainEqual(
    expect.objectContaining({ key: { expireAt: 1 }, expireAfterSeconds: 0 }),
  )
  const [forEver, untilThen] = [anEvent({}, START + 1e9), anEvent({}, START + 2e9)]
  await store.appendEvents([
    { ...forEver, expireAt: null },
    { ...untilThen, expireAt: FAR_OFF },
  ])
  // The driver's type takes every id for an ObjectId.
  const written = await audit.find({ _id: { $in: [forEver.id, untilThen.id] } as object }).toArray()
  const ends = new Map(written.map(({ _id, ...event }) => [String(_id), event]))
  expect(ends.get(forEver.id)).not.toHaveProperty('expireAt')
  expect(ends.get(untilThen.id)).toHaveProperty('expireAt', FAR_OFF)
})
