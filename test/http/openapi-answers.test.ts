/** The check by which every answer in the tests of the router is held to the OpenAPI document: that it can fail. */
import { keyHandler } from 'sidekey/fetch'
import { alice, testKeys } from '../support/keys.js'
import { checker, DOCUMENT, type Exchange } from './document.js'

const faultsOf = checker(DOCUMENT)

/** A request of Alice's, and what the router has answered. */
async function exchange(method: string, target: string, body?: object): Promise<Exchange> {
  const [path = '', query = ''] = target.split('?')
  const sent = body === undefined ? '' : JSON.stringify(body)
  const handler = keyHandler(keys, { path: '/api-keys' })
  const answer = await handler(
    new Request(`https://app.example.com/api-keys${target}`, {
      method,
      ...(body !== undefined && { body: sent, headers: { 'content-type': 'application/json' } }),
    }),
    { user: alice },
  )
  const { status } = answer
  return {
    method,
    path,
    query,
    sent,
    status,
    headers: Object.fromEntries(answer.headers),
    text: await answer.text(),
  }
}

const keys = testKeys()
let made: Exchange
let read: Exchange
let listed: Exchange
let deleted: Exchange
let missing: Exchange
let refused: Exchange

beforeAll(async () => {
  made = await exchange('POST', '', { name: 'k', permissions: ['reports:read'] })
  const { id } = JSON.parse(made.text).apiKey
  read = await exchange('GET', `/${id}`)
  listed = await exchange('GET', '?limit=5&all=false')
  deleted = await exchange('DELETE', `/${id}`)
  missing = await exchange('GET', '/0000000000000000')
  refused = await exchange('GET', '/nowhere/at/all')
})

it('finds nothing wrong with what the router answers', () => {
  for (const one of [made, read, listed, deleted, missing, refused]) expect(faultsOf(one)).toEqual([])
  expect([made, read, listed, deleted, missing, refused].map(({ status }) => status)).toEqual([
    201, 200, 200, 204, 404, 404,
  ])
})

/** The same answer with other fields in the body; `undefined` takes one away. */
function withBody(one: Exchange, fields: object): Exchange {
  return { ...one, text: JSON.stringify({ ...JSON.parse(one.text), ...fields }) }
}

function withHeaders(one: Exchange, headers: Record<string, string>): Exchange {
  return { ...one, headers: { ...one.headers, ...headers } }
}

function without(one: Exchange, header: string): Exchange {
  const { [header]: _gone, ...headers } = one.headers
  return { ...one, headers }
}

type Case = readonly [what: string, mutant: () => Exchange, fault: RegExp]

describe('finds the fault of an answer with', () => {
  it.each<Case>([
    ['a status that is not told of', () => ({ ...read, status: 202 }), /^202: is not told of$/],
    ['another status that is', () => ({ ...made, status: 409 }), /^content-type/],
    ['no Location', () => without(made, 'location'), /^location: is not there$/],
    [
      'a Location that leads nowhere',
      () => withHeaders(made, { location: '/api-keys' }),
      /^location: .*pattern/,
    ],
    ['no ETag', () => without(read, 'etag'), /^etag: is not there$/],
    ['a weak ETag', () => withHeaders(read, { etag: 'W/"1"' }), /^etag: .*pattern/],
    ['an ETag where none is told of', () => withHeaders(listed, { etag: '"1"' }), /^etag: is not told of$/],
    ['leave to be kept', () => withHeaders(read, { 'cache-control': 'private' }), /^cache-control: /],
    ['no word of caches', () => without(read, 'cache-control'), /^cache-control: is not there$/],
    ['another type', () => withHeaders(read, { 'content-type': 'text/html' }), /^content-type: text\/html$/],
    [
      'a problem as plain JSON',
      () => withHeaders(missing, { 'content-type': 'application/json' }),
      /^content-type/,
    ],
    ['a body where none is told of', () => ({ ...deleted, text: '{}' }), /^body: is not told of$/],
    ['a body that is no JSON', () => ({ ...read, text: 'OK' }), /body of a 200: .*object/],
    ['a field too many', () => withBody(read, { hash: '$sha256$x' }), /unevaluated properties/],
    ['a field too few', () => withBody(read, { tags: undefined }), /required property 'tags'/],
    ['a field of another type', () => withBody(read, { version: '1' }), /version must be integer/],
    ['a time that is none', () => withBody(read, { createdAt: 'yesterday' }), /date-time/],
    ['a status of a key that there is not', () => withBody(read, { status: 'gone' }), /allowed values/],
    ['a fault deep in a list', () => withBody(listed, { data: [{}] }), /data\/0 must have required property/],
    ['a code of another status', () => withBody(missing, { code: 'CONFLICT' }), /allowed values/],
    [
      'a status in the body that is not its own',
      () => withBody(missing, { status: 400 }),
      /status must be equal/,
    ],
    [
      'a code that no route of its sort has',
      () => withBody(missing, { code: 'ROUTE_NOT_FOUND' }),
      /allowed values/,
    ],
    ['a route found where there is none', () => ({ ...read, path: '/nowhere/at/all' }), /^content-type/],
    ['a method taken that the path does not take', () => ({ ...read, method: 'PUT' }), /^content-type/],
  ])('%s', (_what, mutant, fault) => {
    expect(faultsOf(mutant())).toEqual(expect.arrayContaining([expect.stringMatching(fault)]))
  })
})

describe('finds the fault of a request that was accepted with', () => {
  it.each<Case>([
    ['a parameter that is not told of', () => ({ ...listed, query: 'page=2' }), /^page: is not told of$/],
    ['a parameter out of range', () => ({ ...listed, query: 'limit=500' }), /^limit: .*<= 100/],
    ['a parameter of another type', () => ({ ...listed, query: 'all=yes' }), /^all: .*boolean/],
    ['no body', () => ({ ...made, sent: '' }), /^a body is needed$/],
    ['a field that is not told of', () => ({ ...made, sent: '{"name":"k","hash":"x"}' }), /^what was sent: /],
    [
      'a field too long',
      () => ({ ...made, sent: JSON.stringify({ name: 'x'.repeat(101) }) }),
      /name must NOT have more/,
    ],
  ])('%s', (_what, mutant, fault) => {
    expect(faultsOf(mutant())).toEqual(expect.arrayContaining([expect.stringMatching(fault)]))
  })
})
