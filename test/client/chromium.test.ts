/** The client in a page, as it is bundled, against the router of an app with a session and a CSRF token. */
import { createServer, type Server } from 'node:http'
import express, { type RequestHandler } from 'express'
import type { Browser, Page } from 'playwright-core'
import { keyRouter } from 'sidekey/express'
import type { KeyClient, KeyClientError } from '../../src/client/index.js'
import { BROWSER_TIMEOUT_MS, openBrowser } from '../support/browser.js'
import { testKeys } from '../support/keys.js'
import { bundleClient } from './bundle.js'
import { answers, close, hangsUp, listen, login } from './support.js'

declare global {
  /** In the page: a client that sends the CSRF token, one that does not, and how an error looks. */
  var client: KeyClient
  var withoutCsrf: KeyClient
  var failure: (call: Promise<unknown>) => Promise<Pick<KeyClientError, 'name' | 'status' | 'code'>>
}

const CSRF = 'a csrf token'

const PAGE = `<!doctype html><meta name="csrf" content="${CSRF}"><script type="module">
import { keyClient, KeyClientError } from '/client.js'
const csrf = () => ({ 'x-csrf-token': document.querySelector('meta[name=csrf]').content })
globalThis.client = keyClient({ baseUrl: '/api-keys', headers: csrf })
globalThis.withoutCsrf = keyClient({ baseUrl: '/api-keys' })
globalThis.failure = call => call.then(
  () => { throw new Error('resolved') },
  error => {
    if (!(error instanceof KeyClientError)) throw error
    const { name, status, code } = error
    return { name, status, code }
  },
)
document.title = 'ready'
</script>`

const requireCsrf: RequestHandler = (req, res, next) => {
  const isSafe = req.method === 'GET'
  if (isSafe || req.headers['x-csrf-token'] === CSRF) next()
  else res.status(403).send('<h1>Forbidden</h1>')
}

const keys = testKeys()
let browser: Browser
let server: Server
let page: Page
let faults: RequestHandler[]
let requests: number

beforeAll(async () => {
  const { code } = await bundleClient()
  const app = express()
  app.get('/', (_req, res) => void res.cookie('user', 'alice', { httpOnly: true }).send(PAGE))
  app.get('/client.js', (_req, res) => void res.type('js').send(code))
  app.use('/api-keys', (req, res, next) => {
    requests++
    return (faults.shift() ?? ((_req, _res, pass) => pass()))(req, res, next)
  })
  app.use('/api-keys', login, requireCsrf, keyRouter(keys))
  server = createServer(app)
  const origin = await listen(server)
  browser = await openBrowser()
  page = await browser.newPage()
  await page.goto(origin)
  await page.waitForFunction("document.title === 'ready'")
}, BROWSER_TIMEOUT_MS)
beforeEach(() => {
  faults = []
  requests = 0
})
afterAll(async () => {
  await browser?.close()
  await close(server)
})

describe('The client in Chromium', () => {
  it('makes, lists, changes and revokes keys by the session of the page', async () => {
    const { made, listed, updated, revoked, seen } = await page.evaluate(async () => {
      const made = await client.create({ name: 'CI', expiresAt: new Date('2099-01-31') })
      const listed = await client.list({ q: 'CI' })
      const { id, version } = made.apiKey
      const updated = await client.update(id, { name: 'CI 2' }, { ifVersion: version })
      const revoked = await client.revoke(id, { reason: 'done' })
      return { made, listed, updated, revoked, seen: await client.get(id) }
    })
    expect(made.apiKey).toMatchObject({ owner: { id: 'alice' }, expiresAt: '2099-01-31T00:00:00.000Z' })
    expect(listed).toEqual({ data: [made.apiKey], nextCursor: null })
    expect(updated).toMatchObject({ name: 'CI 2', version: 2 })
    expect(revoked).toMatchObject({ status: 'revoked', revoked: { by: 'alice', reason: 'done' } })
    expect(seen).toEqual(revoked)
    expect(await keys.verify(made.token)).toMatchObject({ ok: false, code: 'KEY_REVOKED' })
  })

  it('goes through all pages of a list', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await keys.create({ name, owner: { id: 'alice' }, tags: ['paged'] })
    }
    const names = await page.evaluate(async () => {
      const names: string[] = []
      for await (const { name } of client.listAll({ tag: 'paged', limit: 2 })) names.push(name)
      return names
    })
    expect(names.sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(requests).toBe(3)
  })

  it('tells a change of a version that is no longer there by its code', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    await keys.update(apiKey.id, { name: 'changed by somebody else' })
    const error = await page.evaluate(
      ({ id, version }) => failure(client.update(id, { name: 'mine' }, { ifVersion: version })),
      { id: apiKey.id, version: apiKey.version },
    )
    expect(error).toEqual({ name: 'KeyClientError', status: 412, code: 'VERSION_MISMATCH' })
    expect(await keys.get(apiKey.id)).toMatchObject({ name: 'changed by somebody else' })
  })

  it("is refused by the app where it lacks the app's CSRF token", async () => {
    const error = await page.evaluate(() => failure(withoutCsrf.create({ name: 'without' })))
    expect(error).toEqual({ name: 'KeyClientError', status: 403, code: 'UNEXPECTED_ANSWER' })
    expect((await keys.list({ q: 'without' })).data).toEqual([])
  })

  it('tries again after 503, when it is told to', async () => {
    faults.push(answers(503, { 'retry-after': '1' }))
    const { list, ms } = await page.evaluate(async () => {
      const begun = performance.now()
      return { list: await client.list({ q: 'nothing' }), ms: performance.now() - begun }
    })
    expect(list).toEqual({ data: [], nextCursor: null })
    expect(requests).toBe(2)
    expect(ms).toBeGreaterThan(990)
  })

  it('tells a redirect to a login from an answer', async () => {
    faults.push((_req, res) => res.redirect('/'))
    const error = await page.evaluate(() => failure(client.list()))
    expect(error).toEqual({ name: 'KeyClientError', status: 0, code: 'UNEXPECTED_ANSWER' })
  })

  it('tells a connection that was cut, and a call that was given up', async () => {
    // More than the client asks for: Chromium has tries of its own.
    faults = Array<RequestHandler>(50).fill(hangsUp)
    expect(await page.evaluate(() => failure(client.list()))).toMatchObject({ code: 'NETWORK_ERROR' })
    faults = [() => {}]
    const name = await page.evaluate(() =>
      client.list({}, { signal: AbortSignal.timeout(50) }).catch((error: Error) => error.name),
    )
    expect(name).toBe('TimeoutError')
  })
})
