/** A connection that opens late, or is made by `useDb()`. */
import mongoose from 'mongoose'
import { mongooseStore } from 'sidekey/mongoose'
import { alice, refusal, testKeys } from '../support/keys.js'
import { openDatabase, serverUri, type TestDatabase } from '../support/mongo/database.js'

let database: TestDatabase

beforeEach(async () => {
  database = await openDatabase()
})
afterEach(() => database.drop())

it('gives up with their time operations that wait for the opening, and never runs them later', async () => {
  const connection = mongoose.createConnection()
  const store = mongooseStore(connection, { timeoutMs: 50 })
  const keys = testKeys({ store })
  const refused = await Promise.all(
    Array.from({ length: 20 }, () => refusal(keys.as(alice).create({ name: 'too early' }))),
  )
  for (const error of refused) expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryAfter: 1 })

  await connection.openUri(serverUri(), { dbName: database.name })
  const patient = testKeys({ store: mongooseStore(connection) })
  const { apiKey } = await patient.as(alice).create({ name: 'in time' })
  expect((await patient.list()).data.map(({ id }) => id)).toEqual([apiKey.id])
  await connection.close()
})

it.each([{}, { useCache: true }])(
  'serves over a database of its own by useDb(), made before it opens: %p',
  async options => {
    const connection = mongoose.createConnection()
    const tenant = connection.useDb(database.name, options)
    const store = mongooseStore(tenant)
    const keys = testKeys({ store })
    const created = keys.as(alice).create({ name: 'k' })
    await connection.openUri(serverUri())
    const { token } = await created
    expect(await keys.verify(token)).toMatchObject({ ok: true })
    await store.ready()
    const indexes = await database.connection.collection('sidekey_keys').indexes()
    expect(indexes.length).toBe(10)
    await connection.close()
  },
)

it('is away while the connection is closed, and serves again when it is opened anew', async () => {
  const connection = await mongoose.createConnection(serverUri(), { dbName: database.name }).asPromise()
  const keys = testKeys({ store: mongooseStore(connection, { timeoutMs: 2_000 }) })
  const { token } = await keys.as(alice).create({ name: 'k' })
  await connection.close()
  expect(await keys.verify(token)).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await connection.openUri(serverUri(), { dbName: database.name })
  // A verification that is refused at once leaves no time for the round that finds the database again.
  while (!(await keys.verify(token)).ok) await new Promise(setImmediate)
  expect(await keys.verify(token)).toMatchObject({ ok: true, apiKey: { name: 'k' } })
  await keys.close()
  await connection.close()
})

it('makes no indexes where it is told to leave them to `sidekey migrate`', async () => {
  const store = mongooseStore(database.connection, { autoIndex: false })
  await store.ready()
  await testKeys({ store }).as(alice).create({ name: 'k' })
  const indexes = await database.connection.collection('sidekey_keys').indexes()
  expect(indexes.map(({ name }) => name)).toEqual(['_id_'])
  await store.close()
})
