/** What requests spend, and when it is worth to ask again. */
import fc from 'fast-check'
import { memoryStore, type Refill } from 'sidekey'
import { newKeyId } from '../../src/key/token.js'
import { createCredits } from '../../src/limit/credits.js'
import { refusal } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'

const MINUTE = 60_000

/** A key with this balance; its refills count from `since`. */
async function opened(
  store: ReturnType<typeof memoryStore>,
  balance: number,
  refill: Refill | null,
  since: Date,
) {
  const key = { id: newKeyId(1), credits: { refill, since } }
  await store.credits.open(key.id, balance, key.credits, since)
  return key
}

overEveryStore('spending', store => {
  it('takes the cost, or nothing', async () => {
    const key = await opened(store(), 10, null, new Date())
    const { spend } = createCredits(store())
    expect(await spend(key, 6, Date.now())).toEqual({ ok: true, balance: 4 })
    expect(await spend(key, 5, Date.now())).toEqual({ ok: false, balance: 4 })
    expect(await spend(key, 0, Date.now())).toEqual({ ok: true, balance: 4 })
    expect(await spend(key, 4, Date.now())).toEqual({ ok: true, balance: 0 })
  })

  it('lets a key without credits pass, and one without an account spend nothing', async () => {
    await opened(store(), 1, null, new Date())
    const { spend } = createCredits(store())
    expect(await spend({ id: newKeyId(1), credits: null }, 5, 0)).toMatchObject({ ok: true })
    const lost = { id: newKeyId(1), credits: { refill: null, since: new Date() } }
    expect(await spend(lost, 1, 0)).toEqual({ ok: false, balance: 0 })
  })

  it('tells how long it is until there will be enough', async () => {
    const since = new Date()
    const { spend } = createCredits(store())
    const refill = { amount: 10, every: '10m', max: null }
    const key = await opened(store(), 5, refill, since)
    const at = since.getTime() + MINUTE
    expect(await spend(key, 6, at)).toEqual({ ok: false, balance: 5, retryAfterSeconds: 9 * 60 })
    expect(await spend(key, 15, at)).toEqual({ ok: false, balance: 5, retryAfterSeconds: 9 * 60 })
    expect(await spend(key, 16, at)).toEqual({ ok: false, balance: 5, retryAfterSeconds: 19 * 60 })
    // The clock of this process may be ahead.
    const late = since.getTime() + 60 * MINUTE
    expect(await spend(key, 6, late)).toEqual({ ok: false, balance: 5, retryAfterSeconds: 1 })
  })

  it.each<[string, Refill]>([
    ['fill no higher', { amount: 10, every: '10m', max: 15 }],
    ['bring nothing', { amount: 0, every: '10m', max: null }],
  ])('tells no time where refills %s', async (_what, refill) => {
    const key = await opened(store(), 5, refill, new Date())
    const spent = await createCredits(store()).spend(key, 16, Date.now())
    expect(spent).toEqual({ ok: false, balance: 5 })
  })

  it.each([-1, 0.5, Number.NaN, 1e12 + 1])('refuses %p as a cost', async cost => {
    const key = await opened(store(), 5, null, new Date())
    const { code, errors } = await refusal(createCredits(store()).spend(key, cost, Date.now()))
    expect([code, errors?.[0]?.path]).toEqual(['INVALID_INPUT', 'cost'])
  })
})

it('tells the first time at which it would be let pass', async () => {
  const refills = fc.record({
    amount: fc.integer({ min: 1, max: 20 }),
    every: fc.constantFrom('day', 'month', '6h'),
    max: fc.option(fc.integer({ min: 0, max: 60 })),
  })
  jest.useFakeTimers()
  try {
    await fc.assert(
      fc.asyncProperty(
        refills,
        fc.nat(50),
        fc.integer({ min: 1, max: 60 }),
        async (refill, balance, cost) => {
          const start = Date.UTC(2024, 0, 31, 15)
          jest.setSystemTime(start)
          const store = memoryStore()
          const key = await opened(store, balance, refill, new Date(start))
          const { spend } = createCredits(store)
          const spent = await spend(key, cost, start)
          if (spent.ok) return
          const { retryAfterSeconds } = spent
          jest.setSystemTime(start + (retryAfterSeconds ?? 1e10) * 1000 - 1)
          expect((await spend(key, cost, Date.now())).ok).toBe(false)
          if (retryAfterSeconds === undefined) return
          jest.setSystemTime(start + retryAfterSeconds * 1000)
          expect((await spend(key, cost, Date.now())).ok).toBe(true)
        },
      ),
    )
  } finally {
    jest.useRealTimers()
  }
})
