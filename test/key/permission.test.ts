/** Permissions against an oracle that knows them as sets. */
import fc from 'fast-check'
import {
  allows,
  allowsAll,
  covers,
  intersect,
  isPattern,
  isPermission,
  partition,
} from '../../src/key/permission.js'
import { pattern, patterns, permission, RUNS, setOf, unionOf } from './oracle.js'

describe('wildcards', () => {
  it.each([
    ['*', ['reports', 'reports:read', 'reports:read:all'], []],
    ['reports:*', ['reports:read', 'reports:read:all'], ['reports', 'exports:read', 'reportsx:read']],
    ['*:read', ['reports:read', 'exports:read'], ['reports:read:all', 'read', 'a:b:read']],
    ['a:*:c', ['a:b:c', 'a:x:c'], ['a:c', 'a:b:b:c', 'a:b:c:d']],
    ['reports:read', ['reports:read'], ['reports:write', 'reports', 'reports:read:all', 'Reports:read']],
    ['*:*', ['a:b', 'a:b:c'], ['a']],
  ])('%s allows what it says and no more', (outer, allowed, refused) => {
    expect(allowed.filter(one => !covers(outer, one))).toEqual([])
    expect(refused.filter(one => covers(outer, one))).toEqual([])
  })

  it('are none in a permission that is asked for literally', () => {
    expect(covers('reports:read', 'reports:*')).toBe(false)
    expect(covers('reports:read', '*')).toBe(false)
  })

  it.each([
    ['', 'a'],
    ['', '*'],
    ['*x', 'ax'],
    ['a*', 'ab'],
    ['a:**', 'a:b'],
    ['a:*x', 'a:bx'],
    ['*x:b', 'ax:b'],
  ])('are none in %j, which is no pattern: it does not allow %j', (outer, inner) => {
    expect(isPattern(outer)).toBe(false)
    expect(covers(outer, inner)).toBe(false)
  })
})

describe('covers', () => {
  it('is containment of the sets that patterns stand for', () => {
    fc.assert(
      fc.property(pattern, pattern, (outer, inner) => {
        const contained = [...setOf(inner)].every(one => setOf(outer).has(one))
        expect([outer, inner, covers(outer, inner)]).toEqual([outer, inner, contained])
      }),
      RUNS,
    )
  })

  it('meets both answers in that property', () => {
    expect(covers('a:*', 'a:*:b')).toBe(true)
    expect(covers('a:*:b', 'a:*')).toBe(false)
  })
})

describe('allows and allowsAll', () => {
  it('allow what one of the patterns covers', () => {
    fc.assert(
      fc.property(patterns, permission, (held, asked) => {
        expect(allows(held, asked)).toBe(unionOf(held).has(asked))
      }),
      RUNS,
    )
  })

  it('never find patterns within others that they go beyond', () => {
    fc.assert(
      fc.property(patterns, patterns, (outer, inner) => {
        fc.pre(allowsAll(outer, inner))
        const wide = unionOf(outer)
        expect([...unionOf(inner)].filter(one => !wide.has(one))).toEqual([])
      }),
      RUNS,
    )
  })

  it('find patterns within others, each in any of them', () => {
    expect(allowsAll(['a:*', 'b'], ['a:b', 'b', 'a:*:c'])).toBe(true)
    expect(allowsAll(['a:*', 'b'], ['a:b', 'b:c'])).toBe(false)
    expect(allowsAll(['b', 'a:*'], ['b:c', 'a:b'])).toBe(false)
  })

  it('allow nothing by no pattern', () => {
    expect(allows([], 'a')).toBe(false)
    expect(allowsAll([], ['a'])).toBe(false)
    expect(allowsAll([], [])).toBe(true)
  })
})

describe('intersect', () => {
  it('is the intersection of the sets that patterns stand for', () => {
    fc.assert(
      fc.property(patterns, patterns, (a, b) => {
        const other = unionOf(b)
        const both = new Set([...unionOf(a)].filter(one => other.has(one)))
        expect(unionOf(intersect(a, b))).toEqual(both)
      }),
      RUNS,
    )
  })

  it('names no pattern that is within another of its own', () => {
    const withoutAll = patterns.filter(list => !list.includes('*'))
    fc.assert(
      fc.property(withoutAll, withoutAll, (a, b) => {
        const met = intersect(a, b)
        const needless = met.filter((one, i) => met.some((other, j) => i !== j && covers(other, one)))
        expect(needless).toEqual([])
      }),
      RUNS,
    )
  })

  it.each([
    [['*'], ['reports:read'], ['reports:read']],
    [['reports:*'], ['*:read'], ['reports:read']],
    [['reports:*'], ['exports:*'], []],
    [['reports:read'], [], []],
    [[], ['*'], []],
    [['a:*:c'], ['*:b:c'], ['a:b:c']],
    [['a:*'], ['*:b:c'], ['a:b:c']],
    [['a:*'], ['*:b:*:d'], ['a:b:*:d']],
    [['a:*:c'], ['*:b'], []],
    [['a:*:*'], ['*:b'], []],
    [['a:*:c'], ['*:b:d'], []],
    [
      ['a:*', 'b:c'],
      ['*:c', 'b:*'],
      ['b:c', 'a:c'],
    ],
  ])('of %j and %j is %j', (a, b, both) => {
    expect(intersect(a, b)).toEqual(both)
    expect(intersect(b, a)).toEqual(both)
  })

  it.each([[['*']], [['*', 'a:b']], [['a:b', '*']]])(
    'with everything (%j) is the other list as it is',
    all => {
      const other = ['a:*', 'a:b', 'a:b']
      expect(intersect(other, all)).toEqual(other)
      expect(intersect(all, other)).toEqual(other)
    },
  )

  it('leaves the lists that it was given alone', () => {
    const given = Object.freeze(['reports:*'])
    intersect(given, ['*']).push('exports:run')
    expect(given).toEqual(['reports:*'])
  })
})

it('parts a list into what holds and what does not, in order', () => {
  expect(partition([1, 2, 3, 4, 5], number => number % 2 === 0)).toEqual([
    [2, 4],
    [1, 3, 5],
  ])
  expect(partition([], () => true)).toEqual([[], []])
})

describe('the syntax', () => {
  const longest = Array.from({ length: 8 }, () => 'a').join(':')
  /** Of 256 characters. */
  const full = `${'a'.repeat(128)}:${'a'.repeat(127)}`

  it.each([
    'a',
    'reports:read',
    'api-keys:create',
    'project:42',
    'a.b:c_d:e~f',
    'me@example.com:x',
    longest,
    full,
  ])('takes %s as a permission and as a pattern', text => {
    expect([isPermission(text), isPattern(text)]).toEqual([true, true])
  })

  it.each(['*', '*:read', 'reports:*', 'a:*:c', '*:*'])('takes %s as a pattern only', text => {
    expect([isPermission(text), isPattern(text)]).toEqual([false, true])
  })

  it.each([
    '',
    ':',
    'a:',
    ':a',
    'a::b',
    'a b',
    'a\n',
    'a:b\0',
    'read*',
    '**',
    'a,b',
    'é',
    `${longest}:a`,
    'a'.repeat(129),
    `${full}a`,
  ])('takes %j as neither', text => {
    expect([isPermission(text), isPattern(text)]).toEqual([false, false])
  })
})
