import { alice, root, type TestKeys, testKeys } from '../support/keys.js'
import {
  type Agent,
  createOver,
  expectFields,
  expectProblem,
  loggedIn,
  namesOf,
  overExpress,
  routerApp,
} from './support.js'

/** JSON as it is sent, so that `__proto__` and repeated names are really in it, and the field that is wrong. */
const FIELDS: readonly (readonly [string, string, string])[] = [
  ['an unknown field', '{"name":"CI","nope":1}', 'nope'],
  ['a field of the record that is not input', '{"name":"CI","hash":"$sha256$x"}', 'hash'],
  ['another creator', '{"name":"CI","createdBy":"bob"}', 'createdBy'],
  ['a parent', '{"name":"CI","parentId":"0000000000000000"}', 'parentId'],
  ['an id', '{"name":"CI","id":"0000000000000000"}', 'id'],
  ['__proto__', '{"name":"CI","__proto__":{"admin":true}}', '__proto__'],
  ['constructor', '{"name":"CI","constructor":{"prototype":{"admin":true}}}', 'constructor'],
  ['no name', '{}', 'name'],
  ['a name that is a number', '{"name":1}', 'name'],
  ['a name that is an operator', '{"name":{"$gt":""}}', 'name'],
  ['a name that is null', '{"name":null}', 'name'],
  ['an empty name', '{"name":""}', 'name'],
  ['a name too long', `{"name":"${'x'.repeat(101)}"}`, 'name'],
  ['a name with control characters', '{"name":"a\\u0000b"}', 'name'],
  ['a name with control characters of the second set', '{"name":"a\\u009b2Jb"}', 'name'],
  ['a name that turns what is beside it', '{"name":"\\u202eIC ylthgin"}', 'name'],
  ['a name that has isolates', '{"name":"\\u2066a\\u2069"}', 'name'],
  ['a tag that turns what is beside it', '{"name":"CI","tags":["\\u202da"]}', 'tags.0'],
  ['a description too long', `{"name":"CI","description":"${'x'.repeat(1001)}"}`, 'description'],
  ['permissions that are no list', '{"name":"CI","permissions":"reports:read"}', 'permissions'],
  ['a permission outside the catalogue', '{"name":"CI","permissions":["reports:raed"]}', 'permissions.0'],
  ['a permission that is an operator', '{"name":"CI","permissions":[{"$gt":""}]}', 'permissions.0'],
  ['a role that there is not', '{"name":"CI","roles":["boss"]}', 'roles.0'],
  ['a kind that there is not', '{"name":"CI","kind":"boss"}', 'kind'],
  ['a kind named as a method of objects', '{"name":"CI","kind":"toString"}', 'kind'],
  ['metadata that is a list', '{"name":"CI","metadata":[]}', 'metadata'],
  ['metadata over 8 KiB', `{"name":"CI","metadata":{"a":"${'x'.repeat(8 * 1024)}"}}`, 'metadata'],
  ['metadata with $', '{"name":"CI","metadata":{"$set":{"a":1}}}', 'metadata'],
  ['metadata with a dot', '{"name":"CI","metadata":{"a.b":1}}', 'metadata'],
  ['metadata with __proto__', '{"name":"CI","metadata":{"__proto__":{"admin":true}}}', 'metadata'],
  ['metadata with $ further down', '{"name":"CI","metadata":{"a":[{"b":{"$ne":1}}]}}', 'metadata'],
  ['metadata with __proto__ further down', '{"name":"CI","metadata":{"a":{"__proto__":1}}}', 'metadata'],
  ['metadata with an empty name', '{"name":"CI","metadata":{"":1}}', 'metadata'],
  ['metadata with a number too large', '{"name":"CI","metadata":{"a":1e999}}', 'metadata'],
  ['metadata nested too deep', `{"name":"CI","metadata":${'{"a":'.repeat(9)}1${'}'.repeat(9)}}`, 'metadata'],
  ['a tag too long', `{"name":"CI","tags":["${'x'.repeat(65)}"]}`, 'tags.0'],
  ['too many tags', `{"name":"CI","tags":${JSON.stringify(Array.from({ length: 21 }, String))}}`, 'tags'],
  ['an expiry in the past', '{"name":"CI","expiresAt":"2001-01-01"}', 'expiresAt'],
  ['an expiry beyond the longest', '{"name":"CI","expiresIn":"91d"}', 'expiresAt'],
  ['an expiry that is no time', '{"name":"CI","expiresAt":"tomorrow"}', 'expiresAt'],
  ['an expiry that is a number', '{"name":"CI","expiresAt":4102444800000}', 'expiresAt'],
  ['a day that there is not', '{"name":"CI","expiresAt":"2999-02-30"}', 'expiresAt'],
  ['both expiries', '{"name":"CI","expiresIn":"1d","expiresAt":"2999-01-01"}', 'expiresAt'],
  ['a duration without a unit', '{"name":"CI","expiresIn":"90"}', 'expiresIn'],
  ['a duration that is a number', '{"name":"CI","expiresIn":90}', 'expiresIn'],
  ['a negative duration', '{"name":"CI","expiresIn":"-1d"}', 'expiresIn'],
  ['an owner that is an id', '{"name":"CI","owner":"alice"}', 'owner'],
  ['an operator for an owner', '{"name":"CI","owner":{"$gt":""}}', 'owner'],
  ['an operator for an owner id', '{"name":"CI","owner":{"id":{"$gt":""}}}', 'owner.id'],
  ['an operator for an organisation', '{"name":"CI","organizationId":{"$gt":""}}', 'organizationId'],
  ['a range that there is not', '{"name":"CI","restrictions":{"ips":["10.0.0.0/33"]}}', 'restrictions.ips.0'],
  [
    'an origin with a path',
    '{"name":"CI","restrictions":{"origins":["https://a.b/c"]}}',
    'restrictions.origins.0',
  ],
]

overExpress('Bad input', express => {
  let keys: TestKeys
  let agent: Agent
  beforeEach(async () => {
    keys = testKeys({
      kinds: { secret: { maxExpiresIn: '90d' } },
      grants: () => ['reports:*', 'api-keys:*'],
    })
    agent = await loggedIn(routerApp(express, keys), alice)
  })

  const post = (path: string, json: string) =>
    agent.post(`/api-keys${path}`).set('Content-Type', 'application/json').send(json)

  it.each(FIELDS)('refuses to make a key with %s', async (_, json, field) => {
    const answer = await post('', json)
    expectProblem(answer, 400, 'INVALID_INPUT')
    const paths: string[] = answer.body.errors.map(({ path }: { path: string }) => path)
    // An owner that has neither of its fields has two faults.
    expect(paths.every(path => path === field || path.startsWith(`${field}.`))).toBe(true)
    expect(paths).not.toHaveLength(0)
    expect(await namesOf(agent)).toEqual([])
  })

  it.each(FIELDS.filter(([what]) => what !== 'no name'))('refuses to change a key to %s', async (_, json) => {
    const { apiKey } = await createOver(agent, { name: 'kept' })
    const path = `/api-keys/${apiKey.id}`
    const answer = await agent.patch(path).set('Content-Type', 'application/json').send(json)
    expectProblem(answer, 400, 'INVALID_INPUT')
    expect((await agent.get(path)).body).toEqual(apiKey)
  })

  it('refuses a permission that is more than the owner may do', async () => {
    expectFields(await post('', '{"name":"CI","permissions":["exports:run"]}'), 'permissions.0')
    expectFields(await post('', '{"name":"CI","permissions":["reports:read","*"]}'), 'permissions.1')
    expect(await namesOf(agent)).toEqual([])
  })

  it('leaves Object.prototype as it was', async () => {
    await post('', '{"name":"CI","__proto__":{"polluted":true}}').expect(400)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it.each([
    ['no token', '{}', 'token'],
    ['an operator', '{"token":{"$gt":""}}', 'token'],
    ['a number', '{"token":1}', 'token'],
    ['an empty token', '{"token":""}', 'token'],
    ['an unknown field', '{"token":"x","nope":1}', 'nope'],
  ])('refuses a look-up with %s', async (_, json, field) => {
    expectFields(await post('/lookup', json), field)
  })

  it.each(['x', 'acme_test_', '\\u0000', '🔑', '../..', '$where', ' '.repeat(3), 'x'.repeat(60_000)])(
    'answers 404 to a look-up of %j, which is nobody’s token',
    async token => {
      expectProblem(await post('/lookup', `{"token":"${token}"}`), 404, 'NOT_FOUND')
    },
  )

  it.each([
    ['/rotate', '{"grace":90}', 'grace'],
    ['/rotate', '{"grace":"90"}', 'grace'],
    ['/rotate', '{"grace":"-1h"}', 'grace'],
    ['/rotate', '{"grace":"2y"}', 'grace'],
    ['/rotate', '{"nope":1}', 'nope'],
    ['/revoke', '{"reason":1}', 'reason'],
    ['/revoke', `{"reason":"${'x'.repeat(501)}"}`, 'reason'],
    ['/revoke', '{"nope":1}', 'nope'],
    ['/revoke', '[]', ''],
    ['/transfer', '{"owner":"bob"}', 'owner'],
    ['/transfer', '{"owner":{"id":{"$gt":""}}}', 'owner.id'],
    ['/transfer', '{"owner":{"id":"bob"},"nope":1}', 'nope'],
  ])('refuses %s with %s', async (tail, json, field) => {
    const { apiKey } = await createOver(agent, { name: 'kept' })
    expectFields(await post(`/${apiKey.id}${tail}`, json), field)
    expect((await agent.get(`/api-keys/${apiKey.id}`)).body).toEqual(apiKey)
  })

  it.each(['?purge=1', '?purge=', '?purge=true&purge=false', '?nope=true'])(
    'refuses DELETE %s',
    async query => {
      const { apiKey } = await createOver(agent, { name: 'kept' })
      const admin = await loggedIn(routerApp(express, keys), root)
      expectProblem(await admin.delete(`/api-keys/${apiKey.id}${query}`), 400, 'INVALID_INPUT')
      expect(await namesOf(agent)).toEqual(['kept'])
    },
  )
})
