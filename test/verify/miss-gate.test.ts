/** Tokens of no key reach the store at a bounded rate; those of keys are not held up by it. */
import { memoryStore, type Store } from 'sidekey'
import type { Clock } from '../../src/clock.js'
import { newKeyId, newToken } from '../../src/key/token.js'
import { createMissGate, MISSES_AT_ONCE, MISSES_PER_SECOND, Undecided } from '../../src/verify/miss-gate.js'
import { testKeys } from '../support/keys.js'
import { keyFor, outcome, watchedStore } from './support.js'

/** Time that only the test moves; timers that are due run on the way. */
function manualClock() {
  let now = 0
  const timers = new Set<{ readonly at: number; readonly then: () => void }>()
  const clock: Clock = {
    monotonic: () => now,
    wall: () => now,
    random: () => 0,
    sleep: ms => new Promise(then => timers.add({ at: now + ms, then })),
    after() {
      throw new Error('somebody waits: the process must stay alive')
    },
  }
  return {
    clock,
    /** How many timers are set. */
    timers: () => timers.size,
    /** So many ms pass while the event loop is busy: what is due comes after. */
    beBusy(ms: number) {
      now += ms
    },
    async pass(ms: number): Promise<void> {
      const end = now + ms
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        timers.delete(next)
        now = next.at
        next.then()
        await settled()
      }
      now = end
      await settled()
    },
  }
}

const settled = () => new Promise(resolve => setImmediate(resolve))

/** A gate, and `looks`: how often somebody was let in. */
function scene() {
  const { clock, ...time } = manualClock()
  const gate = createMissGate(clock)
  let looks = 0
  let nextToken = 0
  const miss = (digest = `token ${nextToken++}`) =>
    gate.pass(digest, async () => {
      looks++
      return null
    })
  return {
    clock,
    gate,
    ...time,
    miss,
    looks: () => looks,
    many: (n: number) => Array.from({ length: n }, () => miss()),
  }
}

describe('the gate', () => {
  it('lets so many tokens of no key in at once, and then so many a second', async () => {
    const { pass, many, looks } = scene()
    const waiting = Promise.allSettled(many(MISSES_AT_ONCE + MISSES_PER_SECOND))
    await settled()
    expect(looks()).toBe(MISSES_AT_ONCE)
    await pass(500)
    expect(looks()).toBe(MISSES_AT_ONCE + MISSES_PER_SECOND / 2)
    await pass(500)
    expect((await waiting).length).toBe(MISSES_AT_ONCE + MISSES_PER_SECOND)
  })

  it('sends away who has waited for a second', async () => {
    const { pass, many, looks } = scene()
    const codes = many(MISSES_AT_ONCE + 3 * MISSES_PER_SECOND).map(promise =>
      promise.then(
        () => 'in',
        (error: { code: string; retryAfter: number }) => `${error.code} ${error.retryAfter}`,
      ),
    )
    await pass(1_100)
    const answers = await Promise.all(codes)
    expect(new Set(answers)).toEqual(new Set(['in', 'STORE_UNAVAILABLE 1']))
    expect(answers.filter(answer => answer === 'in')).toHaveLength(looks())
    expect(looks()).toBeLessThanOrEqual(MISSES_AT_ONCE + MISSES_PER_SECOND)
    expect(looks()).toBeGreaterThanOrEqual(MISSES_AT_ONCE + MISSES_PER_SECOND - 1)
  })

  it('sends away at once where too many wait already', async () => {
    const { pass, many, miss } = scene()
    const waiting = Promise.allSettled(many(MISSES_AT_ONCE + 10_000))
    await settled()
    await expect(miss()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: 'Too many tokens are looked up: try again.',
    })
    await pass(1_100)
    await waiting
  })

  it('sends away who has waited for a second also when somebody else comes, place or no place', async () => {
    const { pass, many, miss, looks } = scene()
    const waiting = Promise.allSettled(many(MISSES_AT_ONCE + MISSES_PER_SECOND))
    await pass(10)
    let sentAway = 0
    const later = many(5).map(one => one.catch(() => sentAway++))
    await pass(1_000)
    const before = looks()
    const last = miss()
    await settled()
    expect([sentAway, looks()]).toEqual([4, before]) // the first of them has just had a place
    await pass(20)
    await Promise.all([waiting, ...later, last])
  })

  it('lets nobody overtake who waits, though nobody was served while the process was busy', async () => {
    const { beBusy, pass, many, gate } = scene()
    const looked: string[] = []
    const look = (name: string) =>
      gate.pass(name, async () => {
        looked.push(name)
        return null
      })
    await Promise.all(many(MISSES_AT_ONCE))
    const first = look('first')
    await settled()
    beBusy(1_000 / MISSES_PER_SECOND)
    const second = look('second')
    await settled()
    expect(looked).toEqual(['first'])
    await pass(100)
    await Promise.all([first, second])
    expect(looked).toEqual(['first', 'second'])
  })

  it('sets no timer once nobody waits: the process may end', async () => {
    const { timers, pass, many } = scene()
    const waiting = Promise.all(many(MISSES_AT_ONCE + 3))
    await settled()
    expect(timers()).toBe(1)
    await pass(100)
    await waiting
    expect(timers()).toBe(0)
  })

  it('gives a place back that turned out to be a key’s, at once to who waits', async () => {
    const { gate, many } = scene()
    await Promise.all(many(MISSES_AT_ONCE - 1))
    const looked: number[] = []
    await Promise.all(
      Array.from({ length: 500 }, (_, i) => gate.pass(`good ${i}`, async () => looked.push(i))),
    )
    expect(looked).toHaveLength(500)
  })

  it('gives no more than that place back', async () => {
    const { gate, pass, many, looks } = scene()
    await Promise.all(many(MISSES_AT_ONCE - 1))
    await gate.pass('good', async () => 'a key')
    const waiting = Promise.all(many(5))
    await settled()
    expect(looks()).toBe(MISSES_AT_ONCE)
    await pass(100)
    await waiting
  })

  it('takes a place for what could not be decided', async () => {
    const { gate, pass, many, looks } = scene()
    for (let i = 0; i < MISSES_AT_ONCE; i++) {
      const undecided = gate.pass(`token ${i}`, () =>
        Promise.reject(new Undecided('STORE_UNAVAILABLE', 'not decided')),
      )
      await expect(undecided).rejects.toThrow('not decided')
    }
    const waiting = Promise.all(many(5))
    await settled()
    expect(looks()).toBe(0)
    await pass(100)
    await waiting
  })

  it('takes no place for an error', async () => {
    const { gate, many, looks } = scene()
    for (let i = 0; i < 3 * MISSES_AT_ONCE; i++) {
      const failing = gate.pass(`token ${i}`, () => Promise.reject(new Error('away')))
      await expect(failing).rejects.toThrow('away')
    }
    const waiting = Promise.allSettled(many(MISSES_AT_ONCE))
    await settled()
    expect(looks()).toBe(MISSES_AT_ONCE)
    await waiting
  })

  it('fills up again, and never beyond what is let in at once', async () => {
    const { pass, many, looks } = scene()
    await Promise.all(many(MISSES_AT_ONCE))
    await pass(3_600_000)
    const waiting = Promise.allSettled(many(MISSES_AT_ONCE + 10))
    await settled()
    expect(looks()).toBe(2 * MISSES_AT_ONCE)
    await pass(1_000)
    await waiting
  })
})

describe('a token that was refused', () => {
  it('is remembered for ten seconds', async () => {
    const { gate, clock, pass, miss } = scene()
    await miss('bad')
    expect(gate.isRefused('bad', clock.monotonic())).toBe(true)
    expect(gate.isRefused('other', clock.monotonic())).toBe(false)
    await pass(9_999)
    expect(gate.isRefused('bad', clock.monotonic())).toBe(true)
    await pass(1)
    expect(gate.isRefused('bad', clock.monotonic())).toBe(false)
  })

  it('is not one that could not be looked up, nor one of a key', async () => {
    const { gate, clock } = scene()
    await expect(gate.pass('unlucky', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
    await gate.pass('good', async () => 'a key')
    expect(gate.isRefused('unlucky', clock.monotonic())).toBe(false)
    expect(gate.isRefused('good', clock.monotonic())).toBe(false)
  })

  it('is one of 10,000 at most: the oldest goes', async () => {
    const { gate, pass, miss } = scene()
    await miss('first')
    for (let i = 0; i < 200; i++) {
      await Promise.all(Array.from({ length: 50 }, () => miss()))
      await pass(2_000)
    }
    // All of it is long over: asked as of the beginning, memory tells what it still has.
    expect(gate.isRefused('first', 0)).toBe(false)
    expect(gate.isRefused('token 0', 0)).toBe(true)
  })
})

describe('verification', () => {
  const unknownTokens = (n: number) =>
    Array.from({ length: n }, () => newToken('acme_test', newKeyId(Date.now())).token)

  it('reaches the store at no more than that rate under a flood, and keeps good keys in memory', async () => {
    const store = watchedStore()
    const keys = testKeys({ store })
    const good = await keyFor(keys)
    expect(outcome(await keys.verify(good.token))).toBe('ok')
    const before = store.reads.length
    const began = performance.now()
    const flood = unknownTokens(5_000).map(token => keys.verify(token))
    expect(outcome(await keys.verify(good.token))).toBe('ok')
    const outcomes = new Set((await Promise.all(flood)).map(outcome))
    const seconds = (performance.now() - began) / 1_000
    const reads = store.reads.slice(before)
    expect(reads).not.toContain(good.apiKey.id)
    expect(reads.length).toBeLessThanOrEqual(MISSES_AT_ONCE + MISSES_PER_SECOND * seconds)
    expect(reads.length).toBeGreaterThanOrEqual(MISSES_AT_ONCE)
    expect(outcomes).toEqual(new Set(['KEY_INVALID', 'STORE_UNAVAILABLE']))
    expect(outcome(await keys.verify(good.token))).toBe('ok')
    expect(store.reads.slice(before)).not.toContain(good.apiKey.id)
    await keys.close()
  })

  it('asks the store once about one token of no key that comes again and again', async () => {
    const store = watchedStore()
    const keys = testKeys({ store })
    const [token = ''] = unknownTokens(1)
    for (let i = 0; i < 300; i++) expect(outcome(await keys.verify(token))).toBe('KEY_INVALID')
    expect(store.reads).toHaveLength(1)
  })

  it('is not held up by it at a cold start, with hundreds of keys at once', async () => {
    const store = memoryStore()
    const making = testKeys({ store })
    const tokens = await Promise.all(
      Array.from({ length: 5 * MISSES_AT_ONCE }, () => keyFor(making).then(({ token }) => token)),
    )
    const cold = testKeys({ store })
    const outcomes = (await Promise.all(tokens.map(token => cold.verify(token)))).map(outcome)
    expect(new Set(outcomes)).toEqual(new Set(['ok']))
  })

  it('does not count what the store could not answer', async () => {
    const store = memoryStore()
    let isAway = true
    const failing: Store = {
      ...store,
      find: id => (isAway ? Promise.reject(new Error('away')) : store.find(id)),
    }
    const keys = testKeys({ store: failing })
    const refused = new Set(
      (await Promise.all(unknownTokens(500).map(token => keys.verify(token)))).map(outcome),
    )
    expect(refused).toEqual(new Set(['STORE_UNAVAILABLE']))
    isAway = false
    const began = performance.now()
    const answers = await Promise.all(unknownTokens(MISSES_AT_ONCE).map(token => keys.verify(token)))
    expect(new Set(answers.map(outcome))).toEqual(new Set(['KEY_INVALID']))
    // Without places they would have waited for most of a second.
    expect(performance.now() - began).toBeLessThan(500)
  })
})
