/** Refills by the calendar, against a calendar that is walked through day by day. */
import fc from 'fast-check'
import { openedAccount, refillsAt, settled } from '../../src/key/credit-account.js'
import { periodOf, refillNumber, refillTime } from '../../src/key/refill.js'
import { PLAIN_MS, plainDate, refillsBetween } from './plain-calendar.js'

const since = plainDate()
const span = fc.integer({ min: 0, max: 3 * 366 * PLAIN_MS.day })
const every = fc.constantFrom('day' as const, 'month' as const)

it('comes as often by day and month as midnights and days of the month go by', () => {
  fc.assert(
    fc.property(every, since, span, (period, from, ms) => {
      const until = new Date(from.getTime() + ms)
      const number = (at: Date) => refillNumber(period, from, at.getTime())
      expect(number(until) - number(from)).toBe(refillsBetween(period, from, until))
    }),
  )
})

it('comes at its time, and not a ms before, whatever the period', () => {
  const any = fc.oneof(every, fc.integer({ min: 60_000, max: 400 * PLAIN_MS.day }))
  fc.assert(
    fc.property(any, since, fc.integer({ min: 1, max: 600 }), (period, from, times) => {
      const number = refillNumber(period, from, from.getTime()) + times
      const time = refillTime(period, from, number).getTime()
      expect(time).toBeGreaterThan(from.getTime())
      expect(refillNumber(period, from, time)).toBe(number)
      expect(refillNumber(period, from, time - 1)).toBe(number - 1)
    }),
  )
})

it('brings the same in many steps as in one', () => {
  const steps = fc.array(span, { minLength: 1, maxLength: 5 })
  const texts = fc.constantFrom('day', 'month', '6h', '45d')
  fc.assert(
    fc.property(texts, since, steps, fc.option(fc.nat(5000)), (period, from, times, max) => {
      const rule = { refill: { amount: 7, every: period, max }, since: from }
      const account = openedAccount('k', 3, rule)
      const at = times.map(ms => from.getTime() + ms).sort((a, b) => a - b)
      const stepwise = at.reduce((now, time) => settled(now, rule, time), account)
      const atOnce = settled(account, rule, at.at(-1) ?? 0)
      expect(stepwise).toEqual(atOnce)
      // A clock that goes back takes nothing away, and brings nothing twice.
      expect(settled(settled(atOnce, rule, at[0] ?? 0), rule, at.at(-1) ?? 0)).toEqual(atOnce)
    }),
  )
})

it.each([
  ['2026-01-31T15:00:00Z', ['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31']],
  ['2024-01-31T00:00:00Z', ['2024-02-29', '2024-03-31', '2024-04-30', '2024-05-31']],
  ['2024-01-30T00:00:00Z', ['2024-02-29', '2024-03-30', '2024-04-30', '2024-05-30']],
  ['2023-10-30T23:59:59Z', ['2023-11-30', '2023-12-30', '2024-01-30', '2024-02-29']],
  ['2100-01-29T00:00:00Z', ['2100-02-28', '2100-03-29', '2100-04-29', '2100-05-29']],
  ['2024-02-29T12:00:00Z', ['2024-03-29', '2024-04-29', '2024-05-29', '2024-06-29']],
  ['2026-11-01T00:00:00Z', ['2026-12-01', '2027-01-01', '2027-02-01', '2027-03-01']],
])('keeps the day of the month of %s where the month has it', (from, days) => {
  const rule = { refill: { amount: 1, every: 'month', max: null }, since: new Date(from) }
  let account = openedAccount('k', 0, rule)
  const seen = days.map(() => {
    const next = refillsAt(account)
    account = settled(account, rule, next?.getTime() ?? 0)
    return next?.toISOString()
  })
  expect(seen).toEqual(days.map(day => `${day}T00:00:00.000Z`))
  expect(account.balance).toBe(days.length)
})

it('takes days, months and durations of a minute or more', () => {
  expect(['day', 'month', '1m', '6h', '30 days'].map(periodOf)).toEqual([
    'day',
    'month',
    60_000,
    21_600_000,
    2_592_000_000,
  ])
  for (const bad of ['', 'week', '59s', '0s', '-1h', '1', 'Day', '1e9', '5000y', 'toString'])
    expect(periodOf(bad)).toBeNull()
})
