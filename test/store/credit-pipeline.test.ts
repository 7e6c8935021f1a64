/** The server reckons as the library does: refills at any times, under any rules, with any bound. */
import fc from 'fast-check'
import { mongooseStore } from 'sidekey/mongoose'
import { openedAccount, refillsAt, settled } from '../../src/key/credit-account.js'
import { newKeyId } from '../../src/key/token.js'
import type { Store } from '../../src/store/store.js'
import { PLAIN_MS, plainDate, refillsBetween } from '../key/plain-calendar.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import { readPlan, servedByIndex } from '../support/mongo/plan.js'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await openDatabase()
  store = mongooseStore(database.connection)
  await store.ready()
})
afterAll(async () => {
  await store.close()
  await database.drop()
})

const amounts = fc.oneof(fc.nat(50), fc.integer({ min: 2 ** 31 - 5, max: 1e12 }))
const spans = fc.integer({ min: 1, max: 3 * 366 * PLAIN_MS.day })

it('by day and month, as the plain calendar has it', async () => {
  const every = fc.constantFrom('day' as const, 'month' as const)
  await fc.assert(
    fc.asyncProperty(every, plainDate(), spans, async (period, since, ms) => {
      const id = newKeyId(1)
      const until = new Date(since.getTime() + ms)
      await store.credits.open(id, 1, { refill: { amount: 2, every: period, max: null }, since }, since)
      const taken = await store.credits.take(id, 0, { refill: null, since: until })
      expect(taken?.balance).toBe(1 + 2 * refillsBetween(period, since, until))
    }),
    { numRuns: 150 },
  )
})

it('with any amounts, costs and bounds, as key/credit-account.ts has it', async () => {
  const refill = fc.record({
    amount: amounts,
    every: fc.constantFrom('day', 'month', '1m', '7h', '45d'),
    max: fc.option(amounts),
  })
  await fc.assert(
    fc.asyncProperty(
      plainDate(),
      spans,
      refill,
      amounts,
      amounts,
      async (since, ms, every, balance, cost) => {
        const id = newKeyId(1)
        const rule = { refill: every, since }
        const ended = { refill: null, since: new Date(since.getTime() + ms) }
        await store.credits.open(id, balance, rule, since)
        const model = settled(openedAccount(id, balance, rule), ended, Date.now())
        const ok = model.balance >= cost
        const left = ok ? model.balance - cost : model.balance
        expect(await store.credits.take(id, cost, ended)).toEqual({ ok, balance: left, refillsAt: null })
        expect(await store.credits.of([id])).toEqual([{ ...model, balance: left }])
      },
    ),
    { numRuns: 150 },
  )
})

it('until now, by a clock that is not this one, and no further', async () => {
  const every = fc.constantFrom('day', 'month', '1m', '7h', '45d')
  const past = fc.date({ min: new Date('1996-01-01'), max: new Date('2025-01-01'), noInvalidDate: true })
  await fc.assert(
    fc.asyncProperty(every, past, fc.option(amounts), async (period, since, max) => {
      const id = newKeyId(1)
      const rule = { refill: { amount: 3, every: period, max }, since }
      await store.credits.open(id, 1, rule, since)
      const account = openedAccount(id, 1, rule)
      const [earliest, taken, latest] = [
        settled(account, rule, Date.now() - CLOCKS_DIFFER_MS),
        await store.credits.take(id, 0, rule),
        settled(account, rule, Date.now() + CLOCKS_DIFFER_MS),
      ]
      expect(taken?.balance).toBeGreaterThanOrEqual(earliest.balance)
      expect(taken?.balance).toBeLessThanOrEqual(latest.balance)
      const times = [refillsAt(earliest), refillsAt(latest)]
      expect(taken?.refillsAt?.getTime()).toBeGreaterThanOrEqual(times[0]?.getTime() ?? 0)
      expect(taken?.refillsAt?.getTime()).toBeLessThanOrEqual(times[1]?.getTime() ?? 0)
    }),
    { numRuns: 100 },
  )
})

/** More than the clock of the server and this one are apart. */
const CLOCKS_DIFFER_MS = 5_000

it('finds what waits for the audit, and what nobody has confirmed, by their indexes alone', async () => {
  const accounts = database.connection.collection('sidekey_credits')
  for (let i = 0; i < 300; i++) {
    const id = newKeyId(i)
    await store.credits.open(id, 1, { refill: null, since: new Date(0) }, new Date(i))
    if (i % 50 !== 0) await store.credits.confirm(id)
  }
  for (const [field, filter] of [
    ['outbox.at', { 'outbox.at': { $lt: new Date() } }],
    ['opening', { opening: { $lt: new Date() } }],
  ] as const) {
    const plan = readPlan(await accounts.find(filter).limit(200).explain())
    expect({ served: servedByIndex(plan), plan }).toMatchObject({ served: true })
    expect(plan.indexes).toContain(`${field}_1`)
    expect(await accounts.indexes()).toContainEqual(
      expect.objectContaining({ key: { [field]: 1 }, sparse: true }),
    )
  }
})
