import { Types } from 'mongoose'
import type { ListQuery } from '../../src/client/index.js'
import { alice, carol, root, type TestKeys, testKeys } from '../support/keys.js'
import { failure, serve, type TestServer } from './support.js'

let keys: TestKeys
let server: TestServer
beforeEach(async () => {
  keys = testKeys()
  server = await serve(keys)
})
afterEach(() => server.close())

/** Makes keys, and tells in which order they are listed: those of one millisecond come in any. */
async function make(...names: readonly string[]): Promise<string[]> {
  for (const name of names) await keys.create({ name, owner: { id: 'alice' } })
  return (await keys.list({ limit: 100 })).data.map(({ name }) => name)
}

async function namesOf(list: AsyncIterable<{ readonly name: string }>): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of list) names.push(name)
  return names
}

describe('A list by the client', () => {
  it('is one page, newest first, and leads to the next', async () => {
    const names = await make('a', 'b', 'c')
    const client = server.client(alice)
    const first = await client.list({ limit: 2 })
    expect(first.data.map(({ name }) => name)).toEqual(names.slice(0, 2))
    if (first.nextCursor === null) throw new Error('a second page is there')
    const second = await client.list({ limit: 2, cursor: first.nextCursor })
    expect(second).toMatchObject({ data: [{ name: names[2] }], nextCursor: null })
  })

  it('takes the filters of the server, encoded', async () => {
    await keys.create({ name: '100% & more?', owner: { id: 'alice' }, tags: ['a b'] })
    await keys.create({ name: 'org', owner: { type: 'organization', id: 'acme' } })
    await make('other')
    const admin = server.client(root)
    const names = async (query: ListQuery) => (await admin.list(query)).data.map(({ name }) => name)
    expect(await names({ all: true, q: '0% & m' })).toEqual(['100% & more?'])
    expect(await names({ all: true, tag: 'a b' })).toEqual(['100% & more?'])
    expect(await names({ owner: { type: 'organization', id: 'acme' } })).toEqual(['org'])
    expect(await names({ owner: { id: 'alice' }, status: 'active', kind: 'secret' })).toHaveLength(2)
    expect(await names({ owner: { id: 'alice' }, status: 'revoked' })).toEqual([])
    expect(await server.client(carol).list({ organizationId: 'acme' })).toMatchObject({
      data: [{ name: 'org' }],
    })
  })

  it('takes numbers and ObjectIds for ids, as the server does', async () => {
    const id = new Types.ObjectId()
    await keys.create({ name: 'of 7', owner: { id: 7 }, organizationId: id })
    const admin = server.client(root)
    const names = async (query: ListQuery) => (await admin.list(query)).data.map(({ name }) => name)
    expect(await names({ owner: { id: 7 } })).toEqual(['of 7'])
    expect(await names({ organizationId: id })).toEqual(['of 7'])
    expect(await names({ organizationId: id, owner: { id } })).toEqual([])
    expect(await admin.revokeAll({ owner: { id: 7 }, organizationId: id })).toEqual({ revoked: 1 })
  })

  it('leaves out a filter that is undefined', async () => {
    await make('a')
    const query = { tag: undefined } as object // what a program without types may come to hand over
    expect(await server.client(alice).list(query)).toMatchObject({ data: [{ name: 'a' }] })
  })

  it.each([
    ['an owner without an id', { owner: { id: undefined } }, 'owner.id'],
    ['a filter that is null', { organizationId: null }, 'organizationId'],
    ['a list for a filter', { tag: ['a', 'b'] }, 'tag'],
    ['a number that is none', { limit: Number.NaN }, 'limit'],
    ['a date that is none', { unusedSince: new Date('nonsense') }, 'unusedSince'],
    ['a parent that is no id', { parentId: '../me' }, 'parentId'],
  ])('refuses %s, and sends nothing', async (_, query, path) => {
    const wrong = query as object // what a program without types may come to hand over
    const { code, errors } = await failure(server.client(alice).list(wrong))
    expect({ code, paths: errors?.map(error => error.path) }).toEqual({
      code: 'INVALID_INPUT',
      paths: [path],
    })
    expect(server.seen).toEqual([])
  })
})

describe('The iteration over all pages', () => {
  it('gives every key once, newest first', async () => {
    const names = await make('a', 'b', 'c', 'd', 'e')
    expect(await namesOf(server.client(alice).listAll({ limit: 2 }))).toEqual(names)
    expect(server.seen).toHaveLength(3)
  })

  it('gives nothing where there is nothing', async () => {
    expect(await namesOf(server.client(alice).listAll())).toEqual([])
  })

  it('keeps to the query on every page', async () => {
    const names = await make('x1', 'y', 'x2', 'x3')
    const list = server.client(alice).listAll({ q: 'x', limit: 1 })
    expect(await namesOf(list)).toEqual(names.filter(name => name !== 'y'))
  })

  it('asks for nothing before it is needed', async () => {
    const [, second] = await make('a', 'b', 'c')
    const list = server.client(alice).listAll({ limit: 1 })
    expect(server.seen).toHaveLength(0)
    await list.next()
    expect(server.seen).toHaveLength(1)
    for await (const { name } of list) if (name === second) break
    expect(server.seen).toHaveLength(2)
  })

  it('begins at a cursor', async () => {
    const [, ...others] = await make('a', 'b', 'c')
    const client = server.client(alice)
    const { nextCursor } = await client.list({ limit: 1 })
    expect(await namesOf(client.listAll({ limit: 1, cursor: `${nextCursor}` }))).toEqual(others)
  })

  it('ends with the error of the page that failed', async () => {
    const [first] = await make('a', 'b')
    const client = server.client(alice)
    const got: string[] = []
    const all = (async () => {
      for await (const { name } of client.listAll({ limit: 1 })) {
        got.push(name)
        server.faults.push((_req, res) => void res.status(500).end())
      }
    })()
    expect(await failure(all)).toMatchObject({ status: 500, code: 'UNEXPECTED_ANSWER' })
    expect(got).toEqual([first])
  })

  it('ends when its signal does', async () => {
    await make('a', 'b')
    const controller = new AbortController()
    const list = server.client(alice).listAll({ limit: 1 }, { signal: controller.signal })
    await list.next()
    controller.abort()
    await expect(list.next()).rejects.toBe(controller.signal.reason)
    expect(server.seen).toHaveLength(1)
  })
})
