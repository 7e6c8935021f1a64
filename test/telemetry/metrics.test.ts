/** `keys.metrics()` and the option `telemetry`: what is counted, over every store, and that it harms nothing. */

import express from 'express'
import { memoryStore, type Store, type Telemetry } from 'sidekey'
import { optionalKey, requireKey } from 'sidekey/express'
import request from 'supertest'
import { alice, mistyped, quiet, refusalCode, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'
import { wrapped } from '../support/wrapped.js'

const owner = { id: 'alice' }

overEveryStore('metrics', store => {
  it('counts each verification once, by what came of it', async () => {
    const keys = testKeys({ store: store() })
    const { apiKey, token } = await keys.create({ name: 'a', owner, permissions: ['reports:read'] })
    expect(keys.metrics().verifications).toEqual({})
    await keys.verify(token)
    await keys.verify(token)
    await keys.verify(token, { permissions: 'reports:write' })
    await keys.verify(null)
    await keys.verify('nonsense')
    await keys.verify(mistyped(token))
    await keys.revoke(apiKey.id)
    await keys.verify(token)
    expect(keys.metrics().verifications).toEqual({
      accepted: 2,
      INSUFFICIENT_PERMISSIONS: 1,
      KEY_MISSING: 1,
      KEY_INVALID: 2,
      KEY_REVOKED: 1,
    })
    await keys.close()
  })

  it('tells tokens that memory knew from those it had to ask for, and tokens that are no key from both', async () => {
    const opened = store()
    const keys = testKeys({ store: opened })
    const { token } = await keys.create({ name: 'a', owner })
    do await keys.verify(token)
    while (opened.changes?.kind === 'shared' && keys.metrics().leaseAgeMs === null)
    await keys.verify(token)
    const before = keys.metrics().cache
    for (let i = 0; i < 5; i++) await keys.verify(token)
    await keys.verify('nonsense')
    const { hits, misses, records } = keys.metrics().cache
    expect(hits - before.hits).toBe(5)
    expect([before.misses > 0, misses]).toEqual([true, before.misses])
    expect(records).toBe(1)
    await keys.close()
  })

  it('tells what waits to be written', async () => {
    const keys = testKeys({ store: store() })
    const { token } = await keys.create({ name: 'a', owner })
    expect(keys.metrics().queues).toEqual({ lastUses: 0, usage: 0, refusals: 0 })
    await keys.verify(token)
    expect(keys.metrics().queues).toMatchObject({ lastUses: 1, usage: 1 })
    await refusalCode(keys.as(alice).list({ all: true }))
    await refusalCode(keys.as(alice).list({ all: true }))
    expect(keys.metrics().queues.refusals).toBeGreaterThanOrEqual(1)
    await keys.close()
    expect(keys.metrics().queues).toEqual({ lastUses: 0, usage: 0, refusals: 0 })
  })

  it('tells how old the lease is, where there is one', async () => {
    const opened = store()
    const keys = testKeys({ store: opened })
    const { token } = await keys.create({ name: 'a', owner })
    expect(keys.metrics().leaseAgeMs).toBeNull()
    await keys.verify(token)
    const isShared = opened.changes?.kind === 'shared'
    while (isShared && keys.metrics().leaseAgeMs === null) await new Promise(setImmediate)
    const age = keys.metrics().leaseAgeMs
    if (isShared) expect(age).toBeLessThan(2_000)
    else expect(age).toBeNull()
    await keys.close()
    expect(keys.metrics().leaseAgeMs).toBeNull()
  })
})

it('counts requests by what came of them, once a request, however many middlewares ask', async () => {
  const keys = testKeys()
  const { token } = await keys.create({ name: 'a', owner, permissions: ['reports:read'] })
  const app = express()
  app.use(optionalKey(keys))
  app.get('/', requireKey(keys, 'reports:read'), requireKey(keys), (_, res) => void res.end())
  await request(app).get('/').set('x-api-key', token).expect(200)
  await request(app).get('/').expect(401)
  await request(app).get('/').set('authorization', 'Bearer a.jwt.here').expect(401)
  await request(app)
    .get('/')
    .set('authorization', `Bearer ${token}`)
    .set('x-api-key', `${token}x`)
    .expect(400)
  expect(keys.metrics().verifications).toEqual({
    accepted: 1,
    KEY_MISSING: 1,
    KEY_INVALID: 1,
    MULTIPLE_KEYS: 1,
  })
})

describe('store errors', () => {
  const failing = (store: Store, name: string): Store =>
    wrapped(store, (call, method) => (method === name ? () => Promise.reject(new Error('no')) : call))

  it('are counted by the method that failed', async () => {
    const keys = testKeys({ store: failing(memoryStore(), 'find'), logger: quiet })
    await refusalCode(keys.get('0123456789abcdef')).catch(() => {})
    await expect(keys.get('0123456789abcdef')).rejects.toThrow('no')
    expect(keys.metrics().storeErrors).toEqual({ find: 2 })
  })

  it('of parts of a store, too, of one that throws, and of a class of its own', async () => {
    const inner = memoryStore()
    class OfItsOwn {
      readonly #credits = inner.credits
      get credits() {
        return {
          ...this.#credits,
          of: () => {
            throw new Error('thrown')
          },
        }
      }
    }
    for (const name of Object.keys(inner).filter(name => name !== 'credits'))
      Object.defineProperty(OfItsOwn.prototype, name, { value: Reflect.get(inner, name) })
    const keys = testKeys({ store: Object.freeze(new OfItsOwn()) as unknown as Store })
    const { apiKey } = await keys.create({ name: 'a', owner, credits: { balance: 5 } })
    await expect(keys.get(apiKey.id)).rejects.toThrow('thrown')
    expect(keys.metrics().storeErrors).toEqual({ 'credits.of': 1 })
  })
})

describe('the option telemetry', () => {
  const recording = () => {
    const operations: string[] = []
    const telemetry: Telemetry = {
      observe: jest.fn(() => undefined),
      around(operation, run) {
        operations.push(operation)
        return run()
      },
    }
    return { operations, telemetry }
  }

  it('is around each operation, and around verifications that memory cannot answer', async () => {
    const { operations, telemetry } = recording()
    const keys = testKeys({ telemetry })
    const { apiKey, token } = await keys.create({ name: 'a', owner })
    await keys.verify(token)
    for (let i = 0; i < 10; i++) await keys.verify(token)
    await keys.as(alice).get(apiKey.id)
    await keys.revoke(apiKey.id)
    await keys.forget(owner)
    expect(operations.filter(name => name !== 'verify')).toEqual(['create', 'get', 'revoke', 'forget'])
    expect(operations.filter(name => name === 'verify').length).toBeLessThanOrEqual(1)
  })

  it('is given what to read, and called off by close()', async () => {
    const off = jest.fn()
    const observe = jest.fn<() => void, [() => unknown]>(() => off)
    const keys = testKeys({ telemetry: { ...recording().telemetry, observe } })
    expect(observe.mock.calls[0]?.[0]()).toEqual(keys.metrics())
    await keys.close()
    expect(off).toHaveBeenCalledTimes(1)
  })

  it('harms no operation where it throws', async () => {
    const warnings: string[] = []
    const telemetry: Telemetry = {
      observe: () => undefined,
      around() {
        throw new Error('the telemetry is broken')
      },
    }
    const logger = { warn: (_: object, message: string) => void warnings.push(message), error: () => {} }
    const keys = testKeys({ telemetry, logger })
    const { apiKey } = await keys.create({ name: 'a', owner })
    expect((await keys.get(apiKey.id))?.name).toBe('a')
    expect(warnings).toContain('the telemetry failed')
  })

  it('makes one key, not two, where it throws after it has begun', async () => {
    const telemetry: Telemetry = {
      observe: () => undefined,
      around(_, run) {
        void run()
        throw new Error('too late')
      },
    }
    const keys = testKeys({ telemetry, logger: quiet })
    await keys.create({ name: 'a', owner })
    expect((await keys.list()).data).toHaveLength(1)
  })

  const broken = () => new Error('the telemetry is broken')
  const rejecting: readonly (readonly [string, Telemetry['around']])[] = [
    ['before it has begun', () => Promise.reject(broken())],
    ['after it is done', (_, run) => run().then(() => Promise.reject(broken()))],
  ]

  it.each(rejecting)('makes one key, and says what is broken, where it rejects %s', async (_, around) => {
    const warnings: unknown[] = []
    const logger = { warn: (about: object) => void warnings.push(about), error: () => {} }
    const keys = testKeys({ telemetry: { observe: () => undefined, around }, logger })
    expect((await keys.create({ name: 'a', owner })).apiKey.name).toBe('a')
    expect(warnings).toContainEqual({ err: broken() })
    expect((await keys.list()).data).toHaveLength(1)
  })

  it("passes the operation's own error on, and blames nobody", async () => {
    const warnings: string[] = []
    const logger = { warn: (_: object, message: string) => void warnings.push(message), error: () => {} }
    const keys = testKeys({ telemetry: recording().telemetry, logger })
    expect(await refusalCode(keys.revoke('0123456789abcdef'))).toBe('NOT_FOUND')
    expect(warnings).not.toContain('the telemetry failed')
  })

  it('does not keep close() from writing what waits, where calling it off throws', async () => {
    const observe = () => () => {
      throw broken()
    }
    const keys = testKeys({ telemetry: { ...recording().telemetry, observe }, logger: quiet })
    const { token } = await keys.create({ name: 'a', owner })
    await keys.verify(token)
    await keys.close()
    expect(keys.metrics().queues).toEqual({ lastUses: 0, usage: 0, refusals: 0 })
  })
})
