/**
 * Random requests to the router, built from its routes, so that many get deep. They are written with marks in place
 * of what only a running server has (`<id:bobs>`, `<token:full>`, `<cookie:alice>`), so that one that fails can be
 * read, shrunk and sent again.
 */
import http from 'node:http'
import fc, { type Arbitrary } from 'fast-check'
import {
  anyBody,
  bulkBody,
  createBody,
  graceBody,
  KEY_NAMES,
  type KeyName,
  keyName,
  lookupBody,
  maybe,
  reasonBody,
  transferBody,
  updateBody,
} from './fuzz-bodies.js'

/** As whom a request comes: a user, the key of this name, or nobody (none, a bad key, two keys). */
export type Actor =
  | { readonly via: 'nobody' }
  | { readonly via: 'user'; readonly id: string }
  | { readonly via: 'key'; readonly name: KeyName }

type HeaderFields = Readonly<Record<string, string | readonly string[]>>

/** How a body goes over the wire, if not plainly; `cut`: the connection ends before it has come. */
const FRAMINGS = ['chunked', 'gzip', 'cut'] as const

export interface Draft {
  readonly method: string
  readonly mount: string
  /** What follows the mount. */
  readonly path: string
  readonly query: string
  readonly actor: Actor
  readonly headers: HeaderFields
  readonly body: string
  readonly framing: 'plain' | (typeof FRAMINGS)[number]
}

const from = fc.constantFrom<string[]>
const headersFrom = fc.constantFrom<HeaderFields[]>
/** Characters that Node's client writes. */
const characters = (min: number, max: number, maxLength: number) => {
  const code = fc.integer({ min, max }).filter(code => code < 0x7f || code > 0x9f)
  return fc.string({ unit: code.map(code => String.fromCharCode(code)), maxLength })
}
const pathText = fc.oneof({ weight: 6, arbitrary: characters(0x21, 0x7e, 30) }, characters(0x21, 0xff, 10))
const headerText = characters(0x20, 0xff, 40)

const NO_IDS = ['0000000000000000', 'x', '<token:full>', 'undefined', '__proto__', '%00', '..', '%24gt', '']
const id = fc.oneof({ weight: 9, arbitrary: keyName.map(name => `<id:${name}>`) }, from(...NO_IDS), pathText)
const segment = fc.oneof(
  id,
  from('me', 'revoke', 'rotate', 'lookup', '.', '%2e', '%', '\\', '*', ';'),
  pathText,
)
const anyPath = fc.array(segment, { maxLength: 4 }).map(all => all.map(one => `/${one}`).join(''))

const QUERY: Readonly<Record<string, Arbitrary<string>>> = {
  limit: from('1', '3', '100', '0', '101', '-1', '1e2', '%D9%A3', ''),
  ownerId: from('alice', 'bob', 'acme', 'root', '', '%00', 'undefined', '%5Bobject+Object%5D'),
  ownerType: from('user', 'organization', 'User', ''),
  organizationId: from('acme', 'evil', ''),
  parentId: from('<id:full>', '<id:weak>', 'x'),
  status: from('active', 'revoked', 'deleted', 'expired', 'gone', 'active,revoked'),
  kind: from('secret', 'short', 'no-such'),
  tag: from('ci', '', 'x'.repeat(65)),
  q: from('c', '.*', '%28', '%ED%A0%80', '%00', 'x'.repeat(101)),
  all: from('true', 'false', '1', ''),
  cursor: from('x', 'MFZidm1kSG85UDQ5ZDR5Q2FiY2RlZmdo', 'x'.repeat(300), '%F0%9F%94%91'),
  purge: from('true', 'false', '1'),
  from: from(
    '2026-01-01',
    '1970-01-01',
    '9999-12-31',
    '0000-01-01',
    '2026-02-30',
    '2026-11-25T10:00:00Z',
    '',
    'x',
  ),
  to: from('2026-01-02', '2026-01-01T00:00:00%2B05:30', '9999-12-31T23:59:59.999Z', '-1', '1e9'),
  by: from('hour', 'day', 'month', 'week', ''),
  timeZone: from('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Mars', '%2B01:00', '..', '%00', 'x'.repeat(300)),
}
const pairs = Object.entries(QUERY).map(([name, value]) => value.map(text => `${name}=${text}`))
const parameter = fc.oneof(
  { weight: 8, arbitrary: fc.oneof(...pairs) },
  from('ownerId[$gt]=', '__proto__=1', 'constructor=1', 'api_key=<token:full>', '%', '%ff', '=', '&', '#'),
  pathText,
)
const anyQuery = fc.array(parameter, { minLength: 1, maxLength: 3 }).map(all => `?${all.join('&')}`)
const listQuery = fc.oneof(
  from('', '?all=true&limit=3', '?organizationId=acme', '?ownerId=alice&status=active'),
  anyQuery,
)
const seldomQuery = maybe(8, anyQuery, '')
const purgeQuery = maybe(40, from('?purge=true', '?purge=false'), '')

type Asked = Pick<Draft, 'method' | 'path' | 'query' | 'body'>

function asked(
  method: string,
  path: Arbitrary<string>,
  body: Arbitrary<string> = from(''),
  query: Arbitrary<string> = seldomQuery,
): Arbitrary<Asked> {
  return fc.record({
    method: fc.oneof({ weight: 20, arbitrary: from(method) }, anyMethod),
    path: fc.oneof(
      { weight: 20, arbitrary: path },
      path.map(text => `${text}/`),
      anyPath,
    ),
    query,
    body: fc.oneof({ weight: 8, arbitrary: body }, anyBody),
  })
}
const anyMethod = from(...http.METHODS.filter(method => method !== 'CONNECT'), 'HEAD', 'OPTIONS')
const at = (tail: string) => id.map(one => `/${one}${tail}`)
const route = fc.oneof(
  { weight: 3, arbitrary: asked('POST', from(''), createBody) },
  { weight: 2, arbitrary: asked('GET', from(''), from(''), listQuery) },
  { weight: 1, arbitrary: asked('GET', from('/me')) },
  { weight: 1, arbitrary: asked('GET', from('/usage'), from(''), anyQuery) },
  { weight: 1, arbitrary: asked('GET', at('/usage'), from(''), anyQuery) },
  { weight: 1, arbitrary: asked('POST', from('/revoke'), bulkBody) },
  { weight: 1, arbitrary: asked('POST', from('/lookup'), lookupBody) },
  { weight: 1, arbitrary: asked('GET', at('')) },
  { weight: 3, arbitrary: asked('PATCH', at(''), updateBody) },
  { weight: 1, arbitrary: asked('DELETE', at(''), from(''), purgeQuery) },
  { weight: 1, arbitrary: asked('POST', at('/rotate'), graceBody) },
  { weight: 1, arbitrary: asked('POST', at('/revoke'), reasonBody) },
  { weight: 1, arbitrary: asked('POST', at('/restore')) },
  { weight: 1, arbitrary: asked('POST', at('/transfer'), transferBody) },
)

/** What a request presents in headers; `is`: the key that it is, `bob` by a JWT, nothing of ours, or a bad key. */
interface Credential {
  readonly is: 'none' | 'bad' | 'bob' | KeyName
  readonly headers: HeaderFields
}
const bearer = (token: string): HeaderFields => ({ authorization: `Bearer ${token}` })
const WAYS: readonly ((token: string) => HeaderFields)[] = [
  bearer,
  token => ({ 'x-api-key': token }),
  token => ({ 'x-api-key': [token, token] }),
  token => ({ ...bearer(token), 'x-api-key': token }),
]
const aKey = fc.tuple(
  fc.oneof(
    fc.constant<KeyName>('full'),
    fc.constantFrom(...KEY_NAMES).filter(name => name !== 'revoked'),
  ),
  fc.constantFrom(...WAYS),
)
const badKey = fc.oneof(
  from('<flip:full>', '<half:full>', '<token:full>0', '<token:revoked>', 'acme_test_', 'acme_test_{}').map(
    bearer,
  ),
  headerText.map(text => ({ 'x-api-key': `x${text}` })),
  headersFrom(
    { 'x-api-key': ['<token:full>', '<token:weak>'] },
    { ...bearer('<token:full>'), 'x-api-key': '<token:bobs>' },
  ),
)
const credential: Arbitrary<Credential> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Credential>({ is: 'none', headers: {} }) },
  { weight: 5, arbitrary: aKey.map(([name, way]) => ({ is: name, headers: way(`<token:${name}>`) })) },
  { weight: 2, arbitrary: badKey.map((headers): Credential => ({ is: 'bad', headers })) },
  { weight: 1, arbitrary: fc.constant<Credential>({ is: 'bob', headers: bearer('<jwt:bob>') }) },
  {
    weight: 1,
    arbitrary: from('Bearer', 'Bearer eyJ.e30.x', 'Basic YTpi', '<token:full>').map(
      (authorization): Credential => ({ is: 'none', headers: { authorization } }),
    ),
  },
)

const ODD_HEADERS = [
  ...'accept accept-encoding origin sec-fetch-site referer range te upgrade host content-encoding'.split(' '),
  ...'content-type x-forwarded-for x-forwarded-host x-forwarded-proto if-match if-none-match'.split(' '),
  ...'x-http-method-override connection user-agent __proto__ constructor expect cookie2'.split(' '),
]
const extras = fc.oneof(
  headersFrom(
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'https://app.example.com', 'sec-fetch-site': 'same-origin' },
  ),
  from('"1"', '"2"', '*', 'W/"1"', '"x"', '', '"999999999999999"').map(tag => ({ 'if-match': tag })),
  from('10.1.2.3', '::ffff:10.0.0.1', 'x, 10.1.2.3', 'fe80::1%eth0').map(ip => ({ 'x-forwarded-for': ip })),
  from('text/plain', 'application/json; charset=utf-16', 'application/x+json').map(type => ({
    'content-type': type,
  })),
  fc.tuple(from(...ODD_HEADERS), headerText).map(([name, text]) => ({ [name]: text })),
)

const COOKIES = {
  alice: '<cookie:alice>',
  root: '<cookie:root>',
  deputy: '<cookie:deputy>',
  nobody: 'connect.sid=s%3Ax.y; a=%',
}
type Cookie = keyof typeof COOKIES
const cookie = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Cookie>('alice') },
  { weight: 2, arbitrary: fc.constant<Cookie>('root') },
  { weight: 2, arbitrary: fc.constantFrom<Cookie[]>('deputy', 'nobody') },
)

/** A request, whole. */
export const draft: Arbitrary<Draft> = fc
  .record({
    asked: route,
    mount: fc.oneof(
      { weight: 30, arbitrary: from('/api-keys') },
      from('/API-keys', 'http://a.example/api-keys'),
    ),
    framing: fc.oneof(
      { weight: 10, arbitrary: fc.constant<Draft['framing']>('plain') },
      { weight: 1, arbitrary: fc.constantFrom(...FRAMINGS) },
    ),
    cookie,
    credential,
    extras: maybe<HeaderFields>(35, extras, {}),
  })
  .map(({ asked, mount, framing, cookie, credential, extras }) => ({
    ...asked,
    mount,
    // Other methods are answered without their body.
    framing: framing === 'cut' && !['POST', 'PATCH'].includes(asked.method) ? 'plain' : framing,
    actor: actorOf(cookie, credential.is),
    headers: {
      'content-type': 'application/json',
      cookie: COOKIES[cookie],
      ...extras,
      ...credential.headers,
    },
  }))

/** A key that is presented counts, whoever is logged in; a bad one is nobody. */
function actorOf(cookie: Cookie, is: Credential['is']): Actor {
  if (is === 'bad' || (is === 'none' && cookie === 'nobody')) return { via: 'nobody' }
  if (is === 'none') return { via: 'user', id: cookie }
  return is === 'bob' ? { via: 'user', id: 'bob' } : { via: 'key', name: is }
}
