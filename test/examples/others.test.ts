/** The other examples, each started as its reader would, and driven over HTTP. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import request from 'supertest'

let app: ChildProcess | undefined
/** What it said when it started. */
let said = ''

afterEach(async () => {
  if (app !== undefined && app.exitCode === null) {
    app.kill()
    await once(app, 'exit')
  }
})

async function start(name: string): Promise<string> {
  const file = resolve(__dirname, `../../examples/${name}/server.js`)
  const started = spawn(process.execPath, [file], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  app = started
  const [printed] = await once(started.stdout, 'data')
  said = String(printed)
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
  if (address === undefined) throw new Error(`no address in: ${said}`)
  return address
}

/** Headers with which this user is logged in. */
async function logIn(address: string, username: string): Promise<Record<string, string>> {
  const answer = await request(address)
    .post('/login')
    .send({ username, password: `${username}-password` })
    .expect(200)
  if (typeof answer.body.jwt === 'string') return { authorization: `Bearer ${answer.body.jwt}` }
  const cookies: string[] = [answer.headers['set-cookie'] ?? []].flat()
  return { cookie: cookies.map(cookie => cookie.split(';', 1)[0]).join('; ') }
}

it.each(['koa', 'fetch-hono', 'jwt'])(
  '%s: a user makes a key, a program uses it, an admin ends it',
  async name => {
    const address = await start(name)
    const http = request(address)
    const alice = await logIn(address, 'alice')
    const root = await logIn(address, 'root')
    await http.get('/api-keys').expect(401)
    await http.get('/reports').expect(401)

    const input = { name: 'my script', permissions: ['reports:read'] }
    const { token, apiKey } = (await http.post('/api-keys').set(alice).send(input).expect(201)).body
    const key = { 'x-api-key': token }
    const reports = [{ title: 'Sales, first quarter', by: 'alice' }]
    expect((await http.get('/reports').set(key).expect(200)).body).toEqual(reports)
    expect(
      (
        await http
          .get('/reports')
          .set({ authorization: `Bearer ${token}` })
          .expect(200)
      ).body,
    ).toEqual(reports)
    expect((await http.get('/reports').set(alice).expect(200)).body).toEqual(reports)
    await http.post('/api-keys').set(key).send({ name: 'another' }).expect(403)

    const weak = (await http.post('/api-keys').set(alice).send({ name: 'weak' }).expect(201)).body.token
    await http.get('/reports').set({ 'x-api-key': weak }).expect(403)

    const found = await http.post('/api-keys/lookup').set(root).send({ token }).expect(200)
    expect(found.body.id).toBe(apiKey.id)
    await http.post(`/api-keys/${apiKey.id}/revoke`).set(root).send({ reason: 'leaked' }).expect(200)
    await http.get('/reports').set(key).expect(401)
    expect((await http.get(`/api-keys/${apiKey.id}`).set(alice).expect(200)).body.revoked.by).toBe('root')
  },
)

it('prometheus: what keys do is among the metrics', async () => {
  const address = await start('prometheus')
  const token = /acme_live_\w+/.exec(said)?.[0] ?? ''
  const http = request(address)
  await http.get('/reports').expect(401)
  await http.get('/reports').set('x-api-key', token).expect(200)
  expect((await http.get('/ready').expect(200)).body).toEqual({ ok: true, store: 'up' })
  const { text } = await http.get('/metrics').expect(200)
  expect(text).toContain('sidekey_verifications_total{outcome="KEY_MISSING"} 1')
  expect(text).toContain('sidekey_verifications_total{outcome="accepted"} 1')
  expect(text).toContain('sidekey_cache_lookups_total{result="miss"} 1')
  expect(text).toMatch(/sidekey_operation_duration_seconds_count\{operation="create",error=""\} 1/)
  expect(text).toContain('sidekey_queue_length{queue="usage"} 1')
  expect(text).not.toContain(token)
})
