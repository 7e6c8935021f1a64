import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import { type Created, SidekeyError } from 'sidekey'
import { keyRouter, optionalKey, problemHandler, requireKey, requireUserOrKey } from 'sidekey/express'
import request, { type Response } from 'supertest'
import { type TestKeys, testKeys } from '../support/keys.js'
import { expectProblem, NO_ID, overExpress, whoami } from './support.js'

overExpress('What a wrong key is told', express => {
  let keys: TestKeys
  let app: Express
  let known: Created
  let revoked: Created
  beforeEach(async () => {
    keys = testKeys()
    app = express()
    app.get('/required', requireKey(keys, 'reports:read'), whoami)
    app.get('/optional', optionalKey(keys), whoami)
    app.get('/either', requireUserOrKey(keys), whoami)
    app.use('/api-keys', keyRouter(keys))
    known = await keys.create({ name: 'known', owner: { id: 'alice' } })
    revoked = await keys.create({ name: 'revoked', owner: { id: 'alice' } })
    await keys.revoke(revoked.apiKey.id)
  })

  /** A well-formed token with this id and a secret that no key has. */
  async function wrongSecretFor(id: string): Promise<string> {
    const { apiKey, token } = await keys.create({ name: 'gone', owner: { id: 'alice' } })
    await keys.rotate(apiKey.id, { grace: '0s' })
    const body = token.replace(apiKey.id, id).slice(0, -6)
    return body + checksum(body)
  }

  it.each(['/required', '/optional', '/either', '/api-keys/me', '/api-keys'])(
    'is the same at %s, to the byte, for an unknown id, a wrong secret, and a wrong secret of a revoked key',
    async path => {
      const tokens = [
        await wrongSecretFor(NO_ID),
        await wrongSecretFor(known.apiKey.id),
        await wrongSecretFor(revoked.apiKey.id),
        'acme_test_malformed',
      ]
      const answers: Response[] = []
      for (const token of tokens) answers.push(await request(app).get(path).set('X-API-Key', token))
      const faces = answers.map(({ status, text, headers }) => {
        const { date, ...rest } = headers
        return { status, text, headers: rest }
      })
      const [first, ...others] = faces
      expect(first).toMatchObject({ status: 401, text: expect.stringContaining('KEY_INVALID') })
      for (const other of others) expect(other).toEqual(first)
    },
  )

  it('never has the token in it', async () => {
    for (const token of [revoked.token, await wrongSecretFor(NO_ID), known.token]) {
      const answer = await request(app).get('/required').set('X-API-Key', token)
      expect(answer.status).toBeGreaterThan(400)
      expect(JSON.stringify([answer.text, answer.headers])).not.toContain(token.slice(-49))
      expect(answer.text).not.toContain(token.slice(10, 26))
    }
  })

  it('is no body to HEAD', async () => {
    const answer = await request(app).head('/required')
    expect(answer.status).toBe(401)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.text).toBeUndefined()
  })
})

overExpress('problemHandler', express => {
  const others: ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(418).json({ seen: error.message })
  }
  const appThat = (...handlers: RequestHandler[]): Express =>
    express()
      .get('/', ...handlers)
      .use(problemHandler(), others)

  const throwing = (error: unknown): RequestHandler => {
    return (_req, _res, next) => next(error)
  }

  it("answers sidekey's errors", async () => {
    const keys = testKeys()
    const handler: RequestHandler = (req, _res, next) => {
      keys
        .as(undefined, req)
        .list()
        .then(() => next(), next)
    }
    const answer = await request(appThat(handler)).get('/')
    expectProblem(answer, 401, 'UNAUTHENTICATED')
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="api"')
  })

  it('tells fields, and when to try again', async () => {
    const keys = testKeys()
    const bad: RequestHandler = (req, _res, next) => {
      keys
        .as({ id: 'alice' }, req)
        .create({ name: '' })
        .then(() => next(), next)
    }
    const answer = await request(appThat(bad)).get('/')
    expectProblem(answer, 400, 'INVALID_INPUT')
    expect(answer.body.errors).toEqual([{ path: 'name', message: expect.any(String) }])
    const away = throwing(new SidekeyError('STORE_UNAVAILABLE', 'The store is away.', { retryAfter: 7 }))
    const later = await request(appThat(away)).get('/')
    expectProblem(later, 503, 'STORE_UNAVAILABLE')
    expect(later.headers['retry-after']).toBe('7')
  })

  it('says nothing of a wrong option to whoever calls', async () => {
    const answer = await request(
      appThat(throwing(new SidekeyError('INVALID_OPTION', 'sidekey: actor: the secret layout of the app'))),
    ).get('/')
    expectProblem(answer, 500, 'INTERNAL_ERROR')
    expect(answer.text).not.toContain('secret')
  })

  it.each([
    ['an error', new Error('not ours'), { seen: 'not ours' }],
    [
      'an error that looks like ours',
      Object.assign(new Error('alike'), { code: 'KEY_INVALID', status: 401 }),
      { seen: 'alike' },
    ],
    ['what is no error', { message: 'odd' }, { seen: 'odd' }],
  ])('passes on %s', async (_, error, seen) => {
    await request(appThat(throwing(error)))
      .get('/')
      .expect(418, seen)
  })

  it('passes on an error that comes after the answer has begun', async () => {
    const late: RequestHandler = (_req, res, next) => {
      res.write('begun')
      next(new SidekeyError('NOT_FOUND', 'too late'))
    }
    const seen: unknown[] = []
    const app = express().get('/', late)
    const last: ErrorRequestHandler = (error, _req, res, _next) => {
      seen.push(error)
      res.end()
    }
    app.use(problemHandler(), last)
    await request(app).get('/').expect(200, 'begun')
    expect(seen).toEqual([expect.objectContaining({ code: 'NOT_FOUND' })])
  })
})

/** The checksum of a token, written out here so that a wrong secret gets as far as the store. */
function checksum(body: string): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  let crc = 0xffffffff
  for (const byte of Buffer.from(body)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  let rest = (crc ^ 0xffffffff) >>> 0
  let text = ''
  for (let i = 0; i < 6; i++) {
    text = digits.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  }
  return text
}
