import express from 'express'
import { keyRouter } from 'sidekey/express'
import { type KeyClientOptions, keyClient } from '../../src/client/index.js'
import { alice, type TestKeys, testKeys } from '../support/keys.js'
import { failure, login, loginOf, serve, type TestServer } from './support.js'

let keys: TestKeys
let server: TestServer
beforeEach(async () => {
  keys = testKeys()
  server = await serve(keys)
})
afterEach(() => server.close())

const address = 'https://app.example.com/api-keys'

describe('A wrong option', () => {
  it.each<[string, object]>([
    ['baseUrl', {}],
    ['baseUrl', { baseUrl: '' }],
    ['baseUrl', { baseUrl: 'api-keys' }],
    ['baseUrl', { baseUrl: '//evil.example/api-keys', fetch }],
    ['baseUrl', { baseUrl: '/\\evil.example', fetch }],
    ['baseUrl', { baseUrl: '/api-keys?a=b', fetch }],
    ['baseUrl', { baseUrl: 'ftp://app.example.com/api-keys' }],
    ['baseUrl', { baseUrl: 'https://me:secret@app.example.com/api-keys' }],
    ['baseUrl', { baseUrl: `${address}?a=b` }],
    ['baseUrl', { baseUrl: `${address}#a` }],
    ['headers', { baseUrl: address, headers: 'authorization: me' }],
    ['headers', { baseUrl: address, headers: null }],
    ['fetch', { baseUrl: address, fetch: {} }],
    ['credentials', { baseUrl: address, credentials: 'omit' }],
    ['retries', { baseUrl: address, retries: -1 }],
    ['retries', { baseUrl: address, retries: 1.5 }],
    ['retries', { baseUrl: address, retries: 11 }],
    ['timeout', { baseUrl: address, timeout: 1000 }],
  ])('is told at once, by its name: %s of %j', (name, options) => {
    const wrong = options as KeyClientOptions // what a program without types may come to hand over
    expect(() => keyClient(wrong)).toThrow(new RegExp(`^sidekey/client: ${name}: (takes|is) `))
  })

  it('is a path outside of browsers, where it is below nothing', () => {
    expect(() => keyClient({ baseUrl: '/api-keys' })).toThrow('takes an address')
  })

  it("is none where a fetch of the app's own knows where a path is", async () => {
    const client = keyClient({
      baseUrl: '/api-keys/',
      headers: loginOf(alice),
      fetch: (url, init) => fetch(server.origin + url, init),
    })
    expect(await client.list({ limit: 1 })).toEqual({ data: [], nextCursor: null })
  })
})

describe('Headers', () => {
  const own = loginOf(alice)

  it('are asked for at each request, synchronously or not', async () => {
    let n = 0
    const sync = server.client(alice, { headers: () => ({ ...own, 'x-n': String(++n) }) })
    const async = server.client(alice, { headers: async () => ({ ...own, 'x-n': String(++n) }) })
    await sync.list()
    await async.list()
    await async.list()
    expect(server.seen.map(({ headers }) => headers['x-n'])).toEqual(['1', '2', '3'])
  })

  it('are left out where they are undefined', async () => {
    await server.client(alice, { headers: { ...own, 'x-csrf-token': undefined } }).list()
    expect(server.seen[0]?.headers).not.toHaveProperty('x-csrf-token')
  })

  it("do not get in the way of the client's own, however they are written", async () => {
    const headers = { ...own, 'Content-Type': 'text/plain', ACCEPT: 'text/html', 'If-Match': '"9"' }
    const client = server.client(alice, { headers })
    const { apiKey } = await client.create({ name: 'k' })
    expect(await client.update(apiKey.id, { name: 'n' }, { ifVersion: 1 })).toMatchObject({ name: 'n' })
  })

  it('let a program manage keys by a key', async () => {
    const { token } = await keys.create({
      name: 'manager',
      owner: { id: 'alice' },
      permissions: ['api-keys:*'],
    })
    const client = server.client(alice, { headers: { 'X-API-Key': token } })
    const { data } = await client.list()
    expect(data.map(({ name }) => name)).toEqual(['manager'])
  })
})

describe('The place of the router', () => {
  it.each(['', '/', '//'])('is the same with %j at its end', async end => {
    const client = server.client(alice, { baseUrl: `${server.origin}/api-keys${end}` })
    const { apiKey } = await client.create({ name: 'k' })
    expect(await client.get(apiKey.id)).toMatchObject({ name: 'k' })
    expect((await client.list({ limit: 1 })).data).toHaveLength(1)
  })

  it.each([
    ['by an address', (origin: string) => ({ baseUrl: origin })],
    [
      'by a path',
      (origin: string) => ({
        baseUrl: '/',
        fetch: (url: string, init: RequestInit) => fetch(new URL(url, `${origin}/page/of/an/app`), init),
      }),
    ],
  ])('may be the root, %s', async (_, options) => {
    const app = express()
    app.use(login)
    app.use(keyRouter(keys))
    const rooted = await serve(keys, before => before.use(app))
    try {
      const client = rooted.client(alice, options(rooted.origin))
      const { apiKey } = await client.create({ name: 'k' })
      expect(await client.get(apiKey.id)).toMatchObject({ name: 'k' })
      expect((await client.list()).data).toHaveLength(1)
      expect((await client.list({ limit: 1 })).data).toHaveLength(1)
    } finally {
      await rooted.close()
    }
  })

  it('is told to be wrong where something else is there', async () => {
    const client = server.client(alice, { baseUrl: `${server.origin}/other` })
    const error = await failure(client.list())
    expect(error).toMatchObject({ status: 404, code: 'UNEXPECTED_ANSWER' })
    expect(error.message).toContain('baseUrl')
  })
})
