import { type Connection, Mongoose } from 'mongoose'
import { memoryStore, SidekeyError } from 'sidekey'
import { keyRouter, optionalKey, requireKey, requireUserOrKey } from 'sidekey/express'
import { mongooseStore } from 'sidekey/mongoose'
import request, { type Response } from 'supertest'
import { alice, type TestKeys, testKeys } from '../support/keys.js'
import { appWith, expectProblem, loggedIn, NO_ID, overExpress, whoami } from './support.js'

/** A well-formed token of these options, of a key that only another store knows. */
async function someToken(): Promise<string> {
  return (await testKeys().create({ name: 'CI', owner: { id: 'alice' } })).token
}

function expectUnavailable(answer: Response): void {
  expectProblem(answer, 503, 'STORE_UNAVAILABLE')
  expect(answer.headers['retry-after']).toBe('1')
}

overExpress('With the store away', express => {
  const unreachable = 'mongodb://127.0.0.1:1/none?serverSelectionTimeoutMS=150'

  /** Each way of being away: a store that says so, one that fails in its own words, a server that is not there. */
  const WAYS: readonly { readonly name: string; readonly open: () => Promise<[TestKeys, Connection?]> }[] = [
    {
      name: 'a store that says STORE_UNAVAILABLE',
      open: async () => {
        const away = async (): Promise<never> => {
          throw new SidekeyError('STORE_UNAVAILABLE', 'The store is away.', { retryAfter: 1 })
        }
        return [testKeys({ store: { ...memoryStore(), find: away, list: away, insert: away } })]
      },
    },
    {
      name: 'a MongoDB server that is not there',
      open: async () => {
        const connection = new Mongoose({ bufferTimeoutMS: 500 }).createConnection(unreachable)
        // The app has its own eye on its connection; here it is meant to fail.
        connection.asPromise().catch(() => {})
        return [testKeys({ store: mongooseStore(connection, { timeoutMs: 300 }) }), connection]
      },
    },
  ]

  describe.each(WAYS)('$name', ({ open }) => {
    let keys: TestKeys
    let connection: Connection | undefined
    beforeEach(async () => {
      ;[keys, connection] = await open()
    })
    afterEach(async () => {
      await keys.close()
      await connection?.close(true)
    })

    it('neither lets a key pass nor calls it bad: 503 and Retry-After', async () => {
      const reached = jest.fn()
      const app = appWith(express, app => {
        app.get('/required', requireKey(keys), reached)
        app.get('/optional', optionalKey(keys), reached)
        app.get('/either', requireUserOrKey(keys), reached)
        app.use('/api-keys', keyRouter(keys))
      })
      const agent = await loggedIn(app, alice)
      const token = await someToken()
      for (const path of ['/required', '/optional', '/either', '/api-keys/me']) {
        expectUnavailable(await agent.get(path).set('X-API-Key', token))
      }
      expect(reached).not.toHaveBeenCalled()
    })

    it('answers 503 to users at keyRouter', async () => {
      const app = appWith(express, app => app.use('/api-keys', keyRouter(keys)))
      const agent = await loggedIn(app, alice)
      expectUnavailable(await agent.get('/api-keys'))
      expectUnavailable(await agent.get(`/api-keys/${NO_ID}`))
      expectUnavailable(await agent.post('/api-keys').send({ name: 'CI' }))
      expectUnavailable(await agent.post('/api-keys/lookup').send({ token: await someToken() }))
    })

    it('still refuses what needs no store, and lets in whoever has no key', async () => {
      const app = appWith(express, app => {
        app.get('/optional', optionalKey(keys), whoami)
        app.get('/either', requireUserOrKey(keys), whoami)
      })
      expectProblem(await request(app).get('/optional').set('X-API-Key', 'acme_test_x'), 401, 'KEY_INVALID')
      await request(app).get('/optional').expect(200)
      await (await loggedIn(app, alice)).get('/either').expect(200)
    })
  })

  it("answers 503 where the owner's user, or what they may do, cannot be loaded", async () => {
    const fails = (): never => {
      throw new Error('the user database is away')
    }
    for (const keys of [testKeys({ user: fails }), testKeys({ grants: fails })]) {
      const { token } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
      const app = express().get('/', requireKey(keys), whoami)
      const answer = await request(app).get('/').set('X-API-Key', token)
      expectUnavailable(answer)
      expect(answer.text).not.toContain('database')
    }
  })
})
