/** Requests that every framework must answer alike, with what they are answered. */

type Headers = Record<string, string>
type Method = 'get' | 'post' | 'patch' | 'delete' | 'put' | 'head'
export type Step = readonly [
  /** Status, and the code where it is a problem. */
  answered: string,
  method: Method,
  path: string,
  headers: Headers,
  body?: object,
]

const alice = { 'x-user': 'alice' }
const bob = { 'x-user': 'bob' }
const root = { 'x-user': 'root' }
const carol = { 'x-user': 'carol' }
/** The token of the key that the first step makes. */
const bearer = { authorization: 'Bearer {token}' }
/** Of a key with `api-keys:verify`, which is there before. */
const gate = { 'x-api-key': '{gateToken}' }
const once = (key: string) => ({ ...alice, 'idempotency-key': key })
const html = { ...alice, accept: 'text/html' }

/** The life of a key, and what goes wrong in it. */
const LIFE: readonly Step[] = [
  ['201', 'post', '/api-keys', alice, { name: 'k', permissions: ['reports:read'], metadata: { a: 'é' } }],
  ['200', 'get', '/api-keys?limit=1', alice],
  ['400 INVALID_INPUT', 'get', '/api-keys?limit=0', alice],
  ['400 INVALID_INPUT', 'get', '/api-keys?limit=1&limit=2', alice],
  ['401 UNAUTHENTICATED', 'get', '/api-keys', {}],
  ['200', 'head', '/api-keys', alice],
  ['405 METHOD_NOT_ALLOWED', 'put', '/api-keys', alice],
  ['404 ROUTE_NOT_FOUND', 'get', '/api-keys/nowhere/at/all', alice],
  ['400 INVALID_INPUT', 'get', '/api-keys/short', alice],
  ['200', 'get', '/api-keys/{id}', alice],
  ['404 NOT_FOUND', 'get', '/api-keys/{id}', bob],
  ['200', 'get', '/api-keys/me', bearer],
  ['400 MULTIPLE_KEYS', 'get', '/api-keys/me', { ...bearer, 'x-api-key': 'acme_test_another' }],
  ['403 FORBIDDEN', 'post', '/api-keys', bearer, { name: 'child' }],
  ['412 VERSION_MISMATCH', 'patch', '/api-keys/{id}', { ...alice, 'if-match': '"7"' }, { name: 'n' }],
  ['400 INVALID_INPUT', 'patch', '/api-keys/{id}', alice, { name: '', expiresIn: '90' }],
  ['200', 'post', '/api-keys/lookup', root, { token: '{token}' }],
  ['400 INVALID_INPUT', 'post', '/api-keys/revoke', alice, {}],
  ['200', 'get', '/reports', bearer],
  ['401 KEY_MISSING', 'get', '/reports', {}],
  ['200', 'get', '/things/1', { 'x-api-key': '{token}' }],
]

const IDEMPOTENCY: readonly Step[] = [
  ['201', 'post', '/api-keys', once('one'), { name: 'once' }],
  ['200', 'post', '/api-keys', once('one'), { name: 'once' }],
  ['200', 'post', '/api-keys', once('"one"'), { name: 'once' }],
  ['200', 'post', '/api-keys', once('  one '), { name: 'once' }],
  ['422 IDEMPOTENCY_MISMATCH', 'post', '/api-keys', once('one'), { name: 'another' }],
  ['400 INVALID_INPUT', 'post', '/api-keys', once('one two'), { name: 'once' }],
  ['400 INVALID_INPUT', 'post', '/api-keys', once('""'), { name: 'once' }],
  ['400 INVALID_INPUT', 'post', '/api-keys', once('é'), { name: 'once' }],
  ['400 INVALID_INPUT', 'post', '/api-keys', once('x'.repeat(256)), { name: 'once' }],
  ['201', 'post', '/api-keys', { ...once('one'), ...bob }, { name: 'once' }],
]

const AUDIT: readonly Step[] = [
  ['200', 'get', '/api-keys/audit', alice],
  ['200', 'get', '/api-keys/audit?limit=1', alice],
  ['200', 'get', '/api-keys/audit?limit=1&cursor={cursor}', alice],
  ['400 INVALID_INPUT', 'get', '/api-keys/audit?limit=2&cursor={cursor}&action=create', alice],
  ['200', 'get', '/api-keys/audit?action=create&refused=false&actorId=alice&from=2020-01-01', alice],
  ['200', 'get', '/api-keys/audit?refused=true&keyId={id}', alice],
  ['400 INVALID_INPUT', 'get', '/api-keys/audit?action=destroy', alice],
  ['400 INVALID_INPUT', 'get', '/api-keys/audit?ownerType=user', alice],
  ['403 FORBIDDEN', 'get', '/api-keys/audit?all=true', alice],
  ['403 FORBIDDEN', 'get', '/api-keys/audit?ownerId=alice', bob],
  ['200', 'get', '/api-keys/audit?all=true&to=2020-01-01', root],
  ['200', 'get', '/api-keys/audit?organizationId=acme', carol],
  ['401 UNAUTHENTICATED', 'get', '/api-keys/audit', {}],
  ['403 FORBIDDEN', 'get', '/api-keys/audit', bearer],
  ['200', 'get', '/api-keys/{id}/audit', alice],
  ['200', 'get', '/api-keys/{id}/audit?refused=true&action=read', alice],
  ['200', 'head', '/api-keys/{id}/audit', root],
  ['400 INVALID_INPUT', 'get', '/api-keys/{id}/audit?keyId={id}', alice],
  ['404 NOT_FOUND', 'get', '/api-keys/{id}/audit', bob],
  ['404 NOT_FOUND', 'get', '/api-keys/0000000000000000/audit', bob],
  ['405 METHOD_NOT_ALLOWED', 'delete', '/api-keys/{id}/audit', alice],
]

const DAYS = 'from=2026-11-01&to=2026-11-04'
const csv = { ...alice, accept: 'text/csv' }
const USAGE: readonly Step[] = [
  ['200', 'get', `/api-keys/usage?${DAYS}`, alice],
  ['200', 'get', `/api-keys/usage?${DAYS}&by=hour&timeZone=Asia/Kolkata&keyId={id}`, alice],
  ['200', 'get', `/api-keys/usage?${DAYS}&all=true`, root],
  ['200', 'get', `/api-keys/usage?${DAYS}&organizationId=acme`, carol],
  ['200', 'get', `/api-keys/usage?${DAYS}`, csv],
  ['200', 'head', `/api-keys/usage?${DAYS}`, csv],
  ['200', 'get', `/api-keys/{id}/usage?${DAYS}&by=month`, alice],
  ['200', 'get', `/api-keys/{id}/usage?${DAYS}`, csv],
  ['400 INVALID_INPUT', 'get', '/api-keys/usage?by=week', alice],
  ['400 INVALID_INPUT', 'get', '/api-keys/usage?timeZone=Mars', csv],
  ['400 INVALID_INPUT', 'get', '/api-keys/usage?by=hour&from=2020-01-01', alice],
  ['401 UNAUTHENTICATED', 'get', '/api-keys/usage', {}],
  ['403 FORBIDDEN', 'get', '/api-keys/usage?all=true', alice],
  ['403 FORBIDDEN', 'get', '/api-keys/usage', bearer],
  ['404 NOT_FOUND', 'get', '/api-keys/{id}/usage', bob],
  ['405 METHOD_NOT_ALLOWED', 'post', '/api-keys/usage', alice, {}],
  ['406 NOT_ACCEPTABLE', 'get', '/api-keys/usage', html],
  ['200', 'get', '/api-keys/{id}/audit?to=2001-01-01', csv],
  ['200', 'get', '/api-keys/audit?to=2001-01-01', csv],
  ['406 NOT_ACCEPTABLE', 'get', '/api-keys/{id}', csv],
]

const VERIFY = '/api-keys/verify'
const VERIFICATION: readonly Step[] = [
  ['200', 'post', VERIFY, gate, { token: '{token}', permissions: 'reports:read' }],
  ['200', 'post', VERIFY, gate, { token: '{token}', permissions: 'reports:write' }],
  ['200', 'post', VERIFY, gate, { token: 'acme_test_nonsense' }],
  ['200', 'post', VERIFY, root, { token: '{token}', ip: '192.0.2.1', kind: ['secret'] }],
  ['403 FORBIDDEN', 'post', VERIFY, alice, { token: '{token}' }],
  ['403 FORBIDDEN', 'post', VERIFY, bearer, { token: '{token}' }],
  ['401 UNAUTHENTICATED', 'post', VERIFY, {}, { token: '{token}' }],
  ['400 INVALID_INPUT', 'post', VERIFY, gate, {}],
  ['400 INVALID_INPUT', 'post', VERIFY, gate, { token: '{token}', permissions: 'reports:raed' }],
  ['405 METHOD_NOT_ALLOWED', 'get', VERIFY, gate],
]

const ABOUT: readonly Step[] = [
  ['200', 'get', '/api-keys/config', alice],
  ['200', 'get', '/api-keys/config', bearer],
  ['200', 'get', '/api-keys/config', root],
  ['400 INVALID_INPUT', 'get', '/api-keys/config?x=1', root],
  ['401 UNAUTHENTICATED', 'get', '/api-keys/config', {}],
  ['200', 'get', '/api-keys/openapi.json', {}],
  ['200', 'head', '/api-keys/openapi.json', {}],
  ['401 KEY_INVALID', 'get', '/api-keys/openapi.json', { 'x-api-key': 'acme_test_nonsense' }],
]

const LISTS: readonly Step[] = [
  ['201', 'post', '/api-keys', alice, { name: 'soon', expiresIn: '3d' }],
  ['200', 'get', '/api-keys?expiresWithin=7d', alice],
  ['200', 'get', '/api-keys?expiresWithin=1h', alice],
  ['400 INVALID_INPUT', 'get', '/api-keys?expiresWithin=7', alice],
  ['200', 'get', '/api-keys?unusedSince=2020-01-01', alice],
  ['400 INVALID_INPUT', 'get', '/api-keys?unusedSince=yesterday', alice],
]

const ACCEPT: readonly Step[] = [
  ['406 NOT_ACCEPTABLE', 'get', '/api-keys', html],
  ['406 NOT_ACCEPTABLE', 'get', '/api-keys/openapi.json', { accept: 'text/html' }],
  ['406 NOT_ACCEPTABLE', 'post', '/api-keys', html, { name: 'none' }],
  [
    '406 NOT_ACCEPTABLE',
    'get',
    '/api-keys',
    { ...alice, accept: 'text/html, application/json;q=0, */*;q=0' },
  ],
  ['200', 'get', '/api-keys?limit=1', { ...alice, accept: 'text/html, */*;q=0.1' }],
  ['200', 'get', '/api-keys?limit=1', { ...alice, accept: 'application/problem+json' }],
  ['401 UNAUTHENTICATED', 'get', '/api-keys', { accept: 'application/*' }],
]

const END: readonly Step[] = [
  ['403 CROSS_ORIGIN', 'post', '/api-keys/{id}/revoke', { ...root, origin: 'https://evil.example' }, {}],
  ['200', 'post', '/api-keys/{id}/revoke', root, { reason: 'leaked' }],
  ['409 ALREADY_REVOKED', 'patch', '/api-keys/{id}', alice, { name: 'n' }],
  ['401 KEY_REVOKED', 'get', '/reports', bearer],
  ['200', 'post', '/api-keys/revoke', alice, { ids: ['{id}'] }],
  ['200', 'post', VERIFY, gate, { token: '{token}' }],
  ['204', 'delete', '/api-keys/{id}', alice],
  ['401 KEY_INVALID', 'get', '/reports', bearer],
  ['200', 'get', '/api-keys/{id}/audit', root],
]

export const SCRIPT = [
  ...LIFE,
  ...IDEMPOTENCY,
  ...AUDIT,
  ...USAGE,
  ...VERIFICATION,
  ...ABOUT,
  ...LISTS,
  ...ACCEPT,
  ...END,
] as const
