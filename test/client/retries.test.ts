import { createServer } from 'node:http'
import type { RequestHandler } from 'express'
import type { KeyClient } from '../../src/client/index.js'
import { keyClient } from '../../src/client/index.js'
import { alice, root, type TestKeys, testKeys } from '../support/keys.js'
import { answers, close, failure, hangsUp, listen, losesAnswer, serve, type TestServer } from './support.js'

const ID = '0VbvmdHo9P49d4yC'
let keys: TestKeys
let server: TestServer
let client: KeyClient
beforeEach(async () => {
  keys = testKeys()
  server = await serve(keys)
  client = server.client(root)
})
afterEach(() => server.close())

const busy = (seconds: number | string, status = 503): RequestHandler =>
  answers(status, { 'retry-after': String(seconds) })

async function made(): Promise<string> {
  return (await keys.create({ name: 'k', owner: { id: 'alice' } })).apiKey.id
}

describe('What is tried again', () => {
  it.each([
    ['503 with Retry-After', busy(0)],
    ['503 with a date to try again, which has passed', busy('Wed, 21 Oct 2015 07:28:00 GMT')],
    ['429 with Retry-After', busy(0, 429)],
    ['409 with Retry-After: the same request is under way', busy(0, 409)],
    ['a hang-up', hangsUp],
    ['an answer that was lost', losesAnswer],
  ])('is a read after %s', async (_, fault) => {
    const id = await made()
    server.faults.push(fault)
    expect(await client.get(id)).toMatchObject({ id })
    expect(server.seen).toHaveLength(2)
  })

  it('is a change that is the same twice as once, although only its answer was lost', async () => {
    const [first, second, third] = [await made(), await made(), await made()]
    server.faults.push(losesAnswer)
    expect(await client.revoke(first, { reason: 'leaked' })).toMatchObject({ status: 'revoked', version: 2 })
    server.faults.push(losesAnswer)
    await client.delete(second)
    server.faults.push(losesAnswer)
    expect(await client.restore(second)).toMatchObject({ status: 'active' })
    server.faults.push(losesAnswer)
    expect(await client.revokeAll({ ids: [third] })).toEqual({ revoked: 0, passedOver: [] })
    expect(await keys.get(third)).toMatchObject({ status: 'revoked' })
    expect(server.seen).toHaveLength(8)
  })

  it('is such a change with If-Match: *, which binds it to no version', async () => {
    server.faults.push(losesAnswer)
    expect(await client.revoke(await made(), { ifMatch: '*' })).toMatchObject({ status: 'revoked' })
    expect(server.seen).toHaveLength(2)
  })

  it('is a lookup', async () => {
    server.faults.push(losesAnswer)
    const { apiKey, token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    expect(await client.lookup(token)).toMatchObject({ id: apiKey.id })
  })

  it('is a create, each time with the same idempotency key', async () => {
    server.faults.push(hangsUp, busy(0))
    expect(await server.client(alice).create({ name: 'CI' })).toMatchObject({ replayed: false })
    const sent = server.seen.map(({ headers }) => headers['idempotency-key'])
    expect(sent).toHaveLength(3)
    expect(sent[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(new Set(sent).size).toBe(1)
  })

  it('is each page of an iteration', async () => {
    await made()
    await made()
    server.faults.push(busy(0))
    let count = 0
    for await (const _ of client.listAll({ all: true, limit: 1 })) {
      count++
      server.faults.push(busy(0))
    }
    expect(count).toBe(2)
    expect(server.seen).toHaveLength(4)
  })

  it('takes another idempotency key for another create, and the one that it is given', async () => {
    const own = server.client(alice)
    await own.create({ name: 'CI' })
    await own.create({ name: 'CI' })
    await own.create({ name: 'CI' }, { idempotencyKey: 'order-17' })
    const [first, second, third] = server.seen.map(({ headers }) => headers['idempotency-key'])
    expect(first).not.toBe(second)
    expect(third).toBe('order-17')
  })
})

describe('What is not tried again', () => {
  it.each<[string, (id: string) => Promise<unknown>]>([
    ['an update', id => client.update(id, { name: 'n' })],
    ['a rotation: it would make a second token', id => client.rotate(id)],
    ['a transfer', id => client.transfer(id, { id: 'bob' })],
    ['a purge', id => client.purge(id)],
    ['a verification: it may count', () => client.verify('token')],
    ['a revoke that is bound to a version', id => client.revoke(id, { ifVersion: 1 })],
    ['a delete that is bound to a version', id => client.delete(id, { ifMatch: '"1"' })],
  ])('is %s', async (_, call) => {
    const id = await made()
    for (const fault of [hangsUp, busy(0)]) {
      server.faults.push(fault)
      await failure(call(id))
      expect(server.seen.splice(0)).toHaveLength(1)
    }
  })

  it.each([
    ['503 without Retry-After', answers(503)],
    ['503 with a Retry-After that says nothing', busy('soon')],
    ['502', busy(0, 502)],
    ['500', busy(0, 500)],
  ])('is a read after %s', async (_, fault) => {
    server.faults.push(fault)
    expect((await failure(client.get(ID))).code).toBe('UNEXPECTED_ANSWER')
    expect(server.seen).toHaveLength(1)
  })

  it("is what the app's own function for headers fails with", async () => {
    const calls: string[] = []
    const headers = async () => {
      calls.push('asked')
      throw new Error('the login has expired')
    }
    await expect(server.client(alice, { headers }).list()).rejects.toThrow('the login has expired')
    expect(calls).toEqual(['asked'])
  })
})

describe('Trying again', () => {
  it('ends after three tries, with the last error', async () => {
    server.faults.push(hangsUp, busy(0), busy(0, 429), busy(0))
    expect(await failure(client.get(ID))).toMatchObject({ status: 429, code: 'UNEXPECTED_ANSWER' })
    expect(server.seen).toHaveLength(3)
  })

  it.each([0, 1])('ends after as many more as retries says: %i', async retries => {
    server.faults.push(busy(0), busy(0), busy(0), busy(0))
    await failure(server.client(alice, { retries }).get(ID))
    expect(server.seen).toHaveLength(retries + 1)
  })

  it('does not wait for longer than 30 s: it tells how long it would be', async () => {
    server.faults.push(busy(31))
    expect(await failure(client.get(ID))).toMatchObject({ status: 503, retryAfter: 31 })
    expect(server.seen).toHaveLength(1)
  })

  it('asks for headers anew each time', async () => {
    server.faults.push(busy(0))
    let asked = 0
    const own = server.client(root, { headers: async () => ({ 'x-asked': String(++asked) }) })
    expect((await failure(own.get(ID))).code).toBe('UNAUTHENTICATED')
    expect(server.seen.map(seen => seen.headers['x-asked'])).toEqual(['1', '2'])
  })

  it('ends with the signal, in the midst of its wait', async () => {
    const controller = new AbortController()
    server.faults.push((req, res, next) => {
      busy(20)(req, res, next)
      res.once('finish', () => setTimeout(() => controller.abort(new Error('left the page')), 100))
    })
    await expect(client.get(ID, { signal: controller.signal })).rejects.toThrow('left the page')
    expect(server.seen).toHaveLength(1)
  })

  it('ends with the signal while no answer comes', async () => {
    const controller = new AbortController()
    server.faults.push(() => controller.abort(new Error('left the page')))
    await expect(client.get(ID, { signal: controller.signal })).rejects.toThrow('left the page')
    expect(server.seen).toHaveLength(1)
  })

  it('is of no use where nothing listens: NETWORK_ERROR', async () => {
    const gone = createServer()
    const origin = await listen(gone)
    await close(gone)
    const call = keyClient({ baseUrl: `${origin}/api-keys` }).list()
    expect(await failure(call)).toMatchObject({ status: 0, code: 'NETWORK_ERROR' })
  })
})
