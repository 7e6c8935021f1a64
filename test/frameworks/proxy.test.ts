/** Behind a reverse proxy, which the app believes or does not, over every framework. */
import request from 'supertest'
import { testKeys } from '../support/keys.js'
import { proxyBefore, withServer } from './server.js'
import { type Setup, STACKS } from './stacks.js'

const alice = { 'x-user': 'alice' }
const CLIENT = '203.0.113.7'
const HOST = 'app.example.com'
const LOOPBACK = /^(?:::ffff:)?127\.0\.0\.1$/

describe.each(STACKS)('behind a proxy over $name', ({ app }) => {
  /** Requests by a client of that address, through the proxy. */
  async function behindProxy(
    setup: Setup,
    use: (keys: ReturnType<typeof testKeys>, http: ReturnType<typeof request>) => Promise<void>,
  ): Promise<void> {
    const keys = testKeys()
    await withServer(app(keys, setup), inner =>
      withServer(proxyBefore(inner, CLIENT), outer => use(keys, request(`http://127.0.0.1:${outer}`))),
    )
  }

  it("tells the audit the client's address where it believes the proxy, and else the proxy's", async () => {
    for (const trustsProxy of [true, false]) {
      await behindProxy({ trustsProxy }, async (keys, http) => {
        const made = await http.post('/api-keys').set(alice).send({ name: 'k' }).expect(201)
        await http.get(`/api-keys/${made.body.apiKey.id}`).set('x-user', 'bob').expect(404)
        const { data } = await keys.audit()
        expect(data.map(({ action }) => action).sort()).toEqual(['create', 'read'])
        for (const { ip } of data) expect(ip).toMatch(trustsProxy ? CLIENT : LOOPBACK)
      })
    }
  })

  it('lets a key with an address rule in by the address that it believes, whatever the client writes', async () => {
    for (const trustsProxy of [true, false]) {
      await behindProxy({ trustsProxy }, async (keys, http) => {
        const tokenFor = async (ip: string) =>
          (
            await keys.create({
              name: ip,
              owner: { id: 'alice' },
              permissions: ['reports:read'],
              restrictions: { ips: [ip] },
            })
          ).token
        const [own, others] = [await tokenFor(CLIENT), await tokenFor('198.51.100.1')]
        const get = (token: string, path: string) => http.get(path).set('x-api-key', token)
        for (const path of ['/reports', '/api-keys/me']) {
          expect((await get(own, path)).status).toBe(trustsProxy ? 200 : 403)
          const spoofed = await get(others, path).set('x-forwarded-for', '198.51.100.1')
          expect([spoofed.status, spoofed.body.code]).toEqual([403, 'IP_NOT_ALLOWED'])
        }
      })
    }
  })

  it('takes changes from pages of the host that the proxy is called by, where it believes it', async () => {
    for (const trustsProxy of [true, false]) {
      await behindProxy({ trustsProxy }, async (_keys, http) => {
        const create = (headers: object) =>
          http
            .post('/api-keys')
            .set({ ...alice, host: HOST, ...headers })
            .send({ name: 'k' })
        expect((await create({ origin: `https://${HOST}` })).status).toBe(trustsProxy ? 201 : 403)
        expect((await create({ origin: 'https://evil.example' })).body.code).toBe('CROSS_ORIGIN')
        // Browsers of today say it themselves.
        expect((await create({ origin: `https://${HOST}`, 'sec-fetch-site': 'same-origin' })).status).toBe(
          201,
        )
      })
    }
  })

  // Express hands on all hosts that a row of proxies has written.
  it('takes them behind two proxies, too, of which each has written its host', async () => {
    const http = request(app(testKeys(), { trustsProxy: true }))
    const create = http
      .post('/api-keys')
      .set({ ...alice, origin: `https://${HOST}`, 'x-forwarded-host': `${HOST}, inner.example.com` })
    expect((await create.send({ name: 'k' })).status).toBe(201)
  })

  it('takes nothing for an address that is none, and tells no token that is in its place', async () => {
    const keys = testKeys()
    const http = request(app(keys, { trustsProxy: true }))
    const restrictions = { ips: ['0.0.0.0/0', '::/0'] }
    const { token } = await keys.create({ name: 'k', owner: { id: 'alice' }, restrictions })
    for (const address of ['nonsense', '999.1.1.1', 'é', token, 'x'.repeat(5000)]) {
      const byKey = await http.get('/api-keys/me').set({ 'x-api-key': token, 'x-forwarded-for': address })
      expect([byKey.status, byKey.body.code]).toEqual([403, 'IP_NOT_ALLOWED'])
      const made = http.post('/api-keys').set({ ...alice, 'x-forwarded-for': address })
      await made.send({ name: 'k' }).expect(201)
    }
    const told = JSON.stringify(await keys.audit({ limit: 100 }))
    expect(told).toContain('nonsense')
    expect(told).not.toContain(token.slice(-49))
    expect(told).not.toContain('x'.repeat(257))
  })

  it('says where a new key is by its path, so that any host will do', async () => {
    await behindProxy({ levels: ['/v1/api-keys'] }, async (_keys, http) => {
      const made = await http.post('/v1/api-keys').set(alice).send({ name: 'k' }).expect(201)
      expect(made.headers.location).toBe(`/v1/api-keys/${made.body.apiKey.id}`)
      await http.get(`${made.headers.location}`).set(alice).expect(200)
    })
  })
})
