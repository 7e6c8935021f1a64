import fc from 'fast-check'
import { accepts, preferred } from '../../src/http/accept.js'

const JSON_TYPE = 'application/json'

describe('accepts', () => {
  it.each([
    undefined,
    '',
    ' ',
    'application/json',
    'APPLICATION/JSON',
    'application/*',
    '*/*',
    'text/html, application/json;q=0.1',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'application/json;charset=utf-8',
    'application/json ; q=0.001',
    'application/json;q=9',
    'application/*;q=0, application/json',
    '*/*;q=0, application/*',
    'application/json;q=0, application/json',
    ', ,application/json,',
    'not a media range',
    '*',
  ])('takes JSON by %j', header => {
    expect(accepts(header, JSON_TYPE)).toBe(true)
  })

  it.each([
    'text/html',
    'text/*',
    'application/xml, text/plain;q=0.5',
    'application/problem+json',
    'application/jsonp',
    'xapplication/json',
    'application/json;q=0',
    'application/json;q=0.000',
    'application/json;charset=utf-8;Q=0',
    'application/json;q=0, */*',
    'application/*;q=0, */*',
    '*/*;q=0',
    'image/*/json, text/html',
  ])('does not take JSON by %j', header => {
    expect(accepts(header, JSON_TYPE)).toBe(false)
  })

  it('tells types with a suffix apart', () => {
    expect(accepts('application/problem+json', 'application/problem+json')).toBe(true)
    expect(accepts('application/json', 'application/problem+json')).toBe(false)
  })

  it('reads a long header in no time', () => {
    const long = 'application/'.repeat(5_000) + ';q=0'.repeat(20_000) + ' '.repeat(20_000)
    const started = performance.now()
    expect(accepts(`${long}, text/html`, JSON_TYPE)).toBe(false)
    expect(performance.now() - started).toBeLessThan(500)
  })

  it('takes a type whatever else is taken beside it', () => {
    const others = fc.array(fc.constantFrom<string[]>('text/html', 'image/*;q=0', 'a/b;c=d', '', 'x'), {
      maxLength: 5,
    })
    const property = fc.property(others, fc.nat(5), (ranges, at) => {
      const header = ranges.toSpliced(Math.min(at, ranges.length), 0, JSON_TYPE).join(',')
      return accepts(header, JSON_TYPE)
    })
    fc.assert(property)
  })
})

describe('preferred', () => {
  const OFFERS = [JSON_TYPE, 'text/csv'] as const

  it.each([
    [undefined, JSON_TYPE],
    ['', JSON_TYPE],
    ['not a media range', JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['text/csv', 'text/csv'],
    ['TEXT/CSV; header=present', 'text/csv'],
    ['text/*', 'text/csv'],
    ['text/csv, */*', 'text/csv'],
    ['text/csv, application/json', JSON_TYPE],
    ['text/csv;q=0.9, application/json;q=0.8', 'text/csv'],
    ['text/csv;q=0.8, application/json;q=0.9', JSON_TYPE],
    ['text/csv;q=0.5, */*;q=0.6', JSON_TYPE],
    ['text/csv;q=0, text/*', null],
    ['*/*, application/json;q=0', 'text/csv'],
    ['text/html', null],
    ['*/*;q=0', null],
  ])('%j: %s', (header, type) => {
    expect(preferred(header, OFFERS)).toBe(type)
  })
})
