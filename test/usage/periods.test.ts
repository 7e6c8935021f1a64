/** Days and months end by the clocks of a time zone, also where those are changed. */
import fc from 'fast-check'
import { startOf } from '../../src/usage/hours.js'
import { firstHourOf, isTimeZone, type PeriodLength, periodsIn } from '../../src/usage/periods.js'

/** Where the periods of a range of days begin, and where the last one ends. */
function edges(from: string, to: string, by: PeriodLength, timeZone: string): string[] {
  const range = { from: firstHourOf(from, timeZone), to: firstHourOf(to, timeZone) }
  const periods = periodsIn(range, by, timeZone, 1_000) ?? []
  return [...periods.map(period => period.from), periods.at(-1)?.to ?? 0].map(hour =>
    startOf(hour).toISOString().slice(0, 16),
  )
}

/** How many hours each day of a range has. */
function lengths(from: string, to: string, timeZone: string): number[] {
  const range = { from: firstHourOf(from, timeZone), to: firstHourOf(to, timeZone) }
  return (periodsIn(range, 'day', timeZone, 1_000) ?? []).map(period => period.to - period.from)
}

it('parts days by the clocks of Berlin, also the one of 23 hours and the one of 25', () => {
  expect(edges('2026-03-28', '2026-03-31', 'day', 'Europe/Berlin')).toEqual([
    '2026-03-27T23:00',
    '2026-03-28T23:00',
    '2026-03-29T22:00',
    '2026-03-30T22:00',
  ])
  expect(lengths('2026-03-28', '2026-03-31', 'Europe/Berlin')).toEqual([24, 23, 24])
  expect(lengths('2026-10-24', '2026-10-27', 'Europe/Berlin')).toEqual([24, 25, 24])
})

it.each([
  ['clocks that are changed at midnight: the day begins at one', 'Africa/Cairo', '2026-04-24', [24, 23, 24]],
  ['clocks that are changed by half an hour', 'Australia/Lord_Howe', '2026-10-04', [24, 23, 24]],
  ['the south', 'America/Santiago', '2026-09-06', [24, 23, 24]],
  ['no change at all', 'Asia/Tokyo', '2026-03-29', [24, 24, 24]],
  ['a day that there was not', 'Pacific/Apia', '2011-12-30', [24, 24]],
])('knows %s (%s)', (_what, timeZone, middle, expected) => {
  const [before, after] = [-1, 2].map(days =>
    new Date(Date.parse(middle) + days * 86_400_000).toISOString().slice(0, 10),
  )
  expect(lengths(before ?? '', after ?? '', timeZone)).toEqual(expected)
})

it('parts months, by their own length and where clocks are changed', () => {
  expect(edges('2026-01-01', '2027-01-01', 'month', 'America/New_York')).toEqual([
    ...['2026-01-01T05:00', '2026-02-01T05:00', '2026-03-01T05:00', '2026-04-01T04:00', '2026-05-01T04:00'],
    ...['2026-06-01T04:00', '2026-07-01T04:00', '2026-08-01T04:00', '2026-09-01T04:00', '2026-10-01T04:00'],
    ...['2026-11-01T04:00', '2026-12-01T05:00', '2027-01-01T05:00'],
  ])
  expect(edges('2028-02-01', '2028-04-01', 'month', 'UTC')).toEqual([
    '2028-02-01T00:00',
    '2028-03-01T00:00',
    '2028-04-01T00:00',
  ])
})

it('begins a day with the first whole hour in it, where midnight is not on one', () => {
  expect(edges('2026-11-25', '2026-11-26', 'day', 'Asia/Kolkata')).toEqual([
    '2026-11-24T19:00',
    '2026-11-25T19:00',
  ])
  expect(edges('2026-11-25', '2026-11-26', 'day', 'Asia/Kathmandu')).toEqual([
    '2026-11-24T19:00',
    '2026-11-25T19:00',
  ])
  expect(edges('2026-11-25', '2026-11-26', 'day', 'America/St_Johns')).toEqual([
    '2026-11-25T04:00',
    '2026-11-26T04:00',
  ])
})

it('answers the first and the last period as far as they are in the range', () => {
  const from = firstHourOf('2026-11-25', 'UTC') + 13
  expect(periodsIn({ from, to: from + 30 }, 'day', 'UTC', 10)).toEqual([
    { from, to: from + 11 },
    { from: from + 11, to: from + 30 },
  ])
  expect(periodsIn({ from, to: from + 3 }, 'hour', 'Asia/Kolkata', 10)).toEqual([
    { from, to: from + 1 },
    { from: from + 1, to: from + 2 },
    { from: from + 2, to: from + 3 },
  ])
})

it('tells too many from just enough', () => {
  expect(periodsIn({ from: 0, to: 10 }, 'hour', 'UTC', 10)).toHaveLength(10)
  expect(periodsIn({ from: 0, to: 11 }, 'hour', 'UTC', 10)).toBeNull()
})

it('knows the names of time zones, and takes nothing else for one', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'Etc/GMT+5', 'America/Argentina/Buenos_Aires'])
    expect([name, isTimeZone(name)]).toEqual([name, true])
  for (const name of [
    '',
    'Europe/Atlantis',
    '+01:00',
    'x'.repeat(1000),
    'Europe/Berlin ',
    '../etc',
    '__proto__',
  ])
    expect([name, isTimeZone(name)]).toEqual([name, false])
})

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/Sao_Paulo',
  'Pacific/Apia',
  'Asia/Kolkata',
  'Pacific/Kiritimati',
]

it('covers any range without a gap, and begins each period but the first on a day of its own', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 600_000 }),
      fc.integer({ min: 1, max: 2_000 }),
      fc.constantFrom('day' as const, 'month' as const),
      fc.constantFrom(...ZONES),
      (from, length, by, timeZone) => {
        const periods = periodsIn({ from, to: from + length }, by, timeZone, 1_000) ?? []
        expect(periods[0]?.from).toBe(from)
        expect(periods.at(-1)?.to).toBe(from + length)
        const local = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
        const nameOf = (hour: number) => local.format(startOf(hour)).slice(0, by === 'day' ? 10 : 7)
        for (const [i, period] of periods.entries()) {
          const before = periods[i - 1]
          if (before !== undefined) expect(period.from).toBe(before.to)
          if (before !== undefined) expect(nameOf(period.from)).not.toBe(nameOf(period.from - 1))
          expect(nameOf(period.to - 1)).toBe(nameOf(period.from))
        }
      },
    ),
    { numRuns: 200 },
  )
})
