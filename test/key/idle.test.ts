/** Keys that end when nobody uses them: to the ms. */
import { type Idle, idleFrom, idleMs, idleUntil, longestUnused, restarted } from '../../src/key/idle.js'
import { FIXTURE_TIME } from './fixture.js'

const MINUTE = 60_000
const DAY = 86_400_000
const LONGEST = 3660 * DAY

const begin = new Date(FIXTURE_TIME)
const idle: Idle = { after: '90d', since: begin, checkAt: begin, endedAt: null }
const ended: Idle = { ...idle, endedAt: new Date(FIXTURE_TIME + 90 * DAY) }

describe('how long a key may go unused', () => {
  it.each([
    ['1m', MINUTE],
    ['60s', MINUTE],
    ['60.001s', MINUTE + 1],
    ['90d', 90 * DAY],
    ['10y', 3652.5 * DAY],
    ['3660d', LONGEST],
  ])('may be %s', (after, ms) => {
    expect(idleMs(after)).toBe(ms)
    expect(longestUnused({ ...idle, after })).toBe(ms)
  })

  it.each(['59.999s', '59s', '0s', '3660.001d', '11y', '90', 'soon', ''])('may not be %j', after => {
    expect(idleMs(after)).toBeNull()
  })

  it('is as long as can be where the text, which was checked once, is no longer taken', () => {
    expect(longestUnused({ ...idle, after: 'soon' })).toBe(LONGEST)
  })
})

describe('what is kept of it', () => {
  it('counts from when it is set, and is looked at at once', () => {
    expect(idleFrom('90d', FIXTURE_TIME)).toEqual(idle)
  })

  it('counts anew where the key comes back to work', () => {
    const now = new Date(FIXTURE_TIME + 5)
    expect(restarted(idle, FIXTURE_TIME + 5)).toEqual({ ...idle, since: now, checkAt: now })
  })

  it('stays where the key has ended by it, or has none', () => {
    expect(restarted(ended, FIXTURE_TIME + 5)).toBe(ended)
    expect(restarted(null, FIXTURE_TIME)).toBeNull()
  })
})

describe('until when a key may go unused', () => {
  const at = (ms: number) => new Date(FIXTURE_TIME + ms)

  it('is for ever where nothing was set', () => {
    expect(idleUntil({ idle: null, notBefore: null })).toBe(Number.POSITIVE_INFINITY)
    expect(idleUntil({ idle: null, notBefore: at(0) }, FIXTURE_TIME)).toBe(Number.POSITIVE_INFINITY)
  })

  it.each([
    ['from when it was set', null, undefined, 0],
    ['from when it begins, where that is later', at(7), undefined, 7],
    ['from when it was set, where it began before', at(-7), undefined, 0],
    ['from its last use', null, FIXTURE_TIME + 9, 9],
    ['from when it was set, where it was used before', null, FIXTURE_TIME - 9, 0],
    ['from the latest of the three', at(11), FIXTURE_TIME + 9, 11],
  ])('counts %s', (_, notBefore, usedAt, from) => {
    expect(idleUntil({ idle, notBefore }, usedAt)).toBe(FIXTURE_TIME + from + 90 * DAY)
  })
})
