/** The page, over every framework: where it is served, what headers bind it, and what else is answered there. */
import { once } from 'node:events'
import http from 'node:http'
import request, { type Response } from 'supertest'
import { testKeys } from '../support/keys.js'
import { proxyBefore, withServer } from './server.js'
import { type Setup, STACKS } from './stacks.js'

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
const BINDING = {
  'content-security-policy': POLICY,
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
}

/** The addresses of the page's own files, as a browser makes them of what the page says. */
function filesOf(page: Response, address: string): string[] {
  const base = new URL(address, 'https://app.example.com')
  const links = [...page.text.matchAll(/ (?:src|href)="(\.\/[^"]+)"/g)].map(([, link = '']) => link)
  return links.map(link => new URL(link, base).pathname)
}

/** The status of a request for a path as it is written: most clients take dots out. */
async function rawStatus(port: number, path: string): Promise<number | undefined> {
  const sent = http.get({ port, path })
  const [answer] = (await once(sent, 'response')) as [http.IncomingMessage] // what the event carries
  answer.resume()
  return answer.statusCode
}

describe.each(STACKS)('the page over $name', ({ app }) => {
  const open = (setup: Setup = {}) => request(app(testKeys(), { options: { ui: true }, ...setup }))

  it.each([[['/api-keys']], [['/v1', '/acme', '/api-keys']]])(
    'is served with all its files, to nobody in particular, mounted at %j',
    async levels => {
      const agent = open({ levels })
      const address = `${levels.join('')}/ui/`
      const page = await agent.get(address).expect(200)
      expect(page.headers).toMatchObject({ ...BINDING, 'content-type': 'text/html; charset=utf-8' })
      expect(page.headers['cache-control']).toBe('no-cache')
      const files = filesOf(page, address)
      expect(files.length).toBeGreaterThan(2)
      for (const file of files) {
        const answer = await agent.get(file).expect(200)
        expect(answer.headers).toMatchObject(BINDING)
        expect(answer.headers['content-type']).toMatch(/^text\/(javascript|css); charset=utf-8$/)
        const isHashed = file.includes('/assets/')
        expect(answer.headers['cache-control']).toBe(
          isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
        )
      }
    },
  )

  it('is found without the slash at its end, also where a proxy has taken off what is before it', async () => {
    for (const levels of [['/api-keys'], ['/v1', '/api-keys']]) {
      const answer = await open({ levels })
        .get(`${levels.join('')}/ui`)
        .expect(308)
      expect(answer.headers.location).toBe('ui/')
    }
    await withServer(app(testKeys(), { options: { ui: true } }), inner =>
      withServer(proxyBefore(inner, '203.0.113.7'), async outer => {
        const page = await fetch(`http://127.0.0.1:${outer}/api-keys/ui`)
        expect([page.status, page.url]).toEqual([200, `http://127.0.0.1:${outer}/api-keys/ui/`])
      }),
    )
  })

  it('is there at ui/index.html too, for what takes slashes at an end away', async () => {
    const agent = open()
    const page = await agent.get('/api-keys/ui/index.html').expect(200)
    expect(page.text).toBe((await agent.get('/api-keys/ui/')).text)
  })

  it('is not sent again where the browser has it', async () => {
    const agent = open()
    for (const path of ['/api-keys/ui/', '/api-keys/ui/theme.css']) {
      const { headers } = await agent.get(path).expect(200)
      const again = await agent.get(path).set('if-none-match', `"another", ${headers.etag}`).expect(304)
      expect(again.text).toBeFalsy()
      expect(again.headers).toMatchObject({ ...BINDING, etag: headers.etag })
      await agent.get(path).set('if-none-match', 'W/"another"').expect(200)
    }
  })

  it('answers HEAD without a body, and nothing but GET besides', async () => {
    const agent = open()
    const head = await agent.head('/api-keys/ui/').expect(200)
    expect(head.text).toBeFalsy()
    expect(head.headers).toMatchObject(BINDING)
    for (const path of ['/api-keys/ui', '/api-keys/ui/', '/api-keys/ui/theme.css']) {
      const answer = await agent.post(path).set('x-user', 'alice').send({ name: 'k' })
      expect([answer.status, answer.body.code, answer.headers.allow]).toEqual([
        405,
        'METHOD_NOT_ALLOWED',
        'GET',
      ])
    }
  })

  it.each([
    'nothing',
    'assets/',
    'assets/nothing.js',
    'assets/../assets',
    'assets/..%2f..%2f..%2fpackage.json',
    '../package.json',
    '..%2findex.js',
    '%2e%2e/index.js',
    '/theme.css',
    'index.html/',
    'Index.html',
    '__proto__',
  ])('has no file %s', async path => {
    await withServer(app(testKeys(), { options: { ui: true } }), async port => {
      // As it is written: fetch and supertest would take dots out.
      const status = await rawStatus(port, `/api-keys/ui/${path}`)
      // Of ../package.json some servers make /package.json of themselves, which is nobody's either.
      expect([400, 401, 404]).toContain(status)
    })
  })

  it('is compressed on its way like any other answer', async () => {
    const agent = open({ before: 'compression' })
    const page = await agent.get('/api-keys/ui/').set('accept-encoding', 'gzip').expect(200)
    expect(page.headers['content-encoding']).toBe('gzip')
    expect(page.text).toContain('id="sidekey-page"')
    expect(page.headers).toMatchObject(BINDING)
  })

  it('is not there unless it is asked for', async () => {
    for (const options of [{}, { ui: false }]) {
      const agent = open({ options })
      for (const path of ['/api-keys/ui', '/api-keys/ui/']) {
        expect((await agent.get(path).set('x-user', 'alice')).body.code).toBe('INVALID_INPUT') // as a key's id
        expect((await agent.get(path)).body.code).toBe('UNAUTHENTICATED')
      }
    }
  })

  it('leaves the routes beside it as they are', async () => {
    const agent = open()
    await agent.get('/api-keys').expect(401)
    await agent.get('/api-keys').set('x-user', 'alice').expect(200)
    await agent.get('/api-keys/uix').set('x-user', 'alice').expect(400)
    const document = await agent.get('/api-keys/openapi.json').expect(200)
    expect(Object.keys(document.body.paths).filter(path => path.includes('ui'))).toEqual([])
  })
})
