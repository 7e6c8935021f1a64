/** What caches are told over every framework: `Vary`, beside what others have put there. Compression, and HEAD. */
import request from 'supertest'
import { type TestKeys, testKeys } from '../support/keys.js'
import { PAGE, STACKS } from './stacks.js'

const alice = { 'x-user': 'alice' }
// Not where the answers are held to the document: it cannot read them compressed.
const levels = ['/keys']
const ROUTER = ['authorization', 'x-api-key', 'cookie']
const GUARD = ['authorization', 'x-api-key']

/** The names, each once, in small letters. */
const varyOf = ({ headers }: { headers: Readonly<Record<string, string>> }): string[] => {
  const names = (headers.vary ?? '').split(',').map(name => name.trim().toLowerCase())
  expect(new Set(names).size).toBe(names.length)
  return names.sort()
}
const sorted = (...names: string[]) => names.sort()
const issue = (keys: TestKeys) =>
  keys.create({ name: 'k', owner: { id: 'alice' }, permissions: ['reports:read'] })

/** An app with each of these before the router, and what that puts into `Vary`. */
const befores = [
  ['nothing', []],
  ['compression', ['accept-encoding']],
  ['cors', ['origin']],
] as const

describe.each(STACKS)('answers over $name', ({ app }) => {
  it.each(befores)(
    'of the router vary by who asks, whatever they are, beside what comes from: %s',
    async (before, theirs) => {
      const keys = testKeys()
      const http = request(app(keys, { levels, before }))
      const { apiKey, token } = await issue(keys)
      for (const [path, headers, status] of [
        ['/keys', alice, 200],
        [`/keys/${apiKey.id}`, alice, 200],
        ['/keys/me', { 'x-api-key': token }, 200],
        ['/keys/config', alice, 200],
        ['/keys/openapi.json', {}, 200],
        ['/keys', {}, 401],
        ['/keys/audit', { 'x-api-key': token }, 403],
        [`/keys/${apiKey.id}`, { 'x-user': 'bob' }, 404],
        ['/keys/no/such/route', alice, 404],
        ['/keys', { ...alice, accept: 'text/html' }, 406],
      ] as const) {
        const answer = await http.get(path).set(headers).set('origin', PAGE)
        expect(answer.status).toBe(status)
        expect(varyOf(answer)).toEqual(sorted(...ROUTER, ...theirs))
      }
      // What has no body may not be compressed, and need not vary by that.
      const gone = await http.delete(`/keys/${apiKey.id}`).set(alice)
      expect([gone.status, gone.text]).toEqual([204, ''])
      expect(varyOf(gone)).toEqual(expect.arrayContaining(ROUTER))
    },
  )

  it.each(befores)(
    'of checks that refuse vary by the key, beside what comes from: %s',
    async (before, theirs) => {
      const keys = testKeys()
      const http = request(app(keys, { levels, before }))
      const { token } = await keys.create({ name: 'none', owner: { id: 'alice' } })
      for (const [headers, status] of [
        [{}, 401],
        [{ 'x-api-key': 'acme_test_nonsense' }, 401],
        [{ 'x-api-key': token }, 403],
      ] as const) {
        const answer = await http.get('/reports').set(headers).set('origin', PAGE)
        expect(answer.status).toBe(status)
        expect(varyOf(answer)).toEqual(sorted(...GUARD, ...theirs))
      }
    },
  )

  it('are the same compressed, from the router and behind checks', async () => {
    const keys = testKeys()
    const http = request(app(keys, { levels, before: 'compression' }))
    const { apiKey, token } = await issue(keys)
    const get = (path: string, encoding: string) =>
      http.get(path).set({ ...alice, 'x-api-key': token, 'accept-encoding': encoding })
    for (const path of ['/keys/me', '/keys/openapi.json', '/reports', '/keys/short']) {
      const [packed, plain] = [await get(path, 'gzip'), await get(path, 'identity')]
      expect(packed.headers['content-encoding']).toBe('gzip')
      expect(plain.headers['content-encoding']).toBeUndefined()
      expect([packed.status, packed.body]).toEqual([plain.status, plain.body])
      expect(packed.headers['content-type']).toBe(plain.headers['content-type'])
    }
    const made = await http
      .post('/keys')
      .set({ ...alice, 'accept-encoding': 'gzip' })
      .send({ name: 'packed' })
    expect([made.status, made.headers['content-encoding'], made.body.apiKey.name]).toEqual([
      201,
      'gzip',
      'packed',
    ])
    expect(made.headers['cache-control']).toBe('no-store')
    // Some who compress make its ETag a weak one; the version in quotes is good whoever does.
    const renamed = await http
      .patch(`/keys/${apiKey.id}`)
      .set({ ...alice, 'accept-encoding': 'gzip', 'if-match': '"1"' })
      .send({ name: 'renamed' })
    expect([renamed.status, renamed.body.version]).toEqual([200, 2])
  })

  it.each(['nothing', 'compression'] as const)(
    'to HEAD have no body, and the headers of GET; before it: %s',
    async before => {
      const keys = testKeys()
      const http = request(app(keys, { levels, before }))
      const { apiKey } = await issue(keys)
      for (const path of [
        '/keys',
        `/keys/${apiKey.id}`,
        '/keys/audit',
        '/keys/openapi.json',
        '/keys/short',
      ]) {
        const [get, head] = [await http.get(path).set(alice), await http.head(path).set(alice)]
        expect([head.status, head.text ?? '']).toEqual([get.status, ''])
        for (const header of ['content-type', 'cache-control', 'etag']) {
          const value = (answer: typeof get) => answer.headers[header]?.replace('W/', '')
          expect(value(head)).toBe(value(get))
        }
        expect(varyOf(head)).toEqual(expect.arrayContaining(ROUTER))
      }
    },
  )
})

// An app of the Fetch standard makes its answers itself, and is told of no headers for them.
const guarding = STACKS.filter(({ name }) => !name.startsWith('fetch'))
describe.each(guarding)('answers over $name', ({ app }) => {
  it.each(befores)(
    'that checks let by vary by the key, beside what comes from: %s',
    async (before, theirs) => {
      const keys = testKeys()
      const http = request(app(keys, { levels, before }))
      const { token } = await issue(keys)
      for (const [path, headers] of [
        ['/reports', { 'x-api-key': token }],
        ['/optional', { 'x-api-key': token }],
        ['/optional', {}],
        ['/either', { 'x-api-key': token }],
        ['/either', alice],
      ] as const) {
        const answer = await http.get(path).set(headers).set('origin', PAGE)
        expect(answer.status).toBe(200)
        const login = path === '/either' ? ['cookie'] : []
        expect(varyOf(answer)).toEqual(sorted(...GUARD, ...login, ...theirs))
      }
    },
  )
})
