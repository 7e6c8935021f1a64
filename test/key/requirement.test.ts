/** What a route asks for, nested as it may be, against an oracle that writes it out as alternatives. */
import fc from 'fast-check'
import { isRequirement, namedBy, type Requirement, satisfies } from '../../src/key/permission.js'
import { patterns, permission, RUNS, unionOf } from './oracle.js'

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

  /** `a` in so many lists or objects, one in the other. */
  function nested(levels: number, wrap: (inner: unknown) => unknown): unknown {
    let value: unknown = 'a'
    for (let i = 0; i < levels; i++) value = wrap(value)
    return value
  }

  it.each<[string, (inner: unknown) => unknown]>([
    ['lists', inner => [inner]],
    ['objects', inner => ({ any: [inner] })],
  ])('is nested 16 levels deep at most, in %s', (_, wrap) => {
    expect(isRequirement(nested(16, wrap))).toBe(true)
    expect(isRequirement(nested(17, wrap))).toBe(false)
    expect(isRequirement(nested(100_000, wrap))).toBe(false)
  })

  it('is read by the word that has a list', () => {
    const all = { any: undefined, all: ['a', 'c'] } as unknown as Requirement // as JavaScript may have it
    const any = { any: ['a', 'c'], all: undefined } as unknown as Requirement
    expect([satisfies(['a'], all), satisfies(['a'], any)]).toEqual([false, true])
    expect([namedBy(all), namedBy(any)]).toEqual([
      ['a', 'c'],
      ['a', 'c'],
    ])
  })

  it('that asks for a pattern is met only by who holds all of it', () => {
    expect(satisfies(['a:*'], 'a:*')).toBe(true)
    expect(satisfies(['a:b', 'a:c'], 'a:*')).toBe(false)
  })

  it('names every permission in it', () => {
    expect(namedBy({ all: ['a', { any: ['b', ['c', 'd']] }] })).toEqual(['a', 'b', 'c', 'd'])
  })
})
