/** The balance of a key under rules that come, change and go. When refills come is tried in refill.test.ts. */
import {
  bounded,
  firstRefill,
  MOST_CREDITS,
  openedAccount,
  refillFacts,
  refillsAt,
  settled,
} from '../../src/key/credit-account.js'
import type { CreditRule } from '../../src/key/refill.js'
import { FIXTURE_TIME } from './fixture.js'

const HOUR = 3_600_000
const at = (hours: number) => FIXTURE_TIME + hours * HOUR

function rule(hours: number, amount: number, max: number | null = null): CreditRule {
  return { refill: { amount, every: '1h', max }, since: new Date(at(hours)) }
}
const without = (hours: number): CreditRule => ({ refill: null, since: new Date(at(hours)) })

describe('an account', () => {
  it('begins with its balance, and counts refills from its rule', () => {
    expect(openedAccount('k', 3, rule(0, 10, 50))).toEqual({
      keyId: 'k',
      balance: 3,
      refill: { amount: 10, every: HOUR, max: 50 },
      since: new Date(FIXTURE_TIME),
      refilled: 0,
      outbox: [],
    })
  })

  it('without a refill stays as it is, and waits for none', () => {
    const account = openedAccount('k', 3, without(0))
    expect(account).toMatchObject({ refill: null, refilled: 0 })
    expect(settled(account, without(0), at(1000))).toBe(account)
    expect(refillsAt(account)).toBeNull()
  })

  it('stays the same one until something is due', () => {
    const account = openedAccount('k', 3, rule(0, 10))
    expect(settled(account, rule(0, 10), at(0))).toBe(account)
    expect(settled(account, rule(0, 10), at(1) - 1)).toBe(account)
    expect(settled(account, rule(0, 10), at(1)).balance).toBe(13)
    expect(settled(account, rule(0, 10), at(-5))).toBe(account)
  })

  it('is filled to its bound, and keeps what is above it', () => {
    expect(settled(openedAccount('k', 3, rule(0, 10, 20)), rule(0, 10, 20), at(9)).balance).toBe(20)
    expect(settled(openedAccount('k', 30, rule(0, 10, 20)), rule(0, 10, 20), at(9)).balance).toBe(30)
  })
})

describe('a later rule', () => {
  const account = openedAccount('k', 3, rule(0, 10))

  it('counts from when it was made, and the one before until then', () => {
    const later = rule(2.5, 100)
    const now = settled(account, later, at(5))
    // Two of the first by 2 h, and two of the second by 4.5 h.
    expect(now).toEqual({ ...openedAccount('k', 3 + 20 + 200, later), refilled: 2 })
    expect(refillsAt(now)).toEqual(new Date(at(5.5)))
  })

  it('may end the refills: what was due until then has come', () => {
    const now = settled(account, without(2.5), at(1000))
    expect(now).toEqual(openedAccount('k', 23, without(2.5)))
    expect(settled(now, rule(3, 1), at(4)).balance).toBe(24)
  })

  it('is not undone by one that is earlier, or as old', () => {
    const now = settled(account, rule(2, 100), at(2))
    expect(settled(now, rule(1, 7), at(3)).balance).toBe(3 + 20 + 100)
    expect(settled(now, rule(2, 7), at(3)).balance).toBe(3 + 20 + 100)
  })
})

describe('a refill as it is reckoned with', () => {
  it('has a bound in any case', () => {
    expect(refillFacts(rule(0, 10, 0))).toEqual({ amount: 10, every: HOUR, max: 0 })
    expect(refillFacts(rule(0, 10))).toEqual({ amount: 10, every: HOUR, max: MOST_CREDITS })
  })

  it('is none where nothing comes back, or nobody can tell when', () => {
    const unreadable = { refill: { amount: 1, every: 'soon', max: null }, since: new Date(FIXTURE_TIME) }
    for (const one of [without(0), unreadable]) {
      expect(refillFacts(one)).toBeNull()
      expect(firstRefill(one)).toBe(0)
    }
  })

  it('by the day is numbered from 1970 on', () => {
    const daily = { refill: { amount: 1, every: 'day', max: null }, since: new Date(FIXTURE_TIME) }
    expect(firstRefill(daily)).toBe(Math.floor(FIXTURE_TIME / 86_400_000))
  })
})

it('bounds what a balance comes to, where numbers are exact', () => {
  expect([3, -3, MOST_CREDITS, MOST_CREDITS + 1].map(bounded)).toEqual([3, -3, MOST_CREDITS, MOST_CREDITS])
})
