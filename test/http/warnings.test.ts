/** Mistakes that can be seen at run time are told, once, with an address where they are explained. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiKeys, memoryStore } from 'sidekey'
import { keyRouter, requireKey } from 'sidekey/express'
import { keyHandler } from 'sidekey/fetch'
import request from 'supertest'
import { WARNINGS } from '../../src/tell.js'
import { alice, testKeys } from '../support/keys.js'
import { appWith, overExpress, whoami } from './support.js'

function listening() {
  const warnings: string[] = []
  const logger = {
    warn: (details: { help?: string }) => warnings.push(details.help ?? 'without help'),
    error: () => {},
  }
  return { logger, warnings }
}
const helpFor = (warning: string) => [`docs/warnings.md#${warning}`]

it('has a heading for each warning, and nothing else, in docs/warnings.md', () => {
  const page = readFileSync(join(__dirname, '../../docs/warnings.md'), 'utf8')
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
  expect(headings.sort()).toEqual([...WARNINGS].sort())
})

describe('the memory store', () => {
  const { NODE_ENV } = process.env
  afterEach(() => {
    process.env.NODE_ENV = NODE_ENV
  })

  it.each([
    ['production', helpFor('memory-store-in-production')],
    ['development', []],
  ])('in %s: %j', (environment, expected) => {
    const { logger, warnings } = listening()
    process.env.NODE_ENV = environment
    for (let i = 0; i < 2; i++) apiKeys({ prefix: 'a', store: memoryStore(), logger })
    expect(warnings).toEqual(expected)
  })
})

overExpress('What is told of an Express app', express => {
  it('that a key is refused by the address of a proxy, and only where the app trusts none', async () => {
    for (const trust of [false, true]) {
      const { logger, warnings } = listening()
      const keys = testKeys({ logger })
      const restrictions = { ips: ['192.0.2.1'] }
      const { token } = await keys.as(alice).create({ name: 'k', restrictions })
      const app = express().set('trust proxy', trust).get('/', requireKey(keys), whoami)
      for (let i = 0; i < 2; i++) {
        const answer = await request(app).get('/').set({ 'x-api-key': token, 'x-forwarded-for': '192.0.2.9' })
        expect(answer.status).toBe(403)
      }
      await request(app).get('/').set('x-api-key', token)
      expect(warnings).toEqual(trust ? [] : helpFor('untrusted-proxy'))
    }
  })

  it('that the router is mounted before the login, and only then', async () => {
    const { logger, warnings } = listening()
    const keys = testKeys({ logger })
    const before = express().use('/api-keys', keyRouter(keys))
    await request(before).get('/api-keys').expect(401)
    expect(warnings).toEqual([])
    for (let i = 0; i < 2; i++) await request(before).get('/api-keys').set('cookie', 'sid=1').expect(401)
    expect(warnings).toEqual(helpFor('router-before-login'))

    const after = listening()
    const behind = appWith(express, app =>
      app.use('/api-keys', keyRouter(testKeys({ logger: after.logger }))),
    )
    await request(behind).get('/api-keys').set('cookie', 'sid=1').expect(401)
    expect(after.warnings).toEqual([])
  })

  it('that a body was read before the router and lost, and only then', async () => {
    const { logger, warnings } = listening()
    const keys = testKeys({ logger })
    const app = appWith(express, app => {
      app.use((req, _res, next) => {
        if (req.headers['x-swallow'] === undefined) return next()
        req.on('end', () => setImmediate(next)).resume()
      })
      app.use((req, _res, next) => {
        Reflect.set(req, 'user', alice)
        next()
      })
      app.use('/api-keys', keyRouter(keys))
    })
    const create = () => request(app).post('/api-keys').send({ name: 'k' })
    await create().expect(201)
    expect(warnings).toEqual([])
    for (let i = 0; i < 2; i++) {
      const answer = await create().set('x-swallow', '1').expect(400)
      expect(answer.body.detail).toContain('read before the router')
    }
    expect(warnings).toEqual(helpFor('body-already-read'))
  })
})

it('tells of a Request whose body was read before', async () => {
  const { logger, warnings } = listening()
  const handler = keyHandler(testKeys({ logger }))
  const headers = { 'content-type': 'application/json' }
  const used = new Request('https://app.example.com/', { method: 'POST', headers, body: '{"name":"k"}' })
  await used.json()
  expect((await handler(used, { user: alice })).status).toBe(400)
  expect(warnings).toEqual(helpFor('body-already-read'))
})
