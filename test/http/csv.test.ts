import fc from 'fast-check'
import { usageCsv } from '../../src/http/answers-usage.js'
import { csvOf } from '../../src/http/csv.js'
import { csvRows } from '../support/csv.js'

it('ends each row as RFC 4180 has it, and quotes what must be quoted', () => {
  expect(
    csvOf([
      ['a', 'b c', ''],
      ['x,y', 'say "hi"', 'two\r\nlines'],
      [0, -1.5, 3e20],
    ]),
  ).toBe('a,b c,\r\n"x,y","say ""hi""","two\r\nlines"\r\n0,-1.5,300000000000000000000\r\n')
})

it.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '=HYPERLINK("http://evil.example","x")',
  '＝1+1',
  '＠SUM(A1)',
])('has no formula in it: %j', text => {
  expect(csvOf([[text]])).toMatch(/^"?'/)
})

it('can be read back, whatever is in it', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', "'", 'é'), maxLength: 8 })
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(rows, made => {
      const told = made.map(row => row.map(text => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text)))
      expect(csvRows(csvOf(made))).toEqual(told)
    }),
  )
})

it('has a column for each outcome that occurred, accepted first', () => {
  const at = (day: number) => new Date(Date.UTC(2026, 0, day))
  const data = [
    { from: at(1), to: at(2), total: 3, outcomes: { RATE_LIMITED: 1, IP_NOT_ALLOWED: 2 } },
    { from: at(2), to: at(3), total: 5, outcomes: { accepted: 5 } },
  ]
  expect(usageCsv({ data }).split('\r\n')).toEqual([
    'from,to,total,accepted,IP_NOT_ALLOWED,RATE_LIMITED',
    '2026-01-01T00:00:00.000Z,2026-01-02T00:00:00.000Z,3,0,2,1',
    '2026-01-02T00:00:00.000Z,2026-01-03T00:00:00.000Z,5,5,0,0',
    '',
  ])
  expect(usageCsv({ data: [] })).toBe('from,to,total,accepted\r\n')
})
