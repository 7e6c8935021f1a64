/** Tokens sent in every header and field that there is, over every framework: none of them is in the audit. */
import request from 'supertest'
import { testKeys } from '../support/keys.js'
import { FRAMEWORKS, type Framework } from './apps.js'

const root = { 'x-user': 'root' }
const alice = { 'x-user': 'alice' }
type Send = (token: string) => { readonly headers?: Record<string, string>; readonly body?: object }

/** Headers that are noted, and those that ask for something. */
const inHeaders: Send = token => ({
  headers: {
    'user-agent': `curl/8 ${token} (x)`,
    'x-request-id': token,
    'x-forwarded-for': token,
    origin: token,
    referer: token,
    cookie: `a=${token}`,
    'idempotency-key': token,
    'if-match': `"${token}"`,
    accept: `${token}, */*`,
  },
})

/** What comes to the operations alike. */
const IN_BODIES: readonly (readonly [where: string, send: Send])[] = [
  ['the name', token => ({ body: { name: token } })],
  ['the description', token => ({ body: { name: 'k', description: `it is ${token}!` } })],
  ['the metadata', token => ({ body: { name: 'k', metadata: { [token]: [token], deep: { token } } } })],
  ['the resources', token => ({ body: { name: 'k', resources: [`key:${token}`] } })],
  ['the permissions', token => ({ body: { name: 'k', permissions: [token] } })],
  ['the kind', token => ({ body: { name: 'k', kind: token } })],
  ['the restrictions', token => ({ body: { name: 'k', restrictions: { ips: [token], origins: [token] } } })],
  ['the expiry', token => ({ body: { name: 'k', expiresIn: token } })],
  ['an unknown field', token => ({ body: { name: 'k', [token]: token } })],
  ['the reason', token => ({ body: { reason: `found ${token} in the log` } })],
  ['the token to look for', token => ({ body: { token } })],
]

/** Where it is today, and must not be. */
const LEAKING: typeof IN_BODIES = [
  // What is taken out of the text joins the halves of a token again.
  [
    'the user agent, with a tab in its midst',
    token => ({ headers: { 'user-agent': `${token.slice(0, 50)}\t${token.slice(50)}` } }),
  ],
  // A token is known by its end.
  ['the request id, with a letter behind it', token => ({ headers: { 'x-request-id': `${token}x` } })],
  // Owners and organisations are told as they were given.
  ["the owner's id", token => ({ body: { name: 'k', owner: { id: token } } })],
  ["the organisation's id", token => ({ body: { name: 'k', organizationId: token } })],
]

/** Sends it to every route that tells the audit something, as a user, as an admin, and by a key. */
async function storm(
  app: Framework['app'],
  send: Send,
): Promise<{ told: string; token: string; events: number }> {
  const keys = testKeys()
  const http = request(app(keys))
  const { token, apiKey } = await keys.create({ name: 'victim', owner: { id: 'alice' } })
  const byKey = await keys.create({ name: 'thief', owner: { id: 'bob' } })
  const { headers = {}, body = {} } = send(token)
  for (const who of [root, alice, { 'x-api-key': byKey.token }]) {
    const set = { ...who, ...headers }
    await http
      .post('/api-keys')
      .set(set)
      .send({ name: 'k', ...body })
    await http.patch(`/api-keys/${apiKey.id}`).set(set).send(body)
    await http.post(`/api-keys/${apiKey.id}/transfer`).set(set).send(body)
    await http
      .post('/api-keys/verify')
      .set(set)
      .send({ token, ...body })
    await http
      .post('/api-keys/lookup')
      .set(set)
      .send({ token, ...body })
    const query = `actorId=${token}&ownerId=${token}&organizationId=${token}&cursor=${token}`
    await http.get(`/api-keys/audit?${query}`).set(set)
    await http.get(`/api-keys?ownerId=${token}`).set(set)
    await http.get(`/api-keys/${token}`).set(set)
    await http
      .post('/api-keys/revoke')
      .set(set)
      .send({ ownerId: token, ...body })
    await http.post(`/api-keys/${apiKey.id}/revoke`).set(set).send(body)
  }
  const told: string[] = []
  let events = 0
  for (const path of ['/audit?all=true&limit=100', `/${apiKey.id}/audit?limit=100`]) {
    const answer = await http.get(`/api-keys${path}`).set(root).expect(200)
    told.push(answer.text)
    events += answer.body.data.length
  }
  return { told: told.join(), token, events }
}

const secretOf = (token: string) => token.slice(-49)

async function expectNoToken(app: Framework['app'], send: Send): Promise<void> {
  const { told, token, events } = await storm(app, send)
  expect(events).toBeGreaterThan(2)
  expect(told).not.toContain(secretOf(token))
}

it.each(FRAMEWORKS)('a token in every header is not in the audit, over $name', ({ app }) =>
  expectNoToken(app, inHeaders),
)

describe.each(FRAMEWORKS.slice(0, 1))('a token in one place', ({ app }) => {
  it.each(IN_BODIES)('is not in the audit: %s', (_where, send) => expectNoToken(app, send))
  it.each(LEAKING)('is not in the audit: %s', (_where, send) => expectNoToken(app, send))
})
