/** Lists cost the same however far down: the ten-thousandth page beside the first, on a million keys. */
import mongoose from 'mongoose'
import { type ApiKeys, apiKeys, type KeyQuery, type KeyStatus, type Store } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { startServer } from '../test/support/mongo/server.js'
import {
  BY_CLOCK,
  claim,
  compare,
  printMachine,
  type Rates,
  repeating,
  sideBySide,
  spread,
} from './measure.js'

const KEYS = Number(process.env.BENCH_KEYS ?? 1_000_000)
const PAGE = 20
const DEEP = Number(process.env.BENCH_PAGE ?? 10_000)
const BATCH = 10_000
const ONCE_A_ROUND = 5
/** One key in four matches each filter: the ten-thousandth page of one needs 200,000 keys that do. */
const MATCHING = 4
/** Among a million beside among a few, at most. */
const FLAT = 1.2
const ALL: readonly KeyStatus[] = ['active', 'disabled', 'revoked', 'expired', 'scheduled']

printMachine()
const server = await startServer('bench-lists')
const connection = await mongoose
  .createConnection(server.uri, { dbName: `sidekey_bench_${process.pid}` })
  .asPromise()
try {
  const store = mongooseStore(connection)
  await store.ready()
  const keys = apiKeys({ prefix: 'acme_test', store })
  console.log(`server: ${server.described}; ${KEYS.toLocaleString('en')} keys, pages of ${PAGE}`)
  await fill(keys)
  await firstSight(store)
  await sizes()
  await pages(keys)
  await filtered(store, 'one owner', { owners: [{ type: 'user', id: 'much' }] }, { owner: 'user:much' })
  await filtered(store, 'one organisation', { organizationId: 'acme' }, { organizationId: 'acme' })
  await filtered(store, 'one tag', { tag: 'ci' }, { tags: 'ci' })
  await keys.close()
} finally {
  await connection.dropDatabase()
  await connection.close()
  await server.stop()
}

/** Of a key among so many, beside the same among a few. */
async function firstSight(store: Store): Promise<void> {
  const few = await mongoose.createConnection(server.uri, { dbName: `${connection.name}_few` }).asPromise()
  try {
    const [, among = [], alone = []] = await sideBySide('The first sight of a key.', BY_CLOCK, [
      floor({}),
      await seeing(`among ${KEYS.toLocaleString('en')}`, store),
      await seeing('among a few', mongooseStore(few)),
    ])
    const times = compare(alone, among, (a, b) => a / b)
    const print = (value: number) => value.toFixed(2)
    claim(times.median <= FLAT, `${spread(times, print)} times as long among all`, `at most ${FLAT}`)
  } finally {
    await few.dropDatabase()
    await few.close()
  }
}

async function seeing(name: string, store: Store) {
  await store.ready()
  const keys = apiKeys({ prefix: 'acme_test', store, cache: false })
  const { token } = await keys.create({ name: 'seen', owner: { id: 'seer' } })
  return repeating(
    name,
    () => keys.verify(token),
    ({ ok }) => ok,
  )
}

/** What the keys and their indexes take on disk. */
async function sizes(): Promise<void> {
  const told = (await connection.db?.command({ collStats: 'sidekey_keys' })) as {
    storageSize: number
    indexSizes: Record<string, number>
  } // what the command answers
  const print = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`
  console.log(`\nOn disk: the records ${print(told.storageSize)}, their indexes`)
  for (const [index, bytes] of Object.entries(told.indexSizes))
    console.log(`  ${index.padEnd(60)} ${print(bytes)}`)
}

/** The whole way, by cursors: everything that there is. */
async function pages(keys: ApiKeys): Promise<void> {
  const cursor = await cursorOfPage(keys, DEEP)
  const page = async (at: { cursor?: string }) => (await keys.list({ ...at, limit: PAGE })).data.length
  const rare = async () => (await keys.list({ owner: { id: 'rare' } })).data.length
  const [, first = [], deep = []] = await sideBySide('A list of everything.', BY_CLOCK, [
    floor({}),
    repeating('page 1', () => page({}), isPage),
    repeating(`page ${DEEP.toLocaleString('en')}`, () => page({ cursor }), isPage),
    repeating('all keys of an owner with few, the oldest', rare, isPage),
  ])
  claimFlat(first, deep)
}

/** The store's part, where the walk by cursors would take too long: what is left out is the same for both pages. */
async function filtered(
  store: Store,
  name: string,
  query: Partial<KeyQuery>,
  filter: Record<string, unknown>,
): Promise<void> {
  const skipped = documents()
    .find(filter)
    .sort({ _id: -1 })
    .skip((DEEP - 1) * PAGE - 1)
  const before = (await skipped.limit(1).toArray())[0]?._id
  if (before === undefined) throw new Error(`there is no page ${DEEP} of ${name}`)
  const page = async (at: Partial<KeyQuery>) =>
    (await store.list({ statuses: ALL, now: Date.now(), limit: PAGE, ...query, ...at })).length
  console.log(`\nThe store's list of ${name}. ${ONCE_A_ROUND} rounds of one page each: they may take long`)
  const contestants = [
    floor(filter),
    repeating('page 1', () => page({}), isPage),
    repeating(`page ${DEEP.toLocaleString('en')}`, () => page({ before }), isPage),
  ]
  const rates: number[][] = contestants.map(() => [])
  for (let round = 0; round < ONCE_A_ROUND; round++) {
    for (const [i, { run }] of contestants.entries()) {
      const started = BY_CLOCK.now()
      await run(1)
      rates[i]?.push(1000 / (BY_CLOCK.now() - started))
    }
  }
  for (const [i, one] of contestants.entries()) {
    console.log(`  ${one.name.padEnd(44)} ${BY_CLOCK.print(rates[i] ?? [])}`)
  }
  const [, first = [], deep = []] = rates
  claimFlat(first, deep)
}

function isPage(length: number): boolean {
  return length === PAGE
}

/** What the server takes for it, without sidekey. */
function floor(filter: Record<string, unknown>) {
  const find = () => documents().find(filter).sort({ _id: -1 }).limit(PAGE).toArray()
  return repeating('floor: the same find by the driver', async () => (await find()).length, isPage)
}

function claimFlat(first: Rates, deep: Rates): void {
  // Rates: more is faster.
  const ratio = compare(first, deep, (one, other) => one / other)
  claim(
    ratio.median <= 1.2,
    `${spread(ratio, value => value.toFixed(2))} times the first page`,
    'at most 1.2',
  )
}

function documents() {
  const { db } = connection
  if (db === undefined) throw new Error('the connection is not open')
  return db.collection<{ _id: string; [field: string]: unknown }>('sidekey_keys')
}

/** Walks there by hundreds: what a cursor leads to does not depend on the size of the pages before it. */
async function cursorOfPage(keys: ApiKeys, page: number): Promise<string> {
  let left = (page - 1) * PAGE
  let cursor: string | null = null
  while (left > 0) {
    const limit = Math.min(100, left)
    const found = await keys.list({ limit, ...(cursor !== null && { cursor }) })
    cursor = found.nextCursor
    left -= limit
    if (cursor === null) throw new Error(`there is no page ${page}`)
  }
  return cursor ?? ''
}

/** Lays down copies of one record, each with an id, an owner and a tag of its own. */
async function fill(keys: ApiKeys): Promise<void> {
  const { apiKey } = await keys.create({ name: 'a key', owner: { id: 'much' }, organizationId: 'acme' })
  const collection = documents()
  const template = await collection.findOne({ _id: apiKey.id })
  if (template === null) throw new Error('the first key is not there')
  const started = performance.now()
  for (let i = 0; i < KEYS; i += BATCH) {
    const documents = Array.from({ length: Math.min(BATCH, KEYS - i) }, (_, j) => ({
      ...template,
      _id: `${idTime(i + j)}${String(i + j).padStart(8, '0')}`,
      owner: i + j < PAGE ? 'user:rare' : (i + j) % MATCHING === 0 ? 'user:much' : `user:${(i + j) % 5000}`,
      organizationId: (i + j) % MATCHING === 1 ? 'acme' : null,
      tags: (i + j) % MATCHING === 2 ? ['ci'] : [],
    }))
    await collection.insertMany(documents, { ordered: false })
    if (i % 100_000 === 0) console.error(`  ${i.toLocaleString('en')} keys laid down`)
  }
  const seconds = (performance.now() - started) / 1000
  console.log(`laid down in ${seconds.toFixed(0)} s`)
}

/** Eight digits that rise with time: copies are older than the key that they are copies of. */
function idTime(index: number): string {
  return `0V${String(Math.floor(index / 1000)).padStart(6, '0')}`
}
