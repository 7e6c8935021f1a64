/** What a hostile review of the router found, each kept shut by a test. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { keyRouter, optionalKey, requireKey } from 'sidekey/express'
import request from 'supertest'
import { alice, root, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'
import { appWith, expectFields, expectProblem, loggedIn, overExpress, routerApp, whoami } from './support.js'

overExpress('The router, attacked', express => {
  it.each(['//foo', '//@', '//[', '/\\', '/\\x', '/x/../', '/./', '//evil.example/me', '/%2e/', '/./lookup'])(
    'serves nothing at %s, and no 500: a path is what it is written as',
    async path => {
      const app = routerApp(express, testKeys())
      const cookie = (await request(app).post('/login/alice')).headers['set-cookie']?.[0] ?? ''
      const server = http.createServer(app).listen(0, '127.0.0.1')
      try {
        await once(server, 'listening')
        const { port } = server.address() as AddressInfo // it listens on TCP
        const sent = http.get({ port, path: `/api-keys${path}`, headers: { cookie } })
        const [answer] = (await once(sent, 'response')) as [http.IncomingMessage] // what the event carries
        answer.resume()
        expect([400, 404]).toContain(answer.statusCode)
      } finally {
        server.close()
      }
    },
  )

  it.each(['//', '//me', '//lookup', '//0000000000000000'])(
    'answers 404 at %s, which is none of its routes',
    async path => {
      const keys = testKeys()
      const agent = await loggedIn(routerApp(express, keys), alice)
      const { token } = await keys.as(alice).create({ name: 'k' })
      expectProblem(await agent.get(`/api-keys${path}`).set('x-api-key', token), 404, 'ROUTE_NOT_FOUND')
      expectProblem(await agent.post(`/api-keys${path}`).send({ token }), 404, 'ROUTE_NOT_FOUND')
    },
  )

  it('takes a client that hangs up in the midst of its body for no failure of its own', async () => {
    const logged: unknown[] = []
    const logger = { warn: () => {}, error: (details: object) => logged.push(details) }
    const keys = testKeys({ logger })
    let statusOf: (status: number) => void = () => {}
    const ended = new Promise<number>(resolve => {
      statusOf = resolve
    })
    const app = appWith(express, app => {
      app.use((req, res, next) => {
        Reflect.set(req, 'user', alice)
        // The answer that nobody gets is made all the same.
        const { end } = res
        res.end = ((...args: Parameters<typeof end>) => {
          statusOf(res.statusCode)
          return end.apply(res, args)
        }) as typeof end // the same function, watched
        next()
      })
      app.use('/api-keys', keyRouter(keys))
    })
    const server = http.createServer(app).listen(0, '127.0.0.1')
    try {
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo // it listens on TCP
      const headers = { 'content-type': 'application/json', 'content-length': 100 }
      const sent = http.request({ port, method: 'POST', path: '/api-keys', headers })
      sent.on('error', () => {})
      sent.write('{"name":')
      server.once('request', () => sent.destroy())
      expect(await ended).toBe(400)
      expect(logged).toEqual([])
    } finally {
      server.close()
    }
  })

  it('leaves a request alone that has been answered meanwhile, and does not end the process', async () => {
    const rejected: unknown[] = []
    const listener = (error: unknown) => rejected.push(error)
    process.on('unhandledRejection', listener)
    let handled = () => {}
    const done = new Promise<void>(resolve => {
      handled = resolve
    })
    const keys = testKeys()
    const app = appWith(express, app => {
      app.use((_req, res, next) => {
        res.status(503).end('timed out')
        next()
      })
      app.use('/api-keys', (req, res, next) => {
        // What the router does at last is ask whether the answer has been sent.
        const get = () => {
          setImmediate(handled)
          return true
        }
        Object.defineProperty(res, 'headersSent', { get })
        keyRouter(keys)(req, res, next)
      })
    })
    try {
      await request(app).get('/api-keys').expect(503, 'timed out')
      await done
      await new Promise(resolve => setImmediate(resolve))
      expect(rejected).toEqual([])
    } finally {
      process.off('unhandledRejection', listener)
    }
  })

  it('gives an error of its own making to the app, and does not end the process', async () => {
    const logger = {
      warn: () => {},
      error: () => {
        throw new Error('the logger is broken')
      },
    }
    const keys = testKeys({ logger, authorize: () => Promise.reject(new Error('away')) })
    const agent = await loggedIn(routerApp(express, keys), alice)
    expect((await agent.post('/api-keys').send({ name: 'k' })).status).toBe(500)
  })

  it('answers an error that is not its own without its message, and logs it', async () => {
    const logged: unknown[] = []
    const logger = { warn: () => {}, error: (details: object) => logged.push(details) }
    const secret = new Error('connect to 10.1.2.3 as admin:hunter2')
    const keys = testKeys({ logger, authorize: () => Promise.reject(secret) })
    const agent = await loggedIn(routerApp(express, keys), alice)
    const answer = await agent.post('/api-keys').send({ name: 'k' })
    expectProblem(answer, 500, 'INTERNAL_ERROR')
    expect(answer.text).not.toContain('hunter2')
    expect(logged).toEqual([{ err: secret }])
  })

  it('refuses JSON that is nested too deeply, also after express.json()', async () => {
    const app = appWith(express, app => app.use('/api-keys', express.json(), keyRouter(testKeys())))
    const agent = await loggedIn(app, alice)
    const text = `{"name":"a","metadata":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`
    expectProblem(await agent.post('/api-keys').type('json').send(text), 400, 'INVALID_INPUT')
  })

  it('tells two different keys in one kind of header from one that is bad', async () => {
    const keys = testKeys()
    const [a, b] = [await keys.as(alice).create({ name: 'a' }), await keys.as(alice).create({ name: 'b' })]
    const app = express().get('/', requireKey(keys), whoami)
    const ask = (value: string) => request(app).get('/').set('X-API-Key', value)
    expectProblem(await ask(`${a.token}, ${b.token}`), 400, 'MULTIPLE_KEYS')
    expect((await ask(`${a.token}, ${a.token}`)).status).toBe(200)
  })

  it('refuses what a route does not take: fields of restore, parameters of any', async () => {
    const keys = testKeys()
    const { id } = (await keys.as(alice).create({ name: 'a' })).apiKey
    const agent = await loggedIn(routerApp(express, keys), alice)
    expectFields(await agent.post(`/api-keys/${id}/restore`).send({ nope: 1 }), 'nope')
    expectFields(await agent.post('/api-keys?nope=1').send({ name: 'x' }), 'nope')
    expectFields(await agent.get(`/api-keys/${id}?nope=1`), 'nope')
  })

  it('asks of an optional key what it is told to ask, and of nobody else', async () => {
    const keys = testKeys()
    const { token } = await keys.as(alice).create({ name: 'a', permissions: ['reports:read'] })
    const app = express().get('/', optionalKey(keys, 'reports:write'), whoami)
    expectProblem(await request(app).get('/').set('X-API-Key', token), 403, 'INSUFFICIENT_PERMISSIONS')
    expect((await request(app).get('/')).status).toBe(200)
  })

  it('throws for options of a middleware that there are not, and for a kind that there is not', () => {
    const keys = testKeys()
    const invalid = expect.objectContaining({ code: 'INVALID_OPTION' })
    expect(() => requireKey(keys, undefined, { kind: 'no-such' })).toThrow(invalid)
    expect(() => requireKey(keys, undefined, { resorce: 'x' } as never)).toThrow(invalid) // what no type lets by
    expect(() => keyRouter({} as never)).toThrow(invalid) // as above
    expect(() => keyRouter(keys, { uii: true } as never)).toThrow(invalid) // as above
    expect(() => requireKey(keys, 'reports:read', 'reports:write' as never)).toThrow(/takes an object/) // as above
    expect(() => optionalKey(keys, 'reports:raed' as never)).toThrow(invalid) // as above
  })

  it('refuses a key whose owner is no more, as a route does', async () => {
    for (const nobody of [null, undefined, false]) {
      const keys = testKeys({ user: () => nobody })
      const { token } = await keys.create({ name: 'x', owner: { id: 'alice' } })
      const answer = await request(routerApp(express, keys)).get('/api-keys/me').set('X-API-Key', token)
      expectProblem(answer, 401, 'OWNER_INACTIVE')
    }
  })

  it('tells who is nobody so before it looks at what they sent', async () => {
    const app = routerApp(express, testKeys())
    expectProblem(await request(app).post('/api-keys').type('text').send('x'), 401, 'UNAUTHENTICATED')
    expectProblem(await request(app).get('/api-keys?limit=no'), 401, 'UNAUTHENTICATED')
  })

  it('looks at a key again when its body has come: one that was narrowed meanwhile does nothing', async () => {
    const keys = testKeys()
    const permissions = ['api-keys:update', 'api-keys:revoke', 'reports:*'] as const
    const { apiKey, token } = await keys.as(alice).create({ name: 'k', permissions })
    const other = (await keys.as(alice).create({ name: 'other' })).apiKey
    let verified = () => {}
    const seen = new Promise<void>(resolve => {
      verified = resolve
    })
    const app = appWith(express, app => {
      app.use(requireKey(keys), (_req, _res, next) => {
        verified()
        next()
      })
      app.use('/api-keys', keyRouter(keys))
    })
    const server = http.createServer(app).listen(0, '127.0.0.1')
    try {
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo // it listens on TCP
      const headers = { 'x-api-key': token, 'content-type': 'application/json' }
      const sent = http.request({ port, method: 'POST', path: `/api-keys/${other.id}/revoke`, headers })
      sent.write('{')
      await seen
      await keys.as(root).update(apiKey.id, { permissions: ['reports:read'] })
      sent.end('}')
      const [answer] = (await once(sent, 'response')) as [http.IncomingMessage] // what the event carries
      answer.resume()
      expect(answer.statusCode).toBe(409)
      expect(await keys.get(other.id)).toMatchObject({ status: 'active' })
    } finally {
      server.close()
    }
  })
})

overEveryStore('Metadata, attacked', store => {
  it.each([
    '{"_bsontype":"ObjectId"}',
    '{"x":{"_bsontype":"Long","low":1,"high":1}}',
    '{"a":"\\ud800"}',
    '{"\\ud800":1}',
  ])('that a database would store as something else is refused: %s', async metadata => {
    const { default: express } = await import('express')
    const agent = await loggedIn(routerApp(express, testKeys({ store: store() })), alice)
    const answer = await agent.post('/api-keys').type('json').send(`{"name":"a","metadata":${metadata}}`)
    expectFields(answer, 'metadata')
  })
})
