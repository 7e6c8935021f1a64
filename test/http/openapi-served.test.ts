/** `GET /openapi.json`, over every framework. */
import request from 'supertest'
import { FRAMEWORKS } from '../frameworks/apps.js'
import { testKeys } from '../support/keys.js'

const PATH = '/api-keys/openapi.json'

describe.each(FRAMEWORKS)('GET /openapi.json over $name', ({ app }) => {
  it('is for everybody, with a login, with a key and without', async () => {
    const keys = testKeys()
    const http = request(app(keys))
    const { token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const nobody = await http.get(PATH)
    expect([nobody.status, nobody.body.openapi, nobody.headers['content-type']]).toEqual([
      200,
      '3.1.0',
      'application/json',
    ])
    expect((await http.get(PATH).set('x-user', 'alice')).body).toEqual(nobody.body)
    expect((await http.get(PATH).set('x-api-key', token)).body).toEqual(nobody.body)
  })

  it('refuses a key that is not valid all the same', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    await keys.revoke(apiKey.id)
    const http = request(app(keys))
    for (const [presented, code] of [
      [token, 'KEY_REVOKED'],
      ['nonsense', 'KEY_INVALID'],
    ] as const) {
      const answer = await http.get(PATH).set('x-user', 'alice').set('x-api-key', presented)
      expect([answer.status, answer.body.code]).toEqual([401, code])
    }
  })

  it('has nothing of the app in it but where the router is mounted', async () => {
    const plain = (await request(app(testKeys())).get(PATH)).body
    const other = testKeys({
      prefix: 'zebra',
      kinds: { secret: {}, giraffe: {} },
      roles: { reader: ['reports:read'] },
    })
    expect((await request(app(other)).get(PATH)).body).toEqual(plain)
    expect(plain.servers).toEqual([{ url: '/api-keys' }])
    expect(JSON.stringify(plain).match(/acme_test|exports:run|zebra|giraffe/g)).toBeNull()
  })

  it('takes GET alone, and no parameter', async () => {
    const http = request(app(testKeys()))
    const post = await http.post(PATH).set('x-user', 'root')
    expect([post.status, post.headers.allow]).toEqual([405, 'GET'])
    expect((await http.get(`${PATH}?x=1`)).status).toBe(400)
    expect((await http.head(PATH)).status).toBe(200)
  })
})
