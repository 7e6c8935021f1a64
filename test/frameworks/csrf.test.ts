/** The app's own check of a CSRF token, over every framework. */
import request from 'supertest'
import type { RouterOptions } from '../../src/http/router-options.js'
import { testKeys } from '../support/keys.js'
import { FRAMEWORKS } from './apps.js'

const alice = { 'x-user': 'alice' }
const NO_ID = '0000000000000000'
/** Every change that the router knows. */
const CHANGES = [
  ['post', ''],
  ['post', '/revoke'],
  ['post', '/verify'],
  ['post', '/lookup'],
  ['patch', `/${NO_ID}`],
  ['delete', `/${NO_ID}`],
  ['post', `/${NO_ID}/rotate`],
  ['post', `/${NO_ID}/revoke`],
  ['post', `/${NO_ID}/restore`],
  ['post', `/${NO_ID}/transfer`],
] as const

describe.each(FRAMEWORKS)('the option csrf over $name', ({ app, headerOf }) => {
  function open(csrf: NonNullable<RouterOptions<object>['csrf']>) {
    const logged: object[] = []
    const keys = testKeys({ logger: { warn: () => {}, error: details => logged.push(details) } })
    return { keys, logged, http: request(app(keys, { csrf })) }
  }

  it('is asked of every change by a login, and refuses it: 403', async () => {
    let asked = 0
    const { http } = open(() => {
      asked++
      return false
    })
    for (const [method, path] of CHANGES) {
      const answer = await http[method](`/api-keys${path}`).set(alice)
      expect([method, path, answer.status, answer.body.code]).toEqual([
        method,
        path,
        403,
        'CSRF_TOKEN_REQUIRED',
      ])
      expect(answer.headers['content-type']).toBe('application/problem+json')
    }
    expect(asked).toBe(CHANGES.length)
  })

  it('is never asked of reading, of a key, or of nobody', async () => {
    let asked = 0
    const { keys, http } = open(() => {
      asked++
      return false
    })
    const { apiKey, token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    for (const path of ['', '/config', '/audit', `/${apiKey.id}`, `/${apiKey.id}/audit`, '/openapi.json']) {
      expect((await http.get(`/api-keys${path}`).set(alice)).status).toBe(200)
      expect((await http.head(`/api-keys${path}`).set(alice)).status).toBe(200)
    }
    expect((await http.post('/api-keys').send({ name: 'x' })).status).toBe(401)
    const byKey = http
      .post(`/api-keys/${apiKey.id}/revoke`)
      .set({ ...alice, 'x-api-key': token })
      .send({})
    expect((await byKey).status).toBe(200)
    expect(asked).toBe(0)
  })

  it("is given the framework's own request, and lets by what it knows", async () => {
    const { http } = open(async asking => headerOf(asking, 'x-csrf-token') === 'good')
    const create = (token: string) =>
      http.post('/api-keys').set(alice).set('x-csrf-token', token).send({ name: 'k' })
    expect((await create('good')).status).toBe(201)
    expect((await create('bad')).body.code).toBe('CSRF_TOKEN_REQUIRED')
  })

  it.each([false, undefined, null, 1, 'true', {}])(
    'takes no other answer than true for leave: %p',
    async not => {
      const { keys, http } = open(() => not as boolean) // what no type lets by
      const answer = await http.post('/api-keys').set(alice).send({ name: 'k' })
      expect([answer.status, answer.body.code]).toEqual([403, 'CSRF_TOKEN_REQUIRED'])
      expect((await keys.list()).data).toEqual([])
    },
  )

  it.each([
    [
      'throws',
      () => {
        throw new Error('hunter2')
      },
    ],
    ['rejects', () => Promise.reject(new Error('hunter2'))],
  ] as const)('lets nothing through where it %s', async (_how, csrf) => {
    const { keys, http, logged } = open(csrf)
    const answer = await http.post('/api-keys').set(alice).send({ name: 'k' })
    expect([answer.status, answer.body.code]).toEqual([500, 'INTERNAL_ERROR'])
    expect(answer.text).not.toContain('hunter2')
    expect(logged).toEqual([{ err: new Error('hunter2') }])
    expect((await keys.list()).data).toEqual([])
  })

  it('stands beside the check of the origin, not in its place', async () => {
    const { http } = open(() => true)
    const evil = http.post('/api-keys').set(alice).set('origin', 'https://evil.example').send({ name: 'k' })
    expect((await evil).body.code).toBe('CROSS_ORIGIN')
  })
})
