import { type Created, memoryStore, type Store } from 'sidekey'
import { keyRouter, optionalKey, requireKey, requireUserOrKey } from 'sidekey/express'
import request from 'supertest'
import { alice, mistyped, type TestKeys, testKeys, userOf } from '../support/keys.js'
import { appWith, expectProblem, loggedIn, overExpress, whoami } from './support.js'

/** A store that counts its reads by id. */
function countingStore(): { store: Store; reads: () => number } {
  const store = memoryStore()
  let reads = 0
  const find: Store['find'] = id => {
    reads++
    return store.find(id)
  }
  return { store: { ...store, find }, reads: () => reads }
}

overExpress('A key is verified once a request', express => {
  let keys: TestKeys
  let reads: () => number
  let loaded: string[]
  let grants: number
  let key: Created
  beforeEach(async () => {
    const counting = countingStore()
    reads = counting.reads
    loaded = []
    grants = 0
    keys = testKeys({
      store: counting.store,
      cache: false,
      user(owner) {
        loaded.push(owner.id)
        return userOf(owner)
      },
      grants() {
        grants++
        return ['*']
      },
    })
    key = await keys.create({
      name: 'CI',
      owner: { id: 'alice' },
      permissions: ['reports:read', 'api-keys:read'],
    })
    expect(reads()).toBe(0)
  })

  it('however many middlewares ask, and its user is loaded once', async () => {
    const app = appWith(express, app => {
      app.use(optionalKey(keys), requireKey(keys))
      app.get('/', requireUserOrKey(keys, 'reports:read'), requireKey(keys, 'reports:read'), whoami)
    })
    await request(app).get('/').set('X-API-Key', key.token).expect(200)
    expect(reads()).toBe(1)
    expect(grants).toBe(1)
    expect(loaded).toEqual(['alice'])
  })

  it('also where the app’s user is a query, which does its work for each then', async () => {
    const query = () => {
      let runs = 0
      // As mongoose's are: `User.findById(owner.id)`.
      return {
        // biome-ignore lint/suspicious/noThenProperty: this is what it is about
        then(found: (user: unknown) => void, failed: (error: Error) => void) {
          runs++
          if (runs > 1) failed(new Error('Query was already executed'))
          else found(alice)
        },
      }
    }
    const keys = testKeys({ cache: false, user: query })
    const { token } = await keys.create({ name: 'CI', owner: { id: 'alice' }, permissions: ['reports:read'] })
    const app = appWith(express, app => {
      app.get('/', requireKey(keys), requireKey(keys, 'reports:read'), whoami)
    })
    await request(app).get('/').set('X-API-Key', token).expect(200)
  })

  it('though middlewares and the router ask', async () => {
    const app = appWith(express, app => {
      app.use('/api-keys', optionalKey(keys), requireKey(keys, 'reports:read'), keyRouter(keys))
    })
    await request(app).get('/api-keys/me').set('X-API-Key', key.token).expect(200)
    expect(reads()).toBe(1)
    await request(app).get('/api-keys').set('X-API-Key', key.token).expect(200)
    expect(reads()).toBe(2)
    expect(loaded).toEqual(['alice', 'alice'])
  })

  it('also where it is refused', async () => {
    await keys.revoke(key.apiKey.id)
    const before = reads()
    const app = express()
    app.get('/', requireKey(keys), whoami)
    expectProblem(await request(app).get('/').set('X-API-Key', key.token), 401, 'KEY_REVOKED')
    expect(reads()).toBe(before + 1)
    expect(loaded).toEqual([])
  })

  it('and anew in the next request', async () => {
    const app = express().get('/', requireKey(keys), whoami)
    await request(app).get('/').set('X-API-Key', key.token).expect(200)
    await keys.revoke(key.apiKey.id)
    expectProblem(await request(app).get('/').set('X-API-Key', key.token), 401, 'KEY_REVOKED')
  })

  it('each requirement is asked of it all the same', async () => {
    const app = express()
    app.get('/', optionalKey(keys), requireKey(keys, 'reports:read'), requireKey(keys, 'exports:run'), whoami)
    const answer = await request(app).get('/').set('X-API-Key', key.token)
    expectProblem(answer, 403, 'INSUFFICIENT_PERMISSIONS')
    expect(reads()).toBe(1)
  })

  it('and costs no read where the token is malformed, mistyped, or not there', async () => {
    const app = appWith(express, app => {
      app.get('/', optionalKey(keys), whoami)
    })
    for (const token of ['acme_test_x', mistyped(key.token), `${key.token}x`]) {
      expectProblem(await request(app).get('/').set('X-API-Key', token), 401, 'KEY_INVALID')
    }
    const agent = await loggedIn(app, alice)
    await agent.get('/').expect(200)
    expect(reads()).toBe(0)
  })
})
