/** What is the Fetch standard's own: requests without a server, Hono, addresses that are not told. */
import { Hono } from 'hono'
import { keyHandler, verifyRequest } from 'sidekey/fetch'
import { alice, bob, refusalCode, testKeys } from '../support/keys.js'

const at = (path: string, init: RequestInit = {}) => new Request(`https://app.example.com${path}`, init)
const sent = (token: string, init: RequestInit = {}) => ({ ...init, headers: { 'x-api-key': token } })

describe('keyHandler', () => {
  it('is a function from request to answer, with the user beside it', async () => {
    const handler = keyHandler(testKeys(), { path: '/api-keys' })
    const request = at('/api-keys', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'k' }),
    })
    const answer = await handler(request, { user: alice })
    expect(answer.status).toBe(201)
    const { apiKey, token } = (await answer.json()) as { apiKey: { id: string }; token: string } // a route's answer
    expect(answer.headers.get('location')).toBe(`/api-keys/${apiKey.id}`)
    expect((await handler(at(`/api-keys/${apiKey.id}`), { user: alice })).status).toBe(200)
    expect((await handler(at(`/api-keys/${apiKey.id}`), { user: bob })).status).toBe(404)
    expect((await handler(at(`/api-keys/${apiKey.id}`))).status).toBe(401)
    expect((await handler(at('/api-keys/me', sent(token)))).status).toBe(200)
    // A key counts, whoever is said to be logged in.
    expect((await handler(at('/api-keys', sent(token)), { user: alice })).status).toBe(403)
  })

  it('answers nothing beside its mount', async () => {
    const handler = keyHandler(testKeys(), { path: '/api-keys' })
    for (const path of ['/', '/api', '/api-keys2', '/x/api-keys']) {
      const answer = await handler(at(path), { user: alice })
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        404,
        'ROUTE_NOT_FOUND',
      ])
    }
  })

  it('reads a body of any length no further than it must', async () => {
    const handler = keyHandler(testKeys())
    let pulled = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(16 * 1024).fill(32))
      },
    })
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' }
    const answer = await handler(at('/', init as RequestInit), { user: alice }) // its type lacks duplex
    expect(answer.status).toBe(413)
    expect(pulled).toBeLessThan(10)
  })

  it('refuses changes from a page of another origin', async () => {
    const handler = keyHandler(testKeys())
    const post = (headers: Record<string, string>) =>
      handler(
        at('/', {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: '{"name":"k"}',
        }),
        {
          user: alice,
        },
      )
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403)
    expect((await post({ origin: 'https://app.example.com' })).status).toBe(201)
  })

  it('is mounted in Hono by its path, or by app.mount', async () => {
    const keys = testKeys()
    const app = new Hono()
    const handler = keyHandler(keys, { path: '/api-keys' })
    for (const path of ['/api-keys', '/api-keys/*']) app.all(path, c => handler(c.req.raw, { user: alice }))
    const mounted = keyHandler(keys)
    app.mount('/v2/keys', request => mounted(request, { user: alice }))
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    for (const base of ['/api-keys', '/v2/keys']) {
      const list = (await (await app.request(base)).json()) as { data: unknown[] } // a page
      expect(list.data).toHaveLength(1)
      expect((await app.request(`${base}/${id}`)).status).toBe(200)
      expect((await app.request(`${base}/${id}/revoke`, { method: 'POST' })).status).toBe(200)
    }
  })
})

describe('verifyRequest', () => {
  it('gives the key with its user, or the answer that refuses it', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.as(alice).create({ name: 'k', permissions: ['reports:read'] })
    const verified = await verifyRequest(keys, at('/', sent(token)), 'reports:read')
    expect(verified).toMatchObject({ ok: true, apiKey: { id: apiKey.id }, user: alice })
    const refused = await verifyRequest(keys, at('/', sent(token)), 'reports:write')
    if (refused.ok) throw new Error('it has no reports:write')
    expect(refused).toMatchObject({ code: 'INSUFFICIENT_PERMISSIONS', status: 403 })
    expect(refused.response.status).toBe(403)
    expect(refused.response.headers.get('content-type')).toBe('application/problem+json')
    const none = await verifyRequest(keys, at('/'))
    if (none.ok) throw new Error('there is no key')
    expect(none.response.headers.get('www-authenticate')).toBe('Bearer realm="api"')
  })

  it('refuses a key with an address rule where the address is not told', async () => {
    const keys = testKeys()
    const restrictions = { ips: ['192.0.2.0/24'] }
    const { token } = await keys.as(alice).create({ name: 'k', restrictions })
    expect(await verifyRequest(keys, at('/', sent(token)))).toMatchObject({ code: 'IP_NOT_ALLOWED' })
    const told = await verifyRequest(keys, at('/', sent(token)), undefined, { ip: '192.0.2.9' })
    expect(told.ok).toBe(true)
  })

  it("marks the request: keys.as gives it a key's rights", async () => {
    const keys = testKeys()
    const { token } = await keys.as(alice).create({ name: 'k' })
    const request = at('/', sent(token))
    await verifyRequest(keys, request)
    expect(await refusalCode(keys.as(alice, request).list())).toBe('FORBIDDEN')
  })

  it('throws for a requirement or an option that there is not', async () => {
    const keys = testKeys()
    const wrong = [
      () => verifyRequest(keys, at('/'), 'reports:raed' as never), // what no type lets by
      () => verifyRequest(keys, at('/'), undefined, { kind: 'no-such' }),
      () => verifyRequest(keys, at('/'), undefined, { resorce: 'x' } as never), // as above
    ]
    for (const act of wrong) expect(await refusalCode(act())).toBe('INVALID_OPTION')
  })
})
