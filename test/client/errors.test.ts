import { inspect } from 'node:util'
import type { KeyClient } from '../../src/client/index.js'
import { alice, bob, type TestKeys, testKeys } from '../support/keys.js'
import { answers, failure, hangsUp, serve, type TestServer } from './support.js'

const ID = '0VbvmdHo9P49d4yC'
let keys: TestKeys
let server: TestServer
let client: KeyClient
beforeEach(async () => {
  keys = testKeys()
  server = await serve(keys)
  client = server.client(alice, { retries: 0 })
})
afterEach(() => server.close())

describe('An error of the server', () => {
  it('has what the problem document says', async () => {
    const error = await failure(client.create({ name: '', expiresIn: 'soon' }))
    expect(error).toMatchObject({
      name: 'KeyClientError',
      status: 400,
      code: 'INVALID_INPUT',
      title: 'The request has a field that is not valid',
      message: error.detail,
      retryAfter: undefined,
    })
    expect(error.errors?.map(({ path }) => path).sort()).toEqual(['expiresIn', 'name'])
    for (const { message } of error.errors ?? []) expect(message).toMatch(/\w/)
  })

  it.each([
    ['UNAUTHENTICATED', 401, () => server.client({ id: 'nobody' }).list()],
    ['FORBIDDEN', 403, () => server.client(bob).list({ owner: { id: 'alice' } })],
    ['NOT_FOUND', 404, () => client.update(ID, { name: 'n' })],
    [
      'ROUTE_NOT_FOUND',
      404,
      () => server.client(alice, { baseUrl: `${server.origin}/api-keys/v2/x` }).get(ID),
    ],
  ])('has the code %s and its status', async (code, status, call) => {
    expect(await failure(call())).toMatchObject({ status, code })
  })

  it('has the seconds after which to try again', async () => {
    const problem = { type: 'urn:sidekey:error:STORE_UNAVAILABLE', code: 'STORE_UNAVAILABLE', title: 't' }
    server.faults.push((_req, res) => {
      res.status(503).set('retry-after', '7').type('application/problem+json').json(problem)
    })
    const { code, status, retryAfter } = await failure(client.list())
    expect({ code, status, retryAfter }).toEqual({ code: 'STORE_UNAVAILABLE', status: 503, retryAfter: 7 })
  })

  it('counts a date to try again by the clock of the server', async () => {
    const date = new Date('2020-01-01T00:00:00Z').toUTCString()
    const later = new Date('2020-01-01T00:01:30Z').toUTCString()
    server.faults.push(answers(503, { date, 'retry-after': later }))
    expect((await failure(client.list())).retryAfter).toBe(90)
  })
})

describe('An answer that is not of sidekey', () => {
  it.each([
    ['a page of a proxy', 502],
    ['a page in place of every path', 200],
    ['a page that says that there is none', 404],
  ])('is UNEXPECTED_ANSWER with its status: %s', async (_, status) => {
    for (const call of [() => client.get(ID), () => client.delete(ID), () => client.lookup('token')]) {
      server.faults.push(answers(status))
      expect(await failure(call())).toMatchObject({ status, code: 'UNEXPECTED_ANSWER' })
    }
  })

  it.each([
    ['half a record', (type: string) => ({ type, text: '{"id":' })],
    ['no object', (type: string) => ({ type, text: '"ok"' })],
    ['null', (type: string) => ({ type, text: 'null' })],
    ['nothing', (type: string) => ({ type, text: '' })],
  ])('is UNEXPECTED_ANSWER where it is called JSON, and is %s', async (_, make) => {
    const { type, text } = make('application/json')
    server.faults.push((_req, res) => void res.type(type).send(text))
    expect(await failure(client.get(ID))).toMatchObject({ status: 200, code: 'UNEXPECTED_ANSWER' })
  })

  it("is UNEXPECTED_ANSWER where it is an app's own problem document, whatever its code", async () => {
    server.faults.push((_req, res) => {
      res.status(404).type('application/problem+json').json({ type: 'about:blank', code: 'NOT_FOUND' })
    })
    expect(await failure(client.get(ID))).toMatchObject({ status: 404, code: 'UNEXPECTED_ANSWER' })
  })

  it('is a redirect to a login too, which is not followed', async () => {
    server.faults.push((_req, res) => res.redirect('/api-keys/login'))
    expect(await failure(client.list())).toMatchObject({ status: 302, code: 'UNEXPECTED_ANSWER' })
    expect(server.seen).toHaveLength(1)
  })
})

describe('No answer', () => {
  it('is NETWORK_ERROR, with what the platform says as its cause', async () => {
    server.faults.push(hangsUp)
    const error = await failure(client.list())
    expect(error).toMatchObject({ status: 0, code: 'NETWORK_ERROR', cause: { name: 'TypeError' } })
  })

  it('is NETWORK_ERROR where it breaks off', async () => {
    server.faults.push((req, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
      res.write('{"id":', () => req.socket.destroy())
    })
    expect(await failure(client.list())).toMatchObject({ status: 0, code: 'NETWORK_ERROR' })
  })
})

describe('What is not sent', () => {
  it.each(['', 'me', `${ID}/`, `${ID}0`, ID.slice(1), '../../account', '?purge=true', ` ${ID}`, `${ID}\n`])(
    'is an id that is none: %j, by every method',
    async id => {
      for (const call of [
        client.get(id),
        client.update(id, {}),
        client.transfer(id, { id: 'bob' }),
        client.rotate(id),
        client.revoke(id),
        client.delete(id),
        client.purge(id),
        client.restore(id),
        client.audit({ keyId: id }),
        client.revokeAll({ ids: [ID, id] }),
      ]) {
        expect(await failure(call)).toMatchObject({ status: 0, code: 'INVALID_INPUT' })
      }
      expect(server.seen).toEqual([])
    },
  )

  it.each([
    ['an end that is no date', { expiresAt: new Date('nonsense') }, 'expiresAt'],
    ['a number that JSON lacks', { metadata: { n: Number.NaN } }, 'n'],
    ['an infinite number', { metadata: { n: Number.POSITIVE_INFINITY } }, 'n'],
  ])('is %s: in JSON it would be null, which empties a field', async (_, patch, path) => {
    const { code, errors } = await failure(client.update(ID, patch))
    expect({ code, path: errors?.[0]?.path }).toEqual({ code: 'INVALID_INPUT', path })
    expect(server.seen).toEqual([])
  })

  it('is what was called off before', async () => {
    const signal = AbortSignal.abort(new Error('left the page'))
    await expect(client.list({}, { signal })).rejects.toThrow('left the page')
    expect(server.seen).toEqual([])
  })
})

describe('A token', () => {
  it('is in no error', async () => {
    const { token } = await keys.create({ name: 'k', owner: { id: 'bob' } })
    const echo = answers(502)
    const failures = [
      await failure(client.lookup(`${token} ${'x'.repeat(70_000)}`)),
      await failure(client.get(token)),
      await failure(server.client(alice, { headers: { 'x-api-key': `${token}\n${token}` } }).list()),
      await failure(server.client(alice, { headers: { [`${token} `]: 'a' } }).list()),
    ]
    server.faults.push(echo, hangsUp, (_req, res) => void res.status(500).json({ token }))
    failures.push(await failure(client.lookup(token)))
    failures.push(await failure(client.lookup(token)))
    failures.push(await failure(client.lookup(token)))
    for (const error of failures) {
      expect(inspect(error, { depth: 10 })).not.toContain(token.slice(-20))
      expect(JSON.stringify(error)).not.toContain(token.slice(-20))
    }
  })
})
