/** The permit lease: exact whatever the order of things, few asks, and nothing lost that could be used. */
import { setImmediate as settled } from 'node:timers/promises'
import fc from 'fast-check'
import type { Counters } from '../../src/limit/counters.js'
import { createPermits, type Permits } from '../../src/limit/permits.js'
import type { Account } from '../../src/limit/purse.js'

const MINUTE = 60_000

/** Virtual time: what is due is done in its order. */
function virtualTime(start = 100 * MINUTE) {
  let now = start
  let count = 0
  const due: { readonly at: number; readonly order: number; readonly then: () => void }[] = []
  const at = (ms: number, then: () => void) => {
    const task = { at: now + ms, order: count++, then }
    due.push(task)
    return () => void due.splice(due.indexOf(task) >>> 0, due.includes(task) ? 1 : 0)
  }
  return {
    wall: () => now,
    after: at,
    sleep: (ms: number) => new Promise<void>(go => void at(ms, go)),
    /** Goes on until `ms` have passed. */
    async pass(ms: number) {
      const end = now + ms
      for (;;) {
        await settled()
        const next = due.toSorted((a, b) => a.at - b.at || a.order - b.order)[0]
        if (next === undefined || next.at > end) break
        due.splice(due.indexOf(next), 1)
        now = next.at
        next.then()
      }
      now = end
    },
  }
}
type Time = ReturnType<typeof virtualTime>

/** A backend that takes a while, both ways, and may be away. */
function backend(time: Time, delayMs: () => number) {
  const sums = new Map<string, number>()
  const state = { calls: 0, isAway: false, sums }
  const counters: Counters = {
    kind: 'shared',
    async add(name, points) {
      state.calls++
      await time.sleep(delayMs())
      if (state.isAway) throw new Error('away')
      const sum = (sums.get(name) ?? 0) + points
      sums.set(name, sum)
      await time.sleep(delayMs())
      return sum
    },
  }
  return Object.assign(state, { counters })
}

function permitsOver(counters: Counters, time: Time, processes = 1): Permits {
  return createPermits({ counters, clock: time, processes: async () => processes, warn: () => {} })
}

const account = (points: number, perMs = MINUTE): Account => ({
  name: 'key:a:requests',
  points,
  perMs,
  purse: null,
})

describe('The permits of one process', () => {
  it('are as many as the limit a window, and as many again in the next', async () => {
    const time = virtualTime()
    const { counters } = backend(time, () => 1)
    const permits = permitsOver(counters, time)
    for (let window = 0; window < 3; window++) {
      const taken: boolean[] = []
      for (let i = 0; i < 8; i++)
        void Promise.resolve(permits.take(account(5), 1)).then(({ ok }) => taken.push(ok))
      await time.pass(1_000)
      expect(taken).toEqual([true, true, true, true, true, false, false, false])
      await time.pass(MINUTE - 1_000)
    }
  })

  it('tell what is left, and when the window ends', async () => {
    const time = virtualTime()
    const permits = permitsOver(backend(time, () => 1).counters, time)
    const first = permits.take(account(3), 1)
    await time.pass(100)
    expect(await first).toEqual({ ok: true, remaining: 2, resetsAt: 101 * MINUTE })
    const second = permits.take(account(3), 2)
    await time.pass(100)
    expect(await second).toEqual({ ok: true, remaining: 0, resetsAt: 101 * MINUTE })
    expect(permits.take(account(3), 1)).toEqual({ ok: false, remaining: 0, resetsAt: 101 * MINUTE })
  })

  it('refuse a cost that no window has room for, and keep what is left for lesser ones', async () => {
    const time = virtualTime()
    const permits = permitsOver(backend(time, () => 1).counters, time)
    expect(permits.take(account(5), 6)).toMatchObject({ ok: false })
    const answers: unknown[] = []
    for (const cost of [3, 3, 2]) {
      void Promise.resolve(permits.take(account(5), cost)).then(({ ok }) => answers.push([cost, ok]))
      await time.pass(10)
    }
    expect(answers).toEqual([
      [3, true],
      [3, false],
      [2, true],
    ])
  })

  it('go back where they were taken for nothing', async () => {
    const time = virtualTime()
    const { counters } = backend(time, () => 1)
    const permits = permitsOver(counters, time)
    const taken = permits.take(account(1), 1)
    await time.pass(10)
    permits.putBack(account(1), 1, (await taken).resetsAt)
    expect(permits.take(account(1), 1)).toMatchObject({ ok: true })
  })

  it('do not go back to a window that they are not of', async () => {
    const time = virtualTime()
    const permits = permitsOver(backend(time, () => 1).counters, time)
    const old = permits.take(account(1), 1)
    await time.pass(MINUTE)
    const now = permits.take(account(1), 1)
    await time.pass(10)
    expect(await now).toMatchObject({ ok: true })
    permits.putBack(account(1), 1, (await old).resetsAt)
    expect(permits.take(account(1), 1)).toMatchObject({ ok: false })
  })

  it('that were taken before a window ended are worth nothing in the next', async () => {
    const time = virtualTime(100 * MINUTE + MINUTE - 5)
    const { counters, sums } = backend(time, () => 10)
    const permits = permitsOver(counters, time)
    const late = permits.take(account(2), 1)
    await time.pass(100)
    expect(await late).toMatchObject({ ok: true, resetsAt: 102 * MINUTE })
    expect(sums.get('key:a:requests:101')).toBe(1)
  })
})

describe('The permits of several processes', () => {
  /** Windows of even load: how many were let in a window, by the window of the permit. */
  async function evenLoad({
    points,
    processes,
    aMinute,
    windows,
    perMs = MINUTE,
  }: {
    readonly points: number
    readonly processes: number
    readonly aMinute: number
    readonly windows: number
    readonly perMs?: number
  }) {
    const time = virtualTime()
    const back = backend(time, () => 2)
    const all = Array.from({ length: processes }, () => permitsOver(back.counters, time, processes))
    const letIn = new Map<number, number>()
    let asked = 0
    const pause = MINUTE / aMinute
    const driven = all.map(async (permits, i) => {
      await time.sleep((pause * i) / processes)
      for (let sent = 0; sent < (aMinute * windows * perMs) / MINUTE / processes; sent++) {
        asked++
        const { ok, resetsAt } = await permits.take(account(points, perMs), 1)
        if (ok) letIn.set(resetsAt, (letIn.get(resetsAt) ?? 0) + 1)
        await time.sleep(Math.max(0, pause * processes - 4))
      }
    })
    await time.pass(windows * perMs + MINUTE)
    await Promise.all(driven)
    return { letIn: [...letIn.values()], asked, calls: back.calls }
  }

  it.each([
    { points: 600, aMinute: 900 },
    { points: 600, aMinute: 1_200 },
    { points: 6_000, aMinute: 9_000 },
  ])(
    'are at most $points a minute, 95 % of them used by an even load of $aMinute, with one ask in ten',
    async ({ points, aMinute }) => {
      const { letIn, asked, calls } = await evenLoad({ points, processes: 4, aMinute, windows: 10 })
      expect(Math.max(...letIn)).toBeLessThanOrEqual(points)
      // The first and the last are cut off.
      for (const one of letIn.slice(1, -1)) expect(one).toBeGreaterThanOrEqual(0.95 * points)
      expect(calls).toBeLessThanOrEqual(asked / 10)
    },
  )

  it('are all of a small limit, one by one', async () => {
    const { letIn } = await evenLoad({ points: 20, processes: 4, aMinute: 60, windows: 5 })
    for (const one of letIn.slice(1, -1)) expect(one).toBe(20)
  })

  it('go back when they lie idle, and others use them', async () => {
    const time = virtualTime()
    const { counters } = backend(time, () => 1)
    const [one, other] = [permitsOver(counters, time, 2), permitsOver(counters, time, 2)]
    const use = async (permits: Permits, times: number) => {
      let ok = 0
      for (let i = 0; i < times; i++) if ((await permits.take(account(120), 1)).ok) ok++
      return ok
    }
    const first = use(one, 70) // with a chunk that it does not use up
    await time.pass(6_000)
    const second = use(other, 200)
    await time.pass(6_000)
    expect([await first, await second]).toEqual([70, 50])
  })

  it('are never more than the limit, whatever is delayed or given back', async () => {
    const step = fc.record({
      process: fc.nat(2),
      pause: fc.nat({ max: 700 }),
      cost: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.nat({ max: 9 })),
      after: fc.constantFrom('keep', 'keep', 'keep', 'put back'),
    })
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 300, size: 'max' }),
      fc.integer({ min: 1, max: 150 }),
      fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 20 }),
      async (steps, points, delays) => {
        const time = virtualTime()
        let n = 0
        const back = backend(time, () => delays[n++ % delays.length] ?? 0)
        const all = Array.from({ length: 3 }, () => permitsOver(back.counters, time, 3))
        const perMs = 5_000
        const spent = new Map<number, number>()
        const add = (window: number, cost: number) => spent.set(window, (spent.get(window) ?? 0) + cost)
        const pending: Promise<void>[] = []
        for (const { process, pause, cost, after } of steps) {
          const permits = all[process] as Permits // three of them
          const one = async () => {
            const taken = await permits.take(account(points, perMs), cost)
            if (!taken.ok) return
            add(taken.resetsAt, cost)
            expect(spent.get(taken.resetsAt)).toBeLessThanOrEqual(points)
            if (after !== 'put back') return
            add(taken.resetsAt, -cost)
            permits.putBack(account(points, perMs), cost, taken.resetsAt)
          }
          pending.push(one())
          await time.pass(pause)
        }
        await time.pass(60_000)
        await Promise.all(pending)
      },
    )
    await fc.assert(property, { numRuns: 40 })
  })
})

describe('Permits while the backend is away', () => {
  it('are a share of the limit for each process, and are counted when it is back', async () => {
    const time = virtualTime()
    const back = backend(time, () => 1)
    const all = Array.from({ length: 4 }, () => permitsOver(back.counters, time, 4))
    const use = async (times: number) => {
      const taken = all.map(async permits => {
        let ok = 0
        for (let i = 0; i < times; i++) if ((await permits.take(account(40), 1)).ok) ok++
        return ok
      })
      await time.pass(3_000)
      return Promise.all(taken)
    }
    expect(await use(2)).toEqual([2, 2, 2, 2]) // how many processes there are is known now
    back.isAway = true
    expect(await use(30)).toEqual([8, 8, 8, 8])
    back.isAway = false
    await time.pass(MINUTE)
    expect((await use(30)).reduce((a, b) => a + b)).toBe(40)
  })
})
