import { parseDuration, parseDurationWithin } from '../../src/key/duration.js'

const HOUR = 3_600_000

describe('a duration', () => {
  it.each([
    ['90d', 90 * 24 * HOUR],
    ['12h', 12 * HOUR],
    ['30 minutes', HOUR / 2],
    ['1.5h', 1.5 * HOUR],
    ['45s', 45_000],
    ['250ms', 250],
    ['1 week', 7 * 24 * HOUR],
    ['1y', 365.25 * 24 * HOUR],
    ['0s', 0],
  ])('has a unit: %s is %i ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected)
  })

  it('comes in whole milliseconds', () => {
    expect(parseDuration('1.5ms')).toBe(2)
  })

  it.each([
    '90',
    '0',
    '',
    ' ',
    'd',
    '-1d',
    '+1d',
    '1e3d',
    '1d2h',
    '1  d',
    ' 1d',
    '1d ',
    '5 bananas',
    'Infinity',
    'NaN d',
    '١d',
    '1001y',
    '999999999999y',
    `${'9'.repeat(400)}d`,
    `1${'d'.repeat(1000)}`,
  ])('is not %j', text => {
    expect(parseDuration(text)).toBeNull()
  })

  it('may be so long that a date from now on can still be written down', () => {
    const longest = parseDuration('1000y')
    expect(new Date(Date.now() + (longest ?? Number.NaN)).toISOString()).toMatch(/^30/)
  })
})

it.each([
  ['9ms', null],
  ['10ms', 10],
  ['15ms', 15],
  ['20ms', 20],
  ['21ms', null],
  ['15', null],
  ['5 bananas', null],
])('from 10 to 20 ms is %s: %j', (text, expected) => {
  expect(parseDurationWithin(text, 10, 20)).toBe(expected)
})

it('is within no bounds where it is none', () => {
  expect(parseDurationWithin('0s', 0, Number.POSITIVE_INFINITY)).toBe(0)
  expect(parseDurationWithin('soon', 0, Number.POSITIVE_INFINITY)).toBeNull()
  expect(parseDurationWithin('soon', Number.NEGATIVE_INFINITY, 1)).toBeNull()
})
