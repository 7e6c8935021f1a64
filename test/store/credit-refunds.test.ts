/** For how long a refund is known by its ref, by the clock of the database, and among how many. */
import { memoryStore, type Store } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { newKeyId } from '../../src/key/token.js'
import { anEvent } from '../../src/store/contract-data.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'

const DAY = 86_400_000
const MOST = 10_000
const NEVER = { refill: null, since: new Date(0) }

async function opened(store: Store) {
  const id = newKeyId(1)
  await store.credits.open(id, 0, NEVER, new Date(1))
  const refund = async (ref: string) => {
    const event = anEvent({ keyId: id })
    const account = await store.credits.change(id, { refund: 1, ref }, NEVER, event)
    await store.credits.clear([{ keyId: id, eventIds: [event.id] }])
    return account?.balance
  }
  return { id, refund }
}

describe('mongooseStore', () => {
  let database: TestDatabase
  let store: Store
  beforeAll(async () => {
    database = await openDatabase()
    store = mongooseStore(database.connection)
    await store.ready()
  })
  afterAll(async () => {
    await store.close()
    await database.drop()
  })
  const accounts = () =>
    database.connection.collection<{ _id: string; refunds: unknown[] }>('sidekey_credits')

  it('knows a refund for a year, and keeps it no longer', async () => {
    const { id, refund } = await opened(store)
    for (const ref of ['long ago', 'a year ago', 'now']) await refund(ref)
    const ago = (days: number) => new Date(Date.now() - days * DAY)
    await accounts().updateOne({ _id: id }, { $set: { 'refunds.0.at': ago(367), 'refunds.1.at': ago(365) } })
    expect(await refund('a year ago')).toBe(3)
    expect((await accounts().findOne({ _id: id }))?.refunds).toHaveLength(2)
    expect(await refund('now')).toBe(3)
    expect(await refund('long ago')).toBe(4)
  })

  it('knows the last 10,000 of a key, and takes credits with them there', async () => {
    const { id, refund } = await opened(store)
    await refund('first')
    const others = Array.from({ length: MOST - 1 }, (_, i) => ({ ref: `other ${i}`, at: new Date() }))
    const { refunds = [] } = (await accounts().findOne({ _id: id })) ?? {}
    await accounts().updateOne({ _id: id }, { $set: { refunds: [...refunds, ...others] } })
    expect(await refund('first')).toBe(1)
    expect(await refund('last')).toBe(2)
    expect((await accounts().findOne({ _id: id }))?.refunds).toHaveLength(MOST)
    expect(await refund('last')).toBe(2)
    expect(await store.credits.take(id, 2, NEVER)).toMatchObject({ ok: true, balance: 0 })
    expect(await refund('first')).toBe(1)
  })

  it('reads a key from before there were credits as one without', async () => {
    const keys = database.connection.collection<{ _id: string; version: number }>('sidekey_keys')
    const id = newKeyId(1)
    await keys.insertOne({ _id: id, version: 1, owner: 'user:alice' } as { _id: string; version: number })
    expect((await store.find(id))?.credits).toBeNull()
  })
})

describe('memoryStore', () => {
  beforeEach(() => jest.useFakeTimers())
  afterEach(() => jest.useRealTimers())

  it('knows a refund for a year', async () => {
    const { refund } = await opened(memoryStore())
    await refund('r')
    jest.setSystemTime(Date.now() + 365 * DAY)
    expect(await refund('r')).toBe(1)
    jest.setSystemTime(Date.now() + 2 * DAY)
    expect(await refund('r')).toBe(2)
  })

  it('knows the last 10,000 of a key', async () => {
    const { refund } = await opened(memoryStore())
    for (let i = 0; i <= MOST; i++) await refund(`r${i}`)
    expect(await refund('r1')).toBe(MOST + 1)
    expect(await refund('r0')).toBe(MOST + 2)
  })
})
