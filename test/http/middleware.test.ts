import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import { apiKeys, memoryStore } from 'sidekey'
import { optionalKey, requireKey, requireUserOrKey } from 'sidekey/express'
import request from 'supertest'
import { alice, bob, quiet, type TestKeys, testKeys } from '../support/keys.js'
import { appWith, expectProblem, loggedIn, overExpress, whoami } from './support.js'

overExpress('requireKey', express => {
  let keys: TestKeys
  let app: Express
  beforeEach(() => {
    keys = testKeys()
    app = appWith(express, app => {
      app.get('/reports', requireKey(keys, 'reports:read'), whoami)
      app.get('/either', requireKey(keys, { any: ['reports:write', 'exports:run'] }), whoami)
      app.get('/both', requireKey(keys, ['reports:read', 'reports:write']), whoami)
      const resource = requireKey(keys, 'reports:read', { resource: req => `project:${req.params.project}` })
      app.get('/projects/:project', resource, whoami)
    })
  })

  const make = (input: Partial<Parameters<TestKeys['create']>[0]> = {}) =>
    keys.create({ name: 'CI', owner: { id: 'alice' }, permissions: ['reports:read'], ...input })
  const get = (path: string, token: string) => request(app).get(path).set('X-API-Key', token)

  it('answers 401 and a challenge where there is no key', async () => {
    const answer = await request(app).get('/reports')
    expectProblem(answer, 401, 'KEY_MISSING')
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="api"')
  })

  it("answers 401 to the app's own user: a login is no key", async () => {
    const agent = await loggedIn(app, alice)
    expectProblem(await agent.get('/reports'), 401, 'KEY_MISSING')
  })

  it('leaves what the app, Express and Node have set on the request and the response as it is', async () => {
    const { token } = await make()
    const seen: unknown[] = []
    const look: RequestHandler = (req, res, next) => {
      const { httpVersion, httpVersionMajor, httpVersionMinor } = req
      seen.push([httpVersion, httpVersionMajor, httpVersionMinor, res.sendDate, res.statusCode])
      next()
    }
    const undated: RequestHandler = (_req, res, next) => {
      res.sendDate = false
      next()
    }
    const own = express().use(undated).get('/', look, requireKey(keys), look, whoami)
    const answer = await request(own).get('/').set('X-API-Key', token).expect(200)
    expect(seen).toEqual([
      ['1.1', 1, 1, false, 200],
      ['1.1', 1, 1, false, 200],
    ])
    expect(answer.headers).not.toHaveProperty('date')
    const dated = await request(express().get('/', requireKey(keys), whoami))
      .get('/')
      .set('X-API-Key', token)
    expect(dated.headers.date).toBeDefined()
  })

  it('answers 401 and a challenge for a key that is not valid', async () => {
    const answer = await get('/reports', 'acme_test_nonsense')
    expectProblem(answer, 401, 'KEY_INVALID')
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="api", error="invalid_token"/)
  })

  it.each([
    ['revoked', 'KEY_REVOKED', (id: string) => keys.revoke(id)],
    ['disabled', 'KEY_DISABLED', (id: string) => keys.update(id, { enabled: false })],
    ['deleted', 'KEY_INVALID', (id: string) => keys.delete(id)],
    ['not valid yet', 'KEY_NOT_YET_VALID', (id: string) => keys.update(id, { notBefore: '2999-01-01' })],
  ])('answers 401 for a key that is %s', async (_, code, end) => {
    const { apiKey, token } = await make()
    await get('/reports', token).expect(200)
    await end(apiKey.id)
    expectProblem(await get('/reports', token), 401, code)
  })

  it('answers 401 for a key whose owner is switched off, or is no more', async () => {
    for (const off of [testKeys({ grants: () => null }), testKeys({ user: () => null })]) {
      const { token } = await off.create({ name: 'CI', owner: { id: 'alice' } })
      const own = express().get('/', requireKey(off), whoami)
      expectProblem(await request(own).get('/').set('X-API-Key', token), 401, 'OWNER_INACTIVE')
    }
  })

  it('answers 403 and a challenge for a key without the permission', async () => {
    const { token } = await make({ permissions: ['exports:run'] })
    const answer = await get('/reports', token)
    expectProblem(answer, 403, 'INSUFFICIENT_PERMISSIONS')
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="api", error="insufficient_scope"')
  })

  it('takes any, or all, of several permissions', async () => {
    const { token } = await make({ permissions: ['reports:read', 'exports:run'] })
    await get('/either', token).expect(200)
    expectProblem(await get('/both', token), 403, 'INSUFFICIENT_PERMISSIONS')
    const both = await make({ permissions: ['reports:*'] })
    await get('/both', both.token).expect(200)
    expectProblem(await get('/either', (await make()).token), 403, 'INSUFFICIENT_PERMISSIONS')
  })

  it("sets req.apiKey, and req.user to the key's owner, whoever is logged in", async () => {
    const { apiKey, token } = await make()
    const seen = { user: alice, hasUser: true, apiKey: apiKey.id }
    await get('/reports', token).expect(200, seen)
    const agent = await loggedIn(app, bob)
    await agent.get('/reports').set('X-API-Key', token).expect(200, seen)
  })

  it("gives an organisation's key no req.user, also where a session has set one", async () => {
    const { apiKey, token } = await make({ owner: { type: 'organization', id: 'acme' } })
    const agent = await loggedIn(app, alice)
    const seen = { user: null, hasUser: false, apiKey: apiKey.id }
    await agent.get('/reports').set('X-API-Key', token).expect(200, seen)
  })

  it('gives no req.user without the option user, also where a session has set one', async () => {
    const plain = testKeys()
    const { apiKey, token } = await plain.create({ name: 'CI', owner: { type: 'service', id: 'billing' } })
    const own = appWith(express, app => app.get('/', requireKey(plain), whoami))
    const agent = await loggedIn(own, alice)
    const seen = { user: null, hasUser: false, apiKey: apiKey.id }
    await agent.get('/').set('X-API-Key', token).expect(200, seen)
  })

  it('narrows a key to its resources', async () => {
    const { token } = await make({ resources: ['project:42'] })
    await get('/projects/42', token).expect(200)
    expectProblem(await get('/projects/43', token), 403, 'INSUFFICIENT_PERMISSIONS')
    // A route that does not say which thing it is about cannot be one of the key's.
    expectProblem(await get('/reports', token), 403, 'INSUFFICIENT_PERMISSIONS')
    await get('/projects/43', (await make()).token).expect(200)
  })

  it('gives what resource throws to next(), and lets nobody in', async () => {
    const reached = jest.fn()
    const resource = (): string => {
      throw new Error('no such project')
    }
    const own = express()
    own.get('/', requireKey(keys, 'reports:read', { resource }), reached)
    const teapot: ErrorRequestHandler = (error, _req, res, _next) => {
      res.status(418).json({ message: error.message })
    }
    own.use(teapot)
    const { token } = await make()
    await request(own).get('/').set('X-API-Key', token).expect(418, { message: 'no such project' })
    expect(reached).not.toHaveBeenCalled()
  })

  it('takes one kind of key, or several', async () => {
    const sorts = testKeys({ kinds: { secret: {}, publishable: { prefix: 'acme_pub' }, admin: {} } })
    const own = express()
    own.get('/secret', requireKey(sorts, undefined, { kind: 'secret' }), whoami)
    own.get('/two', requireKey(sorts, undefined, { kind: ['secret', 'publishable'] }), whoami)
    const token = async (kind: string) =>
      (await sorts.create({ name: kind, kind, owner: { id: 'alice' } })).token
    const [secret, publishable, admin] = [
      await token('secret'),
      await token('publishable'),
      await token('admin'),
    ]
    const ask = (path: string, key: string) => request(own).get(path).set('X-API-Key', key)
    await ask('/secret', secret).expect(200)
    expectProblem(await ask('/secret', publishable), 401, 'KEY_INVALID')
    await ask('/two', secret).expect(200)
    await ask('/two', publishable).expect(200)
    expectProblem(await ask('/two', admin), 401, 'KEY_INVALID')
  })

  it.each([
    ['a misspelt permission', 'reports:raed'],
    ['one among several', ['reports:read', 'reports:raed']],
    ['one nested', { any: ['reports:read', { all: ['reports:raed'] }] }],
    ['a pattern', 'reports:*'],
    ['an empty list', []],
    ['neither any nor all', { some: ['reports:read'] }],
    ['null', null],
  ])('throws for %s where the route is made', (_, requirement) => {
    const wrong = requirement as never // what a program without types could pass
    for (const make of [() => requireKey(keys, wrong), () => requireUserOrKey(keys, wrong)]) {
      expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
      expect(make).toThrow(/requirement/)
    }
  })

  it('says that a pattern is no permission, where there is no catalogue that could lack it', () => {
    const open = apiKeys({ prefix: 'acme_test', store: memoryStore(), logger: quiet })
    expect(() => requireKey(open, 'anything:goes')).not.toThrow()
    expect(() => requireKey(open, 'reports:*')).toThrow('requirement: "reports:*" is no permission')
  })

  it('throws for what is no keys object', () => {
    const wrong = {} as never // what a program without types could pass
    for (const make of [() => requireKey(wrong), () => optionalKey(wrong), () => requireUserOrKey(wrong)]) {
      expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    }
  })
})

overExpress('optionalKey and requireUserOrKey', express => {
  let keys: TestKeys
  let app: Express
  beforeEach(() => {
    keys = testKeys()
    app = appWith(express, app => {
      app.get('/optional', optionalKey(keys), whoami)
      app.get('/either', requireUserOrKey(keys, 'reports:read'), whoami)
    })
  })

  const nobody = { user: null, hasUser: false, apiKey: null }

  it('optionalKey lets in whoever has no key, as they are', async () => {
    await request(app).get('/optional').expect(200, nobody)
    const agent = await loggedIn(app, bob)
    await agent.get('/optional').expect(200, { user: bob, hasUser: true, apiKey: null })
  })

  it('requireUserOrKey lets in the logged-in user, and not nobody', async () => {
    const agent = await loggedIn(app, bob)
    await agent.get('/either').expect(200, { user: bob, hasUser: true, apiKey: null })
    const answer = await request(app).get('/either')
    expectProblem(answer, 401, 'KEY_MISSING')
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="api"')
  })

  it.each(['/optional', '/either'])('%s lets in a key as its owner, whoever is logged in', async path => {
    const { apiKey, token } = await keys.create({
      name: 'CI',
      owner: { id: 'alice' },
      permissions: ['reports:read'],
    })
    const agent = await loggedIn(app, bob)
    const seen = { user: alice, hasUser: true, apiKey: apiKey.id }
    await request(app).get(path).set('X-API-Key', token).expect(200, seen)
    await agent.get(path).set('X-API-Key', token).expect(200, seen)
  })

  it.each(['/optional', '/either'])(
    '%s refuses a key that is not valid, whoever is logged in',
    async path => {
      const { apiKey, token } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
      await keys.revoke(apiKey.id)
      const agent = await loggedIn(app, alice)
      expectProblem(await agent.get(path).set('X-API-Key', token), 401, 'KEY_REVOKED')
      expectProblem(await agent.get(path).set('Authorization', 'Bearer acme_test_x'), 401, 'KEY_INVALID')
    },
  )

  it('requireUserOrKey refuses a key without the permission, though its owner is logged in', async () => {
    const { token } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
    const agent = await loggedIn(app, alice)
    expectProblem(await agent.get('/either').set('X-API-Key', token), 403, 'INSUFFICIENT_PERMISSIONS')
  })

  it("does not take the req.user of a key for a login: another key's keys refuse it", async () => {
    const others = testKeys({ prefix: 'other', headers: ['x-other-key'] })
    const { token } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
    const own = express()
    const both: RequestHandler[] = [optionalKey(keys), requireUserOrKey(others)]
    own.get('/', ...both, whoami)
    expectProblem(await request(own).get('/').set('X-API-Key', token), 401, 'KEY_MISSING')
  })
})
