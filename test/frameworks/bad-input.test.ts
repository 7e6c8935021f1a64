/** Bad input to the routes of audit, verification, bulk revokes and lists: over every framework a 4xx problem. */
import type { Created } from 'sidekey'
import request from 'supertest'
import { type TestKeys, testKeys } from '../support/keys.js'
import { FRAMEWORKS } from './apps.js'
import { STACKS } from './stacks.js'

const root = { 'x-user': 'root' }
const LONG = 'x'.repeat(5000)
const DEEP = `${'['.repeat(20_000)}"reports:read"${']'.repeat(20_000)}`

/** Queries of which each must be refused. */
const OF_ANY_AUDIT = [
  'limit=0',
  'limit=101',
  'limit=-1',
  'limit=1e1',
  'limit=1.5',
  'limit=%2010',
  'limit=999999999999999999999',
  'limit=1&limit=1',
  'limit[]=1',
  'cursor=',
  'cursor=x',
  `cursor=${LONG}`,
  'from=yesterday',
  'from=2026-02-30',
  'from=1700000000000',
  'to=2026-01-01T00:00:00',
  'to=%00',
  'from=2026-01-01&from=2026-01-01',
  'action=',
  'action=CREATE',
  'action=create%00',
  'action=create&action=create',
  'action[$ne]=create',
  'refused=',
  'refused=1',
  'refused=TRUE',
  'unknown=1',
  '__proto__=1',
  '__proto__[refused]=true',
  'constructor=1',
  'toString=1',
  '=1',
]
const OF_AUDIT = [
  'keyId=',
  'keyId=short',
  'keyId=0000000000000000%00',
  'keyId[$gt]=',
  'actorId=',
  `actorId=${LONG}`,
  'ownerId=',
  `ownerId=${LONG}`,
  'ownerId=a&ownerId=b',
  'ownerType=user',
  'ownerId=a&ownerType=',
  'ownerId=a&ownerType=Not%20One',
  'organizationId=',
  'all=',
  'all=yes',
]
const OF_LIST = [
  'expiresWithin=',
  'expiresWithin=7',
  'expiresWithin=-7d',
  'expiresWithin=0s',
  'expiresWithin=7D',
  'expiresWithin=9999999999y',
  'expiresWithin=1d&expiresWithin=1d',
  `expiresWithin=${LONG}`,
  'unusedSince=',
  'unusedSince=7d',
  'unusedSince=2026-13-01',
  'unusedSince=%00',
  'unusedSince=2026-01-01&unusedSince=2026-01-02',
]

/** Bodies of which each must be refused; `{token}` is that of a valid key. */
const OF_VERIFY = [
  '',
  'null',
  '[]',
  '"{token}"',
  '{}',
  '{"token":null}',
  '{"token":1}',
  '{"token":["{token}"]}',
  '{"token":{"$gt":""}}',
  '{"token":"{token}","permissions":null}',
  '{"token":"{token}","permissions":[]}',
  '{"token":"{token}","permissions":""}',
  '{"token":"{token}","permissions":42}',
  '{"token":"{token}","permissions":{}}',
  '{"token":"{token}","permissions":{"any":[]}}',
  '{"token":"{token}","permissions":{"any":["reports:read"],"all":["reports:read"]}}',
  '{"token":"{token}","permissions":{"none":["reports:read"]}}',
  '{"token":"{token}","permissions":"reports:\\u0000"}',
  '{"token":"{token}","permissions":"*"}',
  '{"token":"{token}","resource":1}',
  '{"token":"{token}","ip":1}',
  '{"token":"{token}","ip":["127.0.0.1"]}',
  '{"token":"{token}","origin":null}',
  '{"token":"{token}","cost":-1}',
  '{"token":"{token}","cost":"1"}',
  '{"token":"{token}","limit":[]}',
  '{"token":"{token}","limit":"a b"}',
  '{"token":"{token}","price":1}',
  '{"token":"{token}","__proto__":{"ip":"127.0.0.1"}}',
  '{"token":"{token}","constructor":{}}',
]
/** Kinds of which none is refused today: those that are not text end in STORE_UNAVAILABLE. */
const KINDS = ['42', 'null', 'true', '{}', '[]', '[1]']
const OF_BULK = [
  '{}',
  '[]',
  '{"reason":"x"}',
  '{"ids":[]}',
  '{"ids":"0000000000000000"}',
  '{"ids":["short"]}',
  '{"ids":[["0000000000000000"]]}',
  `{"ids":[${'"0000000000000000",'.repeat(200)}"0000000000000000"]}`,
  `{"ids":${DEEP}}`,
  '{"ids":["0000000000000000"],"answerWithin":"0s"}',
  '{"ids":["0000000000000000"],"onProgress":"x"}',
  '{"ids":["0000000000000000"],"reason":""}',
  '{"ids":["0000000000000000"],"reason":"a\\u0000b"}',
  `{"ids":["0000000000000000"],"reason":"${'x'.repeat(501)}"}`,
  '{"ownerId":""}',
  '{"ownerId":1}',
  `{"ownerId":"${LONG}"}`,
  '{"ownerId":"alice","ownerType":"Not One"}',
  '{"ownerType":"user"}',
  '{"__proto__":{"ids":["0000000000000000"]}}',
  '{"ids":["0000000000000000"],"__proto__":1}',
]

describe.each(FRAMEWORKS)('bad input over $name', ({ name, app }) => {
  let logged: object[]
  let keys: TestKeys
  let http: ReturnType<typeof request>
  let made: Created
  beforeEach(async () => {
    logged = []
    keys = testKeys({ logger: { warn: () => {}, error: details => logged.push(details) } })
    http = request(app(keys))
    made = await keys.create({ name: 'kept', owner: { id: 'alice' } })
  })
  // Nothing in it is a failure of the server, and nothing has come of it.
  afterEach(async () => {
    expect(logged).toEqual([])
    expect((await keys.list()).data).toMatchObject([{ name: 'kept', status: 'active', version: 1 }])
  })

  async function expectRefused(asked: request.Test, what: string): Promise<void> {
    const { status, body, headers } = await asked.set(root)
    const ofTheApp = body.code === undefined && name.includes('after')
    // A parser of the app's own may refuse first, in its own words.
    if (ofTheApp) return expect([what, status]).toEqual([what, 400])
    expect([what, status, body.code]).toEqual([what, 400, 'INVALID_INPUT'])
    expect(headers['content-type']).toBe('application/problem+json')
    expect(body.errors.length).toBeGreaterThan(0)
  }
  async function expectQueriesRefused(path: string, queries: readonly string[]): Promise<void> {
    for (const query of queries) await expectRefused(http.get(`/api-keys${path}?${query}`), query)
  }
  async function expectBodiesRefused(path: string, bodies: readonly string[]): Promise<void> {
    for (const body of bodies) {
      const text = body.replaceAll('{token}', made.token)
      await expectRefused(http.post(`/api-keys${path}`).type('json').send(text), body.slice(0, 100))
    }
  }

  it('is refused in queries of the audit', async () => {
    await expectQueriesRefused('/audit', [...OF_ANY_AUDIT, ...OF_AUDIT])
    await expectQueriesRefused(`/${made.apiKey.id}/audit`, [...OF_ANY_AUDIT, 'keyId=x', 'all=true'])
  })

  it('is refused in queries of lists, of /config and of /openapi.json', async () => {
    await expectQueriesRefused('', OF_LIST)
    for (const path of ['/config', '/openapi.json'])
      await expectQueriesRefused(path, ['x=1', '__proto__=1', '=1'])
  })

  it('is refused in what is to be verified', () => expectBodiesRefused('/verify', OF_VERIFY))

  it('is refused in what is to be revoked', () => expectBodiesRefused('/revoke', OF_BULK))

  it('is refused in an idempotency key', async () => {
    for (const bad of ['', ' ', '""', 'a b', 'a\tb', 'é', 'a, b', 'x'.repeat(256), `"${'x'.repeat(256)}"`]) {
      const asked = http.post('/api-keys').set('idempotency-key', bad).send({ name: 'k' })
      await expectRefused(asked, bad)
    }
  })
})

// Not where the answers are held to the document, which says that these are refused.
describe.each(STACKS)('bad input over $name', ({ app }) => {
  const verify = async (body: string) => {
    const keys = testKeys()
    const { token } = await keys.create({ name: 'k', owner: { id: 'alice' }, permissions: ['reports:read'] })
    const answer = await request(app(keys, { levels: ['/keys'] }))
      .post('/keys/verify')
      .set(root)
      .type('json')
      .send(body.replaceAll('{token}', token))
    return answer.status
  }

  it.each(KINDS)('is refused in the kind that is to be verified: %s', async kind => {
    expect(await verify(`{"token":"{token}","kind":${kind}}`)).toBe(400)
  })

  it('is refused in permissions that are nested without end', async () => {
    expect(await verify(`{"token":"{token}","permissions":${DEEP}}`)).toBe(400)
  })
})
