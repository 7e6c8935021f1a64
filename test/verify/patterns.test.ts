/** What keys were given, cut to what their owners may: by itself. */
import { memoryStore } from 'sidekey'
import { toConfig } from '../../src/config.js'
import { createCutter, givenPatterns } from '../../src/verify/patterns.js'

const config = toConfig({
  prefix: 'acme_test',
  store: memoryStore(),
  roles: { viewer: ['reports:read'], editor: ['reports:read', 'reports:write'] },
  kinds: { secret: {}, publishable: { permissions: ['reports:read'] }, mute: { permissions: [] } },
})

describe('what a key was given', () => {
  it('is its permissions and those of its roles, each once', () => {
    const given = (permissions: readonly string[], roles: readonly string[], kind = 'secret') =>
      givenPatterns({ permissions, roles, kind }, config)
    expect(given([], [])).toEqual([])
    expect(given(['exports:run', 'reports:read'], [])).toEqual(['exports:run', 'reports:read'])
    expect(given(['exports:run', 'reports:read'], ['viewer', 'editor', 'gone'])).toEqual([
      'exports:run',
      'reports:read',
      'reports:write',
    ])
    expect(given(['exports:run'], ['editor'], 'publishable')).toEqual(['reports:read'])
    expect(given(['*'], ['editor'], 'mute')).toEqual([])
    expect(given(['exports:run'], [], 'gone')).toEqual(['exports:run'])
  })

  it('leaves the record as it is', () => {
    const permissions = Object.freeze(['exports:run'])
    givenPatterns({ permissions, roles: ['viewer'], kind: 'secret' }, config)
    expect(permissions).toEqual(['exports:run'])
  })
})

describe('what was given, cut to what is granted', () => {
  it('is what both have', () => {
    const cut = createCutter()
    expect(cut(['reports:*', 'exports:run'], ['reports:read'])).toEqual(['reports:read'])
    expect(cut(['reports:read', 'exports:run'], ['reports:read'])).toEqual(['reports:read'])
    expect(cut(['reports:read', 'exports:run'], ['exports:run'])).toEqual(['exports:run'])
    expect(cut(['reports:*'], ['*:read'])).toEqual(['reports:read'])
    expect(cut(['reports:read', 'exports:*'], ['reports:read', '*:run'])).toEqual([
      'reports:read',
      'exports:run',
    ])
    expect(cut(['reports:read'], [])).toEqual([])
    expect(cut([], ['*'])).toEqual([])
  })

  it('is the very list where nothing is cut off', () => {
    const given = ['reports:read', 'exports:run']
    expect(createCutter()(given, ['*'])).toBe(given)
    expect(createCutter()(given, ['exports:run', 'reports:read'])).toBe(given)
  })

  it('is one list, which nobody can change, for the same two', () => {
    const cut = createCutter()
    const [given, other] = [['reports:*'], ['exports:*']]
    const [granted, less] = [['*:read', '*:run'], ['exports:*']]
    const first = cut(given, granted)
    expect(first).toEqual(['reports:read', 'reports:run'])
    expect(Object.isFrozen(first)).toBe(true)
    expect(cut(other, granted)).toEqual(['exports:read', 'exports:run'])
    expect(cut(given, less)).toEqual([])
    expect(cut(given, granted)).toBe(first)
    expect(cut(other, granted)).toBe(cut(other, granted))
  })
})
