/** A server that is killed while credits are spent, and started again: what was told to be spent is spent. */
import mongoose, { type Connection } from 'mongoose'
import { SidekeyError, type Store } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { newKeyId } from '../../src/key/token.js'
import { createCredits } from '../../src/limit/credits.js'
import { type OwnServer, startOwnServer } from '../support/mongo/server.js'

const START = 1_000_000
const AT_ONCE = 8
const KILLS = 2
/** Of requests that are let in, between two kills. */
const GRANTED = 60

let server: OwnServer | undefined
let connection: Connection
let store: Store

beforeAll(async () => {
  server = await startOwnServer(`sidekey-spending-${process.pid}`)
  connection = await mongoose.createConnection(server.uri, { dbName: 'sidekey_spending' }).asPromise()
  store = mongooseStore(connection)
  await store.ready()
}, 120_000)

afterAll(async () => {
  await store.close()
  await connection.close()
  await server?.stop()
})

it('has lost nothing that was told to be spent, nor charged more than was asked for', async () => {
  const key = { id: newKeyId(1), credits: { refill: null, since: new Date() } }
  await store.credits.open(key.id, START, key.credits, new Date())
  const { spend } = createCredits(mongooseStore(connection, { timeoutMs: 1_000 }))
  const codes = new Set<string>()
  let [asked, granted, goesOn] = [0, 0, true]
  let onGranted = () => {}

  async function spendOn(): Promise<void> {
    while (goesOn) {
      asked++
      try {
        const { ok } = await spend(key, 1, Date.now())
        if (ok) granted++
        onGranted()
      } catch (error) {
        codes.add(error instanceof SidekeyError ? error.code : String(error))
      }
    }
  }
  const more = (count: number) =>
    new Promise<void>(resolve => {
      const enough = granted + count
      onGranted = () => {
        if (granted >= enough) resolve()
      }
    })

  const loops = Array.from({ length: AT_ONCE }, spendOn)
  for (let kill = 0; kill < KILLS; kill++) {
    await more(GRANTED)
    await server?.crash()
    await server?.restart()
  }
  await more(GRANTED)
  goesOn = false
  await Promise.all(loops)

  expect([...codes]).toEqual(['STORE_UNAVAILABLE'])
  const balance = (await store.credits.of([key.id]))[0]?.balance ?? Number.NaN
  expect(START - balance).toBeGreaterThanOrEqual(granted)
  expect(START - balance).toBeLessThanOrEqual(asked)
  expect(granted).toBeGreaterThanOrEqual((KILLS + 1) * GRANTED)
}, 120_000)
