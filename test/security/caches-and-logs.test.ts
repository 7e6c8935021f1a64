/** What caches might keep for others, and what log lines might say that nobody has written. */
import { Writable } from 'node:stream'
import express from 'express'
import pino from 'pino'
import { memoryStore } from 'sidekey'
import { keyRouter } from 'sidekey/express'
import request, { type Response } from 'supertest'
import { ROUTES } from '../../src/http/routes.js'
import { alice, type TestKeys, testKeys } from '../support/keys.js'

const EVIL = 'evil.example'
/** Headers by which no cache tells requests apart, and some servers make their answers of. */
const UNKEYED: Readonly<Record<string, string>> = {
  'x-forwarded-host': EVIL,
  'x-forwarded-server': EVIL,
  'x-forwarded-proto': 'gopher',
  'x-forwarded-prefix': `/${EVIL}`,
  'x-forwarded-port': '666',
  'x-host': EVIL,
  'x-original-url': `/${EVIL}`,
  'x-rewrite-url': `/${EVIL}`,
  forwarded: `host=${EVIL};proto=gopher`,
  'x-http-method-override': 'DELETE',
  'x-method-override': 'DELETE',
  'accept-language': EVIL,
  'user-agent': EVIL,
  referer: `https://${EVIL}/`,
}

function appOf(keys: TestKeys, trust: boolean) {
  return express()
    .set('trust proxy', trust)
    .use((req, _res, next) => {
      Reflect.set(req, 'user', req.headers.cookie === undefined ? undefined : alice)
      next()
    })
    .use('/api-keys', keyRouter(keys))
}

/** An answer without what differs from one to the next. */
function faceOf({ status, headers, text }: Response) {
  const { date, ...rest } = headers
  return { status, headers: rest, text }
}

describe.each([false, true])('an answer, where proxies are trusted: %s', trust => {
  it('says nothing of headers by which caches tell no requests apart', async () => {
    const keys = testKeys()
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const app = appOf(keys, trust)
    const paths = ROUTES.filter(({ method }) => method === 'GET').map(({ path }) =>
      path.replace(':id', apiKey.id),
    )
    for (const path of [...paths, '/no/such', `/${apiKey.id}/no`]) {
      for (const cookie of [{}, { cookie: 'login=alice' }]) {
        const at = `/api-keys${path}?`
        const [plain, poisoned] = [
          await request(app).get(at).set(cookie),
          await request(app).get(at).set(cookie).set(UNKEYED),
        ]
        expect(faceOf(poisoned)).toEqual(faceOf(plain))
        expect(poisoned.headers['cache-control']).toBe('no-store')
        const head = await request(app).head(at).set(cookie).set(UNKEYED)
        expect([head.status, head.headers['cache-control'], head.headers.vary]).toEqual([
          plain.status,
          'no-store',
          plain.headers.vary,
        ])
      }
    }
    expect(await keys.get(apiKey.id)).toMatchObject({ status: 'active', version: 1 })
  })

  it('is never of another path than the one that was asked for', async () => {
    const keys = testKeys()
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    for (const tail of ['/x.css', '.js', '%2f..%2fx.png', ';x.css', '%00.css', '/..;/x.ico', '%3fx.css']) {
      const answer = await request(appOf(keys, trust))
        .get(`/api-keys/${apiKey.id}${tail}`)
        .set('cookie', 'login=alice')
      expect([400, 404]).toContain(answer.status)
      expect(answer.headers['cache-control']).toBe('no-store')
    }
  })
})

describe('a line of the log', () => {
  const HOSTILE = 'a\r\n{"level":50,"msg":"forged"}\u001b[2J\u2028<script>'

  /** A logger whose lines are kept, and keys over a store that fails with what it was asked. */
  function failing() {
    const lines: string[] = []
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk))
        done()
      },
    })
    const store = memoryStore()
    let broken = false
    const fail = (what: string) => {
      if (broken) throw new Error(`the database has failed at ${what}: ${HOSTILE}`)
    }
    const watched = {
      ...store,
      insert: async (key: Parameters<typeof store.insert>[0]) => {
        fail(key.name)
        return store.insert(key)
      },
      list: async (query: Parameters<typeof store.list>[0]) => {
        fail(JSON.stringify(query))
        return store.list(query)
      },
    }
    const logger = pino(stream)
    const messages: string[] = []
    const keys = testKeys({
      store: watched,
      logger: {
        warn: (details, message) => {
          messages.push(message)
          logger.warn(details, message)
        },
        error: (details, message) => {
          messages.push(message)
          logger.error(details, message)
        },
      },
      authorize: () => {
        if (broken) throw new Error(HOSTILE)
        return undefined
      },
    })
    const breakIt = () => {
      broken = true
    }
    return { keys, lines, messages, breakIt }
  }

  it('is one line, of words that no request has written, whatever comes in and whatever fails', async () => {
    const { keys, lines, messages, breakIt } = failing()
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const app = appOf(keys, true)
    breakIt()
    const odd = encodeURIComponent(HOSTILE)
    const header = HOSTILE.replace(/[^\x20-\x7e]/g, '\x01')
    for (const sent of [
      request(app).get(`/api-keys?q=${odd}`),
      request(app).get(`/api-keys/${odd}`),
      request(app).get(`/api-keys/${apiKey.id}?${odd}=1`),
      request(app).get(`/api-keys/${apiKey.id}`),
      request(app)
        .post('/api-keys')
        .send({ name: 'k', description: 'd', metadata: { a: HOSTILE } }),
      request(app).post(`/api-keys/${apiKey.id}/revoke`).send({ reason: 'r' }),
      request(app).get('/api-keys').set('x-forwarded-for', header.replaceAll('\x01', ' ')),
      request(app).get('/api-keys').set('user-agent', header.replaceAll('\x01', '\t')),
    ]) {
      await sent.set('cookie', 'login=alice')
    }
    expect(messages.length).toBeGreaterThan(3)
    for (const message of messages) {
      expect(message).toMatch(/^[\x20-\x7e’]+$/)
      expect(message).not.toContain('forged')
    }
    expect(lines).toHaveLength(messages.length)
    for (const line of lines) {
      expect(line.indexOf('\n')).toBe(line.length - 1)
      expect(line).not.toContain('\u001b')
      expect(JSON.parse(line)).toMatchObject({ msg: expect.not.stringContaining('forged') })
    }
  })

  it.each(['name', 'description', 'tags', 'reason'])(
    'cannot be broken by what is kept: %s takes no controls',
    async field => {
      const keys = testKeys()
      const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
      const value = field === 'tags' ? [HOSTILE] : HOSTILE
      const [path, method] =
        field === 'reason' ? [`/${apiKey.id}/revoke`, 'post' as const] : [`/${apiKey.id}`, 'patch' as const]
      const answer = await request(appOf(keys, false))
        [method](`/api-keys${path}`)
        .set('cookie', 'login=alice')
        .send({ [field]: value })
      expect(answer.status).toBe(400)
      expect(await keys.get(apiKey.id)).toMatchObject({ version: 1 })
    },
  )
})
