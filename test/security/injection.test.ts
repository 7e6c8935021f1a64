/** Operators of the database, and names of prototypes, in every parameter and field that the router takes. */
import type { Created } from 'sidekey'
import { keyClient } from 'sidekey/client'
import { keyHandler } from 'sidekey/fetch'
import { importFile, type Mapping } from 'sidekey/import'
import { asFile } from '../import/support.js'
import { alice, type TestKeys, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'
import { type Taken, takenBy } from './takes.js'

const MOUNT = 'https://app.example.com/api-keys'

type Send = (taken: Taken, query: string, body?: string) => Promise<Response>

/** The router, asked by alice. */
function asAlice(keys: TestKeys): Send {
  const handler = keyHandler(keys, { path: '/api-keys' })
  return (taken, query, body) => {
    const takesBody = body !== undefined && taken.method !== 'GET' && taken.method !== 'DELETE'
    const request = new Request(`${MOUNT}${taken.path === '/' ? '' : taken.path}${query}`, {
      method: taken.method,
      ...(takesBody && { body, headers: { 'content-type': 'application/json' } }),
    })
    return handler(request, { user: alice })
  }
}

/** What each answer says beside its status is checked against what must not be in it. */
async function expectHarmless(answer: Response, what: string): Promise<void> {
  const text = await answer.text()
  expect([what, answer.status < 500, text.includes('bobs')]).toEqual([what, true, false])
}

const OPERATORS = [
  '{"$ne":null}',
  '{"$gt":""}',
  '{"$regex":".*"}',
  '{"$in":["alice","bob"]}',
  '{"$where":"while(true){}"}',
  '{"$function":{"body":"function(){}","args":[],"lang":"js"}}',
  '[{"$ne":null}]',
]

overEveryStore('operators of the database', store => {
  let keys: TestKeys
  let mine: Created
  beforeEach(async () => {
    keys = testKeys({ store: store() })
    mine = await keys.create({ name: 'mine', owner: { id: 'alice' }, tags: ['a'] })
    await keys.create({ name: 'bobs', owner: { id: 'bob' }, tags: ['b'] })
  })
  const left = async () =>
    (await keys.list({ status: ['active', 'disabled', 'revoked', 'deleted'] })).data.map(
      ({ name, owner, status }) => `${owner.id} ${name} ${status}`,
    )

  it('find nothing, and change nothing, in any parameter of a query', async () => {
    const before = await left()
    const send = asAlice(keys)
    const gets = takenBy(mine.apiKey.id).filter(({ method }) => method === 'GET')
    expect(gets.flatMap(({ query }) => query).length).toBeGreaterThan(30)
    for (const taken of gets) {
      for (const name of taken.query) {
        const named = [
          `${name}[$ne]=x`,
          `${name}[$gt]=`,
          `${name}[]=x`,
          `${name}.$ne=x`,
          `$where=1&${name}=x`,
        ]
        for (const query of named) {
          const answer = await send(taken, `?${query}`)
          expect([taken.path, query, answer.status]).toEqual([taken.path, query, 400])
        }
        for (const operator of OPERATORS) {
          const query = `${name}=${encodeURIComponent(operator)}`
          await expectHarmless(await send(taken, `?${query}`), `${taken.path} ${query}`)
        }
      }
    }
    expect(await left()).toEqual(before)
  })

  it('are refused in any field of a body', async () => {
    const before = await left()
    const send = asAlice(keys)
    const posts = takenBy(mine.apiKey.id).filter(({ fields }) => fields.length > 0)
    expect(posts.flatMap(({ fields }) => fields).length).toBeGreaterThan(40)
    for (const taken of posts) {
      for (const field of taken.fields) {
        for (const operator of OPERATORS) {
          const own = taken.path === '/' && field !== 'name' ? '"name":"new",' : ''
          const body = `{${own}"${field}":${operator}}`
          const answer = await send(taken, '', body)
          // Verification is for admins: alice is refused before she is heard.
          const status = taken.path === '/verify' && answer.status === 403 ? 400 : answer.status
          expect([taken.method, taken.path, body, status]).toEqual([taken.method, taken.path, body, 400])
        }
      }
    }
    expect(await left()).toEqual(before)
  })

  it('are only text where text is taken', async () => {
    const send = asAlice(keys)
    const [list] = takenBy(mine.apiKey.id).filter(({ method, path }) => method === 'GET' && path === '/')
    for (const [name, ours] of [
      ['q', '$ne'],
      ['tag', '$gt'],
    ] as const) {
      await keys.update(mine.apiKey.id, { name: 'a $ne', tags: ['$gt'] })
      const answer = list && (await send(list, `?${name}=${encodeURIComponent(ours)}`))
      expect((await answer?.json()) as unknown).toMatchObject({ data: [{ id: mine.apiKey.id }] })
    }
  })
})

describe('names of prototypes', () => {
  const POLLUTING = [
    '"__proto__":{"polluted":true}',
    '"constructor":{"prototype":{"polluted":true}}',
    '"prototype":{"polluted":true}',
    '"__proto__.polluted":true',
  ]
  const builtIn = () =>
    [Object.prototype, Array.prototype, Function.prototype, String.prototype].map(Reflect.ownKeys)
  let before: ReturnType<typeof builtIn>
  beforeEach(() => {
    before = builtIn()
  })
  afterEach(() => {
    expect(builtIn()).toEqual(before)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('are refused as parameters, and as fields at any depth, of every route', async () => {
    const keys = testKeys()
    const { apiKey } = await keys.create({ name: 'mine', owner: { id: 'alice' } })
    const send = asAlice(keys)
    for (const taken of takenBy(apiKey.id)) {
      for (const query of ['__proto__[polluted]=1', '__proto__=1', 'constructor[prototype][polluted]=1']) {
        const answer = await send(taken, `?${query}`, '{}')
        expect([taken.path, query, answer.status >= 400]).toEqual([taken.path, query, true])
      }
      for (const field of taken.fields) {
        for (const polluting of POLLUTING) {
          for (const body of [
            `{${polluting}}`,
            `{"${field}":{${polluting}}}`,
            `{"${field}":[{${polluting}}]}`,
          ]) {
            const answer = await send(taken, '', body)
            expect([taken.path, body, answer.status >= 400 && answer.status < 500]).toEqual([
              taken.path,
              body,
              true,
            ])
          }
        }
      }
    }
    expect((await keys.list()).data).toMatchObject([{ name: 'mine', version: 1 }])
  })

  it.each(POLLUTING)(
    'are refused in what is called from server code, and change no options: %s',
    async polluting => {
      const keys = testKeys()
      const input = JSON.parse(`{"name":"k","owner":{"id":"alice"},${polluting}}`)
      await expect(keys.create(input)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      await expect(keys.list(JSON.parse(`{${polluting}}`))).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      expect((await keys.list()).data).toEqual([])
    },
  )

  it('are only fields of an answer to the client', async () => {
    const answer =
      '{"data":[{"id":"x","__proto__":{"polluted":true}}],"nextCursor":null,"__proto__":{"polluted":true}}'
    const fetch = async () => new Response(answer, { headers: { 'content-type': 'application/json' } })
    const page = await keyClient({ baseUrl: MOUNT, fetch }).list()
    expect(Reflect.get(page, 'polluted')).toBeUndefined()
    expect(Reflect.get(page.data[0] ?? {}, 'polluted')).toBeUndefined()
  })

  const NAMES = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    '__proto__.polluted',
    'constructor.prototype',
  ]
  it.each(NAMES)('are only names of columns of a file, and of what a mapping names: %s', async name => {
    const keys = testKeys({ imported: [{ source: 'old', prefix: 'old_' }] })
    const token = `old_${'a'.repeat(40)}`
    const [first = '', rest] = name.split('.')
    const value = rest === undefined ? '{"polluted":true}' : `{"${rest}":{"polluted":true}}`
    const files = [
      `token,user,${name}\n${token},alice,x\n`,
      `{"token":"${token}","user":"alice","${first}":${value}}\n`,
    ]
    for (const file of files) {
      for (const metadata of [undefined, name]) {
        const columns = { token: 'token', owner: 'user', ...(metadata && { metadata }) }
        const from: Mapping = { source: 'old', columns }
        await importFile(keys, asFile(file), { from }).catch((error: Error) =>
          expect(error).toHaveProperty('code'),
        )
        const { data } = await keys.list()
        for (const key of data) {
          expect(Object.getPrototypeOf(Object.getPrototypeOf(key.metadata))).toBeNull()
          expect(Reflect.get(key.metadata, 'polluted') ?? true).toBe(true)
          expect(key.owner).toEqual({ type: 'user', id: 'alice' })
        }
      }
    }
  })

  it.each(['__proto__', 'constructor'])('are refused in a mapping itself: %s', async name => {
    const keys = testKeys()
    const mapping = JSON.parse(`{"columns":{"token":"token","${name}":"x"},"${name}":{"polluted":true}}`)
    await expect(importFile(keys, asFile('token\nx\n'), { from: mapping })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })
})
