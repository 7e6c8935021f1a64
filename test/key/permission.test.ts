/** Permissions against an oracle: patterns are sets of concrete permissions, told by regular expressions. */
import fc from 'fast-check'
import {
  allows,
  allowsAll,
  covers,
  intersect,
  isPattern,
  isPermission,
  isRequirement,
  namedBy,
  type Requirement,
  satisfies,
} from '../../src/key/permission.js'

/**
 * Every permission of up to four segments over three names, one of which begins like another. The patterns below use
 * two of the names, and three segments.
 */
const UNIVERSE: readonly string[] = [1, 2, 3, 4].flatMap(length => wordsOf(['a', 'ab', 'c'], length))

function wordsOf(letters: readonly string[], length: number): string[] {
  if (length === 1) return [...letters]
  return wordsOf(letters, length - 1).flatMap(head => letters.map(letter => `${head}:${letter}`))
}

const sets = new Map<string, ReadonlySet<string>>()

/** The permissions of the universe that a pattern allows: `*` is one segment, at the end one or more. */
function setOf(pattern: string): ReadonlySet<string> {
  let set = sets.get(pattern)
  if (set === undefined) {
    const source = pattern.replace(/\*$/, '.+').replaceAll('*', '[^:]+')
    set = new Set(UNIVERSE.filter(permission => new RegExp(`^${source}$`).test(permission)))
    sets.set(pattern, set)
  }
  return set
}

function unionOf(patterns: readonly string[]): Set<string> {
  return new Set(patterns.flatMap(pattern => [...setOf(pattern)]))
}

const segments = (letters: readonly string[]) =>
  fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 3 }).map(parts => parts.join(':'))
const pattern = segments(['a', 'ab', '*'])
const patterns = fc.array(pattern, { maxLength: 4 })
const permission = segments(['a', 'ab'])
const RUNS = { numRuns: 2000 }

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
  ])('of %j and %j is %j', (a, b, both) => {
    expect(intersect(a, b)).toEqual(both)
    expect(intersect(b, a)).toEqual(both)
  })

  it('leaves the lists that it was given alone', () => {
    const given = Object.freeze(['reports:*'])
    intersect(given, ['*']).push('exports:run')
    expect(given).toEqual(['reports:*'])
  })
})

describe('a requirement', () => {
  const { requirement } = fc.letrec<{ requirement: Requirement }>(tie => ({
    requirement: fc.oneof(
      { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
      permission,
      fc.array(tie('requirement'), { maxLength: 3 }),
      fc.record({ any: fc.array(tie('requirement'), { maxLength: 3 }) }),
      fc.record({ all: fc.array(tie('requirement'), { maxLength: 3 }) }),
    ),
  }))

  /** As alternatives: each is a set of permissions that together are enough. */
  function alternatives(wanted: Requirement): string[][] {
    if (typeof wanted === 'string') return [[wanted]]
    if ('any' in wanted) return wanted.any.flatMap(alternatives)
    const parts = 'all' in wanted ? wanted.all : wanted
    return parts
      .map(alternatives)
      .reduce<string[][]>((sofar, next) => sofar.flatMap(one => next.map(other => [...one, ...other])), [[]])
  }

  it('is met by whoever holds all of one of its alternatives', () => {
    fc.assert(
      fc.property(patterns, requirement, (held, wanted) => {
        const mine = unionOf(held)
        const met = alternatives(wanted).some(alternative => alternative.every(one => mine.has(one)))
        expect(satisfies(held, wanted)).toBe(met)
      }),
      RUNS,
    )
  })

  const held = ['a', 'b:*']
  it.each<[Requirement, boolean]>([
    ['a', true],
    ['c', false],
    [['a', 'b:x'], true],
    [['a', 'c'], false],
    [{ any: ['c', 'a'] }, true],
    [{ any: ['c', 'd'] }, false],
    [{ all: ['a', 'b:x'] }, true],
    [{ all: ['a', { any: ['c', { all: ['b:x', 'b:y'] }] }] }, true],
    [{ any: [['a', 'c'], { all: ['d'] }] }, false],
  ])('%j, nested or not, by a holder of a and b:*: %s', (wanted, met) => {
    expect(satisfies(held, wanted)).toBe(met)
  })

  it('that is an empty any is met by nobody, an empty all by everybody', () => {
    expect(satisfies(['*'], { any: [] })).toBe(false)
    expect(satisfies([], { all: [] })).toBe(true)
    expect(satisfies([], [])).toBe(true)
    expect(satisfies(['*'], { all: [{ any: [] }] })).toBe(false)
  })

  it.each(['a', 'reports:*', ['a', ['b']], { any: ['a', { all: ['b', 'c'] }] }, { all: ['a'] }])(
    'has the shape of one: %j',
    value => {
      expect(isRequirement(value)).toBe(true)
    },
  )

  it.each([
    '',
    [],
    {},
    null,
    undefined,
    true,
    42,
    [''],
    ['a', []],
    { any: [] },
    { all: [] },
    { any: 'a' },
    { any: { all: ['a'] } },
    { any: ['a'], all: ['b'] },
    { anyOf: ['a'] },
    { all: ['a', { any: [] }] },
    { all: ['a', { any: [undefined] }] },
    ['a', null],
  ])('does not have it where it is misspelt, or asks nothing: %j', value => {
    expect(isRequirement(value)).toBe(false)
  })

  it('that asks for a pattern is met only by who holds all of it', () => {
    expect(satisfies(['a:*'], 'a:*')).toBe(true)
    expect(satisfies(['a:b', 'a:c'], 'a:*')).toBe(false)
  })

  it('names every permission in it', () => {
    expect(namedBy({ all: ['a', { any: ['b', ['c', 'd']] }] })).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('the syntax', () => {
  const longest = Array.from({ length: 8 }, () => 'a').join(':')

  it.each(['a', 'reports:read', 'api-keys:create', 'project:42', 'a.b:c_d:e~f', 'me@example.com:x', longest])(
    'takes %s as a permission and as a pattern',
    text => {
      expect([isPermission(text), isPattern(text)]).toEqual([true, true])
    },
  )

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
    `${'a'.repeat(128)}:${'a'.repeat(128)}`,
  ])('takes %j as neither', text => {
    expect([isPermission(text), isPattern(text)]).toEqual([false, false])
  })
})
