/** A database that is away, and comes back: what verification answers meanwhile, and what the return costs. */
import express from 'express'
import { requireKey } from 'sidekey/express'
import request from 'supertest'
import { newKeyId, newToken } from '../../src/key/token.js'
import { MISSES_AT_ONCE, MISSES_PER_SECOND } from '../../src/verify/miss-gate.js'
import { whoami } from '../http/support.js'
import {
  type Call,
  inMemory,
  knownAway,
  LEASE_MS,
  median,
  POLL_MS,
  steadily,
  TIMEOUT_MS,
  timedVerify,
  until,
  verifyAll,
  withScene,
} from './away-scene.js'

jest.setTimeout(90_000)

/** Tenths of what would be waited for, and far more than an answer from memory takes. */
const AT_ONCE_MS = 200
/** How late a busy machine may run a timer. */
const LATE_MS = 400

const unknown = (many: number) =>
  Array.from({ length: many }, () => newToken('acme_test', newKeyId(Date.now())).token)
const outcomes = (calls: readonly { readonly outcome: string }[]) => [
  ...new Set(calls.map(({ outcome }) => outcome)),
]

describe.each(['hang', 'cut'] as const)('a database that is away (%s)', how => {
  it.concurrent('leaves what is in memory good until the lease lapses, and is told of at once from then on', () =>
    withScene({ many: 1 }, async scene => {
      const { keys, tokens, proxy, asked } = scene
      await inMemory(scene)
      const { renewedAt } = asked
      proxy[how]()
      const goneAt = performance.now()
      const calls = await steadily(
        () => timedVerify(keys, tokens[0] ?? ''),
        () => performance.now() > goneAt + 2 * LEASE_MS,
      )
      const before = calls.filter(({ at }) => at < renewedAt + LEASE_MS - AT_ONCE_MS)
      expect(outcomes(before)).toEqual(['ok'])
      const lapsed = calls.filter(({ at }) => at >= goneAt + LEASE_MS)
      expect(outcomes(lapsed)).toEqual(['STORE_UNAVAILABLE'])
      expect(median(lapsed.map(({ took }) => took))).toBeLessThan(AT_ONCE_MS)
      // A round that has begun in vain after the last renewal is given up after as long as a lease lives.
      const given = calls.filter(({ at }) => at >= goneAt + LEASE_MS + 2 * POLL_MS + LATE_MS)
      expect(Math.max(...given.map(({ took }) => took))).toBeLessThan(TIMEOUT_MS / 2)
    }))

  it.concurrent('is served from by itself once it is back, by one read a key, however many come at once', () =>
    withScene({ many: 21 }, async scene => {
      const { keys, proxy, asked } = scene
      const [first = '', ...others] = scene.tokens
      await inMemory(scene)
      proxy[how]()
      await knownAway(scene)
      const restoredAt = performance.now()
      proxy.restore()
      await until(async () => (await keys.verify(first)).ok)
      expect(performance.now() - restoredAt).toBeLessThan(LEASE_MS)
      // The first lease counts from when its round began, which may be long ago: this is about one that holds.
      await until(() => asked.renewedAt > restoredAt)
      asked.sent.length = 0
      const calls = await verifyAll(keys, Array.from({ length: 10 }, () => others).flat())
      expect(outcomes(calls)).toEqual(['ok'])
      expect(asked.sent).toEqual([...new Set(asked.sent)])
    }))

  it.concurrent('is 503 over HTTP, with a whole number of seconds to wait, until it is back', () =>
    withScene({ many: 1 }, async scene => {
      const { keys, tokens, proxy } = scene
      const app = express().get('/', requireKey(keys), whoami)
      const get = () =>
        request(app)
          .get('/')
          .set('X-API-Key', tokens[0] ?? '')
      await inMemory(scene)
      await get().expect(200)
      proxy[how]()
      await knownAway(scene)
      const answer = await get().expect(503)
      expect(answer.body).toMatchObject({ code: 'STORE_UNAVAILABLE' })
      expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
      await expect(keys.lookup(tokens[0] ?? '')).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        retryAfter: 1,
      })
      proxy.restore()
      await until(async () => (await get()).status === 200)
    }))

  it.concurrent('is not asked without bound by unknown tokens, which push out nothing', () =>
    withScene({ many: 21 }, async scene => {
      const { keys, proxy, asked } = scene
      const [unseen = '', ...tokens] = scene.tokens
      await inMemory({ ...scene, tokens })
      proxy[how]()
      const goneAt = performance.now()
      asked.finds.length = 0
      const flood = verifyAll(keys, [unseen, ...unknown(600)])
      // Those in memory are answered meanwhile, and without a read.
      const { renewedAt } = asked
      const known = await verifyAll(keys, tokens)
      const inTime = known.filter(({ at }) => at < renewedAt + LEASE_MS - AT_ONCE_MS)
      expect(inTime.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
      expect(asked.finds.filter(id => tokens.some(token => token.includes(id)))).toEqual([])
      const answered = await flood
      expect(outcomes(answered)).toEqual(['STORE_UNAVAILABLE'])
      const seconds = (performance.now() - goneAt) / 1_000
      expect(asked.finds.length).toBeLessThanOrEqual(MISSES_AT_ONCE + MISSES_PER_SECOND * seconds)
      // What could not be looked up is not remembered as a token of no key.
      proxy.restore()
      const answers: Call[] = []
      await until(async () => {
        answers.push(await timedVerify(keys, unseen))
        return answers.at(-1)?.outcome !== 'STORE_UNAVAILABLE'
      })
      expect(answers.at(-1)).toMatchObject({ outcome: 'ok' })
    }))

  it.concurrent('is not asked at all, once that is known, and then tells good tokens from bad', () =>
    withScene({ many: 2 }, async scene => {
      const { keys, tokens, proxy, asked } = scene
      await inMemory({ ...scene, tokens: tokens.slice(0, 1) })
      proxy[how]()
      await knownAway(scene)
      asked.finds.length = 0
      const flood = [...unknown(500), ...tokens]
      const calls = await verifyAll(keys, flood)
      expect(outcomes(calls)).toEqual(['STORE_UNAVAILABLE'])
      expect(median(calls.map(({ took }) => took))).toBeLessThan(TIMEOUT_MS / 4)
      expect(asked.finds).toEqual([])
      proxy.restore()
      await until(async () => (await keys.verify(tokens[1])).ok)
      expect(await keys.verify(flood[0])).toMatchObject({ code: 'KEY_INVALID' })
    }))

  it.concurrent('is waited for by a process that starts meanwhile: 503, until it is back', () =>
    withScene({ many: 1, start: how }, async scene => {
      const { keys, tokens, proxy } = scene
      expect(await keys.verify(tokens[0])).toMatchObject({ code: 'STORE_UNAVAILABLE', status: 503 })
      await knownAway(scene)
      proxy.restore()
      await until(async () => (await keys.verify(tokens[0])).ok)
    }))
})
