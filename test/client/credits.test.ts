/** The client's methods for balances. */
import type { KeyClient } from '../../src/client/index.js'
import { alice, root, type TestKeys, testKeys } from '../support/keys.js'
import { failure, losesAnswer, serve, type TestServer } from './support.js'

let keys: TestKeys
let server: TestServer
let client: KeyClient
let id: string
beforeEach(async () => {
  keys = testKeys()
  server = await serve(keys)
  client = server.client(root)
  id = (await keys.create({ name: 'k', owner: { id: 'alice' }, credits: { balance: 10 } })).apiKey.id
})
afterEach(() => server.close())

it('adds, sets and gives back', async () => {
  expect(await client.credits.add(id, 5, { reason: 'order 1' })).toEqual({ balance: 15 })
  expect(await client.credits.set(id, 1)).toEqual({ balance: 1 })
  expect(await client.credits.refund(id, 2, { ref: 'r' })).toEqual({ balance: 3 })
  expect((await client.get(id))?.credits).toMatchObject({ balance: 3, refill: null, refillsAt: null })
  const [first] = (await keys.audit({ keyId: id, action: 'credits', refused: false })).data.slice(-1)
  expect(first).toMatchObject({ reason: 'order 1', actor: { id: 'root' } })
})

it('gives back once, although the first answer was lost', async () => {
  server.faults.push(losesAnswer)
  expect(await client.credits.refund(id, 2, { ref: 'r' })).toEqual({ balance: 12 })
})

it('never adds nor sets a second time', async () => {
  for (const act of [() => client.credits.add(id, 5), () => client.credits.set(id, 15)]) {
    server.faults.push(losesAnswer)
    expect(await failure(act())).toMatchObject({ code: 'NETWORK_ERROR' })
    expect((await client.get(id))?.credits?.balance).toBe(15)
  }
})

it('tells why it was refused', async () => {
  const owner = server.client(alice)
  expect(await failure(owner.credits.add(id, 5))).toMatchObject({ code: 'FORBIDDEN', status: 403 })
  expect(await failure(client.credits.add(id, 0.5))).toMatchObject({ errors: [{ path: 'add' }] })
  expect(await failure(client.credits.add('none', 5))).toMatchObject({ code: 'INVALID_INPUT', status: 0 })
  expect(await failure(client.credits.set(id, Number.NaN))).toMatchObject({
    code: 'INVALID_INPUT',
    status: 0,
  })
})
