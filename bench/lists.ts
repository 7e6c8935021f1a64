/** Lists cost the same however far down: the ten-thousandth page beside the first, on a million keys. */
import mongoose from 'mongoose'
import { type ApiKeys, apiKeys, type ListQuery } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { startServer } from '../test/support/mongo/server.js'
import { BY_CLOCK, claim, compare, printMachine, repeating, sideBySide, spread } from './measure.js'

const KEYS = Number(process.env.BENCH_KEYS ?? 1_000_000)
const PAGE = 20
const DEEP = Number(process.env.BENCH_PAGE ?? 10_000)
const BATCH = 10_000
/** Of ten keys, how many are whose: the ten-thousandth page of an owner needs 200,000 of theirs. */
const OWNERS = ['user:much', 'user:much', 'user:much', 'user:much', 'user:much', 'user:little']

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
  for (const [name, query] of [
    ['everything', {}],
    ['one owner', { owner: { id: 'much' } }],
    ['one organisation', { organizationId: 'acme' }],
    ['one tag', { tag: 'ci' }],
  ] as const satisfies readonly (readonly [string, ListQuery])[]) {
    await firstAndDeep(keys, name, query)
  }
  await keys.close()
} finally {
  await connection.dropDatabase()
  await connection.close()
  await server.stop()
}

async function firstAndDeep(keys: ApiKeys, name: string, query: ListQuery): Promise<void> {
  const cursor = await cursorOfPage(keys, query, DEEP)
  const page = async (at: { cursor?: string }) =>
    (await keys.list({ ...query, ...at, limit: PAGE })).data.length
  const collection = documents()
  const floor = () =>
    collection
      .find({ _id: { $lt: '~' } })
      .sort({ _id: -1 })
      .limit(PAGE + 1)
      .toArray()
  const isPage = (length: number) => length === PAGE
  const rare = async () => (await keys.list({ owner: { id: 'rare' } })).data.length
  const [, first = [], deep = []] = await sideBySide(`A list of ${name}.`, BY_CLOCK, [
    repeating('floor: find, sort, limit by the driver', async () => (await floor()).length - 1, isPage),
    repeating('page 1', () => page({}), isPage),
    repeating(`page ${DEEP.toLocaleString('en')}`, () => page({ cursor }), isPage),
    ...('owner' in query ? [repeating('all of an owner with few keys, the oldest', rare, isPage)] : []),
  ])
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
async function cursorOfPage(keys: ApiKeys, query: ListQuery, page: number): Promise<string> {
  let left = (page - 1) * PAGE
  let cursor: string | null = null
  while (left > 0) {
    const limit = Math.min(100, left)
    const found = await keys.list({ ...query, limit, ...(cursor !== null && { cursor }) })
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
      owner: i + j < PAGE ? 'user:rare' : OWNERS[(i + j) % OWNERS.length],
      organizationId: (i + j) % 2 === 0 ? 'acme' : null,
      tags: (i + j) % 3 === 0 ? ['ci'] : [],
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
