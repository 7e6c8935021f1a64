/** How often keys were used, over every framework: as JSON, and as CSV for who asks for it. */
import request from 'supertest'
import { HOUR_MS, hourOf } from '../../src/usage/hours.js'
import { testKeys } from '../support/keys.js'
import '../http/documented.js'
import { memoryStore } from 'sidekey'
import { FRAMEWORKS } from './apps.js'

const as = (id: string) => ({ 'x-user': id })
const DAY = '2026-11-25'
const HOUR = hourOf(Date.parse(DAY))
const QUERY = { from: DAY, to: '2026-11-27', timeZone: 'Europe/Berlin' }
const CSV = 'text/csv'

/** An app with a key of alice's that was used: four times on the first day. */
async function open(app: (typeof FRAMEWORKS)[number]['app']) {
  const store = memoryStore()
  const keys = testKeys({ store })
  const { apiKey, token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
  const counts = { accepted: 3, KEY_EXPIRED: 1 }
  const expireAt = new Date(Date.now() + HOUR_MS)
  await store.addUsage([
    { keyId: apiKey.id, owner: apiKey.owner, organizationId: null, hour: HOUR, counts, expireAt },
  ])
  return { http: request(app(keys)), apiKey, token }
}

const DATA = [
  {
    from: '2026-11-24T23:00:00.000Z',
    to: '2026-11-25T23:00:00.000Z',
    total: 4,
    outcomes: { accepted: 3, KEY_EXPIRED: 1 },
  },
  { from: '2026-11-25T23:00:00.000Z', to: '2026-11-26T23:00:00.000Z', total: 0, outcomes: {} },
]
const TABLE = [
  'from,to,total,accepted,KEY_EXPIRED',
  '2026-11-24T23:00:00.000Z,2026-11-25T23:00:00.000Z,4,3,1',
  '2026-11-25T23:00:00.000Z,2026-11-26T23:00:00.000Z,0,0,0',
  '',
].join('\r\n')

describe.each(FRAMEWORKS)('usage over $name', ({ app }) => {
  it("is told of one's own keys, of one key, and to an admin of another's", async () => {
    const { http, apiKey } = await open(app)
    for (const [who, path, more] of [
      ['alice', '/usage', {}],
      ['alice', '/usage', { keyId: apiKey.id }],
      ['alice', `/${apiKey.id}/usage`, {}],
      ['root', '/usage', { all: 'true' }],
      ['root', '/usage', { ownerId: 'alice', ownerType: 'user' }],
    ] as const) {
      const answer = await http
        .get(`/api-keys${path}`)
        .query({ ...QUERY, ...more })
        .set(as(who))
        .expect(200)
      expect(answer.body).toEqual({ data: DATA })
      expect(answer.headers['content-type']).toBe('application/json')
    }
    const bobs = await http.get('/api-keys/usage').query(QUERY).set(as('bob')).expect(200)
    expect(bobs.body.data).toMatchObject([{ total: 0 }, { total: 0 }])
    await http.get(`/api-keys/${apiKey.id}/usage`).set(as('bob')).expect(404)
    await http.get('/api-keys/usage?all=true').set(as('bob')).expect(403)
    await http.get('/api-keys/usage').expect(401)
  })

  it('is a table for who asks for CSV, whoever they are', async () => {
    const { http, apiKey, token } = await open(app)
    for (const path of ['/usage', `/${apiKey.id}/usage`]) {
      const answer = await http.get(`/api-keys${path}`).query(QUERY).set(as('alice')).set('accept', CSV)
      expect([answer.status, answer.text]).toEqual([200, TABLE])
      expect(answer.headers).toMatchObject({
        'content-type': 'text/csv; charset=utf-8; header=present',
        'cache-control': 'no-store',
      })
      expect(answer.headers.vary?.split(', ')).toEqual(
        expect.arrayContaining(['accept', 'authorization', 'x-api-key', 'cookie']),
      )
      const head = await http.head(`/api-keys${path}`).query(QUERY).set(as('alice')).set('accept', CSV)
      expect([head.status, head.text ?? '']).toEqual([200, ''])
    }
    // What goes wrong is a problem document all the same.
    const refused = await http.get('/api-keys/usage').set({ 'x-api-key': token, accept: CSV })
    expect([refused.status, refused.headers['content-type']]).toEqual([403, 'application/problem+json'])
  })

  it.each([
    [`${CSV}, */*`, CSV],
    [`application/json;q=0.5, ${CSV}`, CSV],
    ['text/*', CSV],
    [`${CSV};q=0.5, */*`, 'application/json'],
    [`${CSV}, application/json`, 'application/json'],
    ['*/*', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
    ['application/problem+json', 'application/json'],
  ])('answers Accept: %s by %s', async (accept, type) => {
    const { http } = await open(app)
    const answer = await http.get('/api-keys/usage').query(QUERY).set(as('alice')).set('accept', accept)
    expect([answer.status, answer.headers['content-type']?.split(';')[0]]).toEqual([200, type])
  })

  it('is neither HTML nor XML; and nothing else is CSV', async () => {
    const { http, apiKey } = await open(app)
    for (const [path, accept] of [
      ['/usage', 'text/html'],
      ['/usage', `${CSV};q=0`],
      ['', CSV],
      [`/${apiKey.id}`, CSV],
    ] as const) {
      const answer = await http.get(`/api-keys${path}`).set(as('alice')).set('accept', accept)
      expect([path, answer.status, answer.body.code]).toEqual([path, 406, 'NOT_ACCEPTABLE'])
    }
  })

  it('names the parameter that is wrong', async () => {
    const { http, apiKey } = await open(app)
    const fieldsOf = async (path: string) => {
      const { status, body } = await http.get(`/api-keys${path}`).set(as('alice'))
      return [status, body.errors?.map((error: { path: string }) => error.path)]
    }
    expect(await fieldsOf('/usage?by=week')).toEqual([400, ['by']])
    expect(await fieldsOf('/usage?timeZone=Mars&from=x')).toEqual([400, ['from', 'timeZone']])
    expect(await fieldsOf('/usage?by=hour&from=2026-01-01')).toEqual([400, ['from']])
    expect(await fieldsOf('/usage?ownerType=user')).toEqual([400, ['ownerType']])
    expect(await fieldsOf('/usage?owner=alice')).toEqual([400, ['owner']])
    expect(await fieldsOf(`/${apiKey.id}/usage?keyId=${apiKey.id}`)).toEqual([400, ['keyId']])
    expect(await fieldsOf('/x/usage')).toEqual([400, ['id']])
  })
})
