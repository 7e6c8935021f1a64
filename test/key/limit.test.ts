/** What a limit may be. */
import { isCost, isLimitName, windowMs } from '../../src/key/limit.js'

describe('the name of a limit', () => {
  it.each(['a', 'requests', 'perDay', 'tokens_in-2', `a${'b'.repeat(31)}`])('may be %s', name => {
    expect(isLimitName(name)).toBe(true)
  })

  it.each(['', 'A', 'Requests', '1a', '_a', '-a', 'a b', 'a:b', 'a"', 'é', 'a\n', `a${'b'.repeat(32)}`])(
    'may not be %j, which could not stand in a header',
    name => {
      expect(isLimitName(name)).toBe(false)
    },
  )
})

describe('the window of a limit', () => {
  const DAY = 86_400_000

  it.each([
    ['1s', 1000],
    ['1000ms', 1000],
    ['1001ms', 1001],
    ['1m', 60_000],
    ['24d', 24 * DAY],
  ])('may be %s', (per, ms) => {
    expect(windowMs(per)).toBe(ms)
  })

  it.each(['999ms', '0s', '24.001d', '25d', '60', 'minute', ''])('may not be %j', per => {
    expect(windowMs(per)).toBeNull()
  })
})

describe('what a request costs', () => {
  it.each([0, 1, 1000, Number.MAX_SAFE_INTEGER])('may be %j', cost => {
    expect(isCost(cost)).toBe(true)
  })

  it.each([
    -1,
    0.5,
    Number.MAX_SAFE_INTEGER + 1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '1',
    1n,
    null,
    undefined,
    true,
    [1],
    { valueOf: () => 1 },
  ])('may not be %p', cost => {
    expect(isCost(cost)).toBe(false)
  })
})
