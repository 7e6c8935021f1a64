import mongoose from 'mongoose'
import type { Verification } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { alice, refusal, testKeys } from '../support/keys.js'
import { openDatabase, serverUri } from '../support/mongo/database.js'
import { proxyTo, type TestProxy } from '../support/proxy.js'
import { eventually } from '../support/verify-store.js'

let proxy: TestProxy

beforeEach(async () => {
  proxy = await proxyTo(serverUri())
})
afterEach(() => proxy.close())

it.each(['hang', 'cut'] as const)(
  'answers STORE_UNAVAILABLE within its bound, and serves again, where the server was gone (%s)',
  async how => {
    const database = await openDatabase({ serverSelectionTimeoutMS: 60_000 }, proxy.uri)
    // Made within the usual bound: on a slow machine, making it may take longer than the one that is tested here.
    const maker = testKeys({ store: mongooseStore(database.connection) })
    const { apiKey, token } = await maker.as(alice).create({ name: 'k' })
    await maker.close()
    const keys = testKeys({ store: mongooseStore(database.connection, { timeoutMs: 600 }) })
    await eventually(async () => (await keys.verify(token)).ok)

    proxy[how]()
    expect(await keys.verify(token)).toEqual({
      ok: false,
      code: 'STORE_UNAVAILABLE',
      status: 503,
      retryAfter: 1,
    })
    for (const act of [
      () => keys.get(apiKey.id),
      () => keys.list(),
      () => keys.as(alice).create({ name: 'another' }),
      () => keys.update(apiKey.id, { name: 'n' }),
    ]) {
      expect(await refusal(act())).toMatchObject({ code: 'STORE_UNAVAILABLE', status: 503, retryAfter: 1 })
    }

    proxy.restore()
    // A verification that is refused at once leaves no time for the round that finds the database again.
    let answer: Verification | undefined
    await eventually(async () => {
      answer = await keys.verify(token)
      return answer.ok
    })
    expect(answer).toMatchObject({ ok: true, apiKey: { id: apiKey.id } })
    await keys.close()
    await database.drop()
  },
)

it('answers STORE_UNAVAILABLE, and does not hang, where there never was a server', async () => {
  const connection = mongoose.createConnection('mongodb://127.0.0.1:1/none', {
    serverSelectionTimeoutMS: 1000,
  })
  connection.asPromise().catch(() => {}) // the app's own to handle
  const keys = testKeys({ store: mongooseStore(connection, { timeoutMs: 100 }) })
  expect(await refusal(keys.ready())).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(await refusal(keys.as(alice).create({ name: 'k' }))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await keys.close()
  await connection.close(true)
})
