import fc from 'fast-check'
import {
  ipMatcher,
  isOriginPattern,
  isRange,
  originMatcher,
  type Restrictions,
  restrictionsWithin,
} from '../../src/key/restriction.js'
import { runs } from '../support/runs.js'

const dotted = (value: number) => [24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.')
const address = fc.integer({ min: 0, max: 0xffffffff })
const bits = fc.integer({ min: 0, max: 32 })
/** How many addresses a range of this length holds, and so where it begins: arithmetic, no bit masks. */
const sizeOf = (length: number) => 2 ** (32 - length)
const blockOf = (value: number, length: number) => Math.floor(value / sizeOf(length))

describe('an address rule', () => {
  it.each([
    ['192.0.2.0/24', ['192.0.2.0', '192.0.2.255', '::ffff:192.0.2.7'], ['192.0.1.255', '192.0.3.0']],
    ['192.0.2.77/24', ['192.0.2.0', '192.0.2.255'], ['192.0.3.77']],
    ['192.0.2.1', ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201'], ['192.0.2.2', '192.0.2.0']],
    ['192.0.2.0/31', ['192.0.2.0', '192.0.2.1'], ['192.0.2.2', '192.0.1.255']],
    ['0.0.0.0/0', ['0.0.0.0', '255.255.255.255', '::ffff:1.2.3.4'], ['::1', '2001:db8::1']],
    ['::ffff:192.0.2.0/120', ['192.0.2.9', '::ffff:192.0.2.9'], ['192.0.3.9']],
    [
      '2001:db8::/32',
      ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
      ['2001:db9::', '2001:db7::1'],
    ],
    ['2001:db8::1', ['2001:db8::1', '2001:0DB8:0::0:1'], ['2001:db8::2']],
    ['::1', ['::1', '0:0:0:0:0:0:0:1'], ['127.0.0.1', '::ffff:127.0.0.1']],
    ['::/0', ['::', 'ffff::'], ['192.0.2.1', '::ffff:192.0.2.1']],
    ['::ffff:0.0.0.0/96', ['0.0.0.0', '255.255.255.255', '::ffff:192.0.2.1'], ['::1', '::fffe:192.0.2.1']],
    ['::ffff:0.0.0.0/95', ['::fffe:192.0.2.1', '::fffe:0:1'], ['::1', '::fffd:192.0.2.1', '192.0.2.1']],
  ])('%s lets in what lies in it, to the edge', (range, inside, outside) => {
    expect(isRange(range)).toBe(true)
    const matches = ipMatcher([range])
    expect(inside.filter(ip => !matches(ip))).toEqual([])
    expect(outside.filter(matches)).toEqual([])
  })

  it('of any IPv4 range is arithmetic on the address, mapped or not', () => {
    fc.assert(
      fc.property(address, bits, address, (base, length, other) => {
        const matches = ipMatcher([`${dotted(base)}/${length}`])
        const first = blockOf(base, length) * sizeOf(length)
        const last = first + sizeOf(length) - 1
        for (const ip of [base, other, first, last, Math.max(0, first - 1), Math.min(0xffffffff, last + 1)]) {
          const inside = ip >= first && ip <= last
          expect([matches(dotted(ip)), matches(`::ffff:${dotted(ip)}`)]).toEqual([inside, inside])
        }
      }),
      runs(500),
    )
  })

  it('lets in by any of its ranges', () => {
    const matches = ipMatcher(['192.0.2.1', '2001:db8::/32'])
    expect(['192.0.2.1', '2001:db8::5', '192.0.2.2'].map(matches)).toEqual([true, true, false])
  })

  it('lets in by the others where one of them is no range', () => {
    const matches = ipMatcher(['garbage', '192.0.2.1', '192.0.2.0/33'])
    expect(['192.0.2.1', '192.0.2.2'].map(matches)).toEqual([true, false])
    expect(ipMatcher(['garbage'])('192.0.2.1')).toBe(false)
  })

  it.each([
    '',
    'garbage',
    '192.0.2',
    '192.0.2.1.5',
    '3221225985',
    '0300.0.2.1',
    '0xc0.0.2.1',
    '192.0.2.1:80',
  ])('lets nobody in from %j', ip => {
    expect(ipMatcher(['0.0.0.0/0', '::/0'])(ip)).toBe(false)
  })

  it('lets nobody in from a list, or with a scope', () => {
    const matches = ipMatcher(['0.0.0.0/0', '::/0'])
    expect(['192.0.2.1, 192.0.2.2', ' 192.0.2.1', 'fe80::1%eth0'].filter(matches)).toEqual([])
  })

  it.each([
    '',
    'localhost',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/',
    '192.0.2.0/24/8',
    '192.0.2.0/2a',
    '192.0.2',
    '127.1',
    '0x7f.0.0.1',
    '2001:db8::/129',
    'fe80::1%eth0',
    '*',
  ])('is not %j', text => {
    expect(isRange(text)).toBe(false)
  })
})

describe('an origin rule', () => {
  it.each([
    [
      'https://app.example.com',
      ['https://app.example.com'],
      ['http://app.example.com', 'https://example.com', 'https://a.app.example.com'],
    ],
    [
      'https://*.example.com',
      ['https://a.example.com', 'https://a.b.example.com'],
      [
        'https://example.com',
        'https://evilexample.com',
        'https://a.example.com.evil.com',
        'http://a.example.com',
      ],
    ],
    ['http://localhost:3000', ['http://localhost:3000'], ['http://localhost', 'http://localhost:3001']],
    ['https://*.example.com:8443', ['https://a.example.com:8443'], ['https://a.example.com']],
    ['https://[::1]:3000', ['https://[::1]:3000'], ['https://[::2]:3000']],
  ])('%s lets in its own', (pattern, inside, outside) => {
    expect(isOriginPattern(pattern)).toBe(true)
    expect(inside.filter(origin => !originMatcher([pattern])(origin))).toEqual([])
    expect(outside.filter(origin => originMatcher([pattern])(origin))).toEqual([])
  })

  it('lets in by any of its origins, and none below one without a wildcard', () => {
    const matches = originMatcher([
      'https://*.example.com',
      'garbage',
      'https://app.test',
      'https://*.example.org',
    ])
    const inside = ['https://a.example.com', 'https://b.example.org', 'https://app.test']
    expect(inside.filter(origin => !matches(origin))).toEqual([])
    expect(['https://a.app.test', 'https://a.example.net', 'https://app.test:444'].filter(matches)).toEqual(
      [],
    )
  })

  it.each([
    '',
    'null',
    '*',
    'https://',
    'https://.example.com',
    'https://a.example.com/',
    'file://x.example.com',
  ])('lets nobody in whose origin is %j', origin => {
    expect(originMatcher(['https://*.example.com', 'https://app.example.com'])(origin)).toBe(false)
  })

  it.each([
    '',
    '*',
    'null',
    'https://*',
    'app.example.com',
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://user@app.example.com',
    'https://a.*.example.com',
    'https://*example.com',
    'https://App.example.com',
    'ftp://app.example.com',
    'https://app.example.com:port',
    'https://app.example.com\n',
  ])('is not %j', text => {
    expect(isOriginPattern(text)).toBe(false)
  })
})

describe('restrictions within others', () => {
  const none: Restrictions = { ips: [], origins: [] }
  const rules = (ips: readonly string[], origins: readonly string[] = []): Restrictions => ({ ips, origins })

  it('are within none, and none is within no other', () => {
    expect(restrictionsWithin(rules(['192.0.2.1'], ['https://a.example.com']), none)).toBe(true)
    expect(restrictionsWithin(none, rules(['192.0.2.1']))).toBe(false)
    expect(restrictionsWithin(none, rules([], ['https://a.example.com']))).toBe(false)
    expect(restrictionsWithin(none, none)).toBe(true)
  })

  it('are within where all their addresses are: IPv4 ranges by arithmetic', () => {
    fc.assert(
      fc.property(address, bits, address, bits, fc.boolean(), (a, outer, b, inner, near) => {
        const base = near ? a : b
        const within = inner >= outer && blockOf(base, outer) === blockOf(a, outer)
        const [wide, narrow] = [`${dotted(a)}/${outer}`, `${dotted(base)}/${inner}`]
        expect(restrictionsWithin(rules([narrow]), rules([wide]))).toBe(within)
      }),
      runs(1000),
    )
  })

  it.each([
    ['2001:db8:1::/48', '2001:db8::/32', true],
    ['2001:db8::/32', '2001:db8:1::/48', false],
    ['192.0.2.1', '::ffff:192.0.2.0/120', true],
    ['::ffff:192.0.2.0/120', '192.0.2.0/24', true],
    ['192.0.2.1', '::/0', false],
  ])('%s in %s: %s', (inner, outer, within) => {
    expect(restrictionsWithin(rules([inner]), rules([outer]))).toBe(within)
  })

  it.each([
    ['https://a.example.com', 'https://*.example.com', true],
    ['https://*.a.example.com', 'https://*.example.com', true],
    ['https://*.example.com', 'https://*.example.com', true],
    ['https://*.example.com', 'https://*.a.example.com', false],
    ['https://*.example.com', 'https://a.example.com', false],
    ['http://a.example.com', 'https://*.example.com', false],
    ['https://example.com', 'https://*.example.com', false],
  ])('%s in %s: %s', (inner, outer, within) => {
    expect(restrictionsWithin(rules([], [inner]), rules([], [outer]))).toBe(within)
  })

  it('are within where each is in any of the others', () => {
    const outer = rules(['192.0.2.0/24', '198.51.100.0/24'], ['https://*.a.org', 'https://b.org'])
    expect(restrictionsWithin(rules(['192.0.2.1'], ['https://b.org']), outer)).toBe(true)
    expect(restrictionsWithin(rules(['198.51.100.7', '192.0.2.1'], ['https://x.a.org']), outer)).toBe(true)
    expect(restrictionsWithin(rules(['203.0.113.1'], ['https://b.org']), outer)).toBe(false)
  })

  it('are not within where one of them cannot be read', () => {
    expect(restrictionsWithin(rules(['garbage']), rules(['192.0.2.0/24']))).toBe(false)
    expect(restrictionsWithin(rules(['192.0.2.1']), rules(['garbage']))).toBe(false)
    expect(restrictionsWithin(rules(['garbage']), rules(['garbage']))).toBe(false)
  })

  it('are not within where one of them goes beyond', () => {
    expect(restrictionsWithin(rules(['192.0.2.1', '198.51.100.1']), rules(['192.0.2.0/24']))).toBe(false)
    expect(
      restrictionsWithin(rules(['192.0.2.1'], ['https://b.org']), rules(['192.0.2.0/24'], ['https://a.org'])),
    ).toBe(false)
  })
})
