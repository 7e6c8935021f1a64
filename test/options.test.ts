/** A wrong option fails at once, in `apiKeys()`, and names itself. */
import { inspect } from 'node:util'
import { type ApiKeysOptions, apiKeys, memoryStore, SidekeyError } from 'sidekey'
import { toConfig } from '../src/config.js'
import { RIGHT, SECRET, WRONG } from './options-values.js'

const BASE = { prefix: 'acme_test', store: memoryStore() }
const CATALOGUE = { permissions: ['reports:read', 'reports:write'], grants: () => ['*'] }

/** The error of `apiKeys()` with these options, which a JavaScript app may get as wrong as it likes. */
function errorOf(options: unknown): SidekeyError {
  try {
    apiKeys(options as ApiKeysOptions) // wrong on purpose
  } catch (error) {
    if (error instanceof SidekeyError) return error
    throw error
  }
  throw new Error('expected apiKeys() to throw, but it took the options')
}

const WRONG_ROWS = Object.entries(WRONG).flatMap(([option, values]) =>
  values.map(value => ({ option, value })),
)

const RIGHT_ROWS = Object.entries(RIGHT).flatMap(([option, values]) =>
  values.map(value => ({ option, value })),
)

describe('an option', () => {
  it.each(WRONG_ROWS)('fails at once and is named: $option does not take $value', ({ option, value }) => {
    const error = errorOf({ ...BASE, grants: () => ['*'], [option]: value })
    expect(error).toMatchObject({ code: 'INVALID_OPTION', status: 500 })
    const paths = error.errors?.map(({ path }) => path.split('.')[0])
    expect(new Set(paths)).toEqual(new Set([option]))
    expect(error.message).toMatch(new RegExp(`^sidekey: ${option}\\b.*: .`))
  })

  it.each(RIGHT_ROWS)('is taken where it is right: $option takes $value', ({ option, value }) => {
    expect(() => toConfig({ ...BASE, grants: () => ['*'], [option]: value })).not.toThrow()
  })

  it.each(['prefixes', 'caches', 'ttl', 'secret', 'toString', 'Prefix'])(
    'that is not known is refused: %s',
    option => {
      const error = errorOf({ ...BASE, [option]: true })
      expect(error.code).toBe('INVALID_OPTION')
      expect(error.errors).toEqual([{ path: option, message: 'is not a known option' }])
    },
  )

  it('is told with all others that are wrong', () => {
    const error = errorOf({ prefix: 'A', store: {}, bcryptCost: 1, nonsense: 1 })
    expect(error.errors?.map(({ path }) => path).sort()).toEqual([
      'bcryptCost',
      'nonsense',
      'prefix',
      'store',
    ])
  })

  it.each([undefined, null, 'acme_test', 42, [], () => BASE])('must be in an object: not %p', options => {
    expect(errorOf(options).code).toBe('INVALID_OPTION')
  })
})

describe('options of a kind', () => {
  it.each([
    ['prefix', 'Acme'],
    ['hash', 'md5'],
    ['expiresIn', 90],
    ['expiresIn', '90'],
    ['maxExpiresIn', '-1d'],
    ['permissions', 'reports:read'],
    ['permissions', ['reports read']],
    ['requiredRestrictions', ['ip']],
    ['requiredRestrictions', 'ips'],
    ['limits', { requests: 1 }],
  ])('are checked and named: %s does not take %p', (option, value) => {
    const error = errorOf({ ...BASE, kinds: { secret: {}, other: { [option]: value } } })
    expect(error.code).toBe('INVALID_OPTION')
    expect(error.errors?.every(({ path }) => path.startsWith(`kinds.other.${option}`))).toBe(true)
    expect(error.message).toContain(`kinds.other.${option}`)
  })
})

describe('options that are wrong only together', () => {
  const paths = (options: object) => errorOf({ ...BASE, ...options }).errors?.map(({ path }) => path)

  it('a catalogue without grants', () => {
    const error = errorOf({ ...BASE, permissions: ['reports:read'] })
    expect(error.errors?.map(({ path }) => path)).toEqual(['grants'])
    expect(error.message).toContain("() => ['*']")
    expect(paths({ permissions: [] })).toEqual(['grants'])
    expect(() => toConfig({ ...BASE, ...CATALOGUE })).not.toThrow()
  })

  it('the hash hmac-sha256 without a pepper, for all keys or for those of one kind', () => {
    expect(paths({ hash: 'hmac-sha256' })).toEqual(['pepper'])
    expect(paths({ kinds: { secret: { hash: 'hmac-sha256' } } })).toEqual(['pepper'])
    expect(() => toConfig({ ...BASE, hash: 'hmac-sha256', pepper: { current: SECRET } })).not.toThrow()
  })

  it('a role or a kind with permissions that are not in the catalogue', () => {
    expect(paths({ ...CATALOGUE, roles: { viewer: ['reports:read', 'report:read'] } })).toEqual([
      'roles.viewer.1',
    ])
    expect(paths({ ...CATALOGUE, roles: { viewer: ['exports:*'] } })).toEqual(['roles.viewer.0'])
    expect(paths({ ...CATALOGUE, kinds: { secret: { permissions: ['reports:delete'] } } })).toEqual([
      'kinds.secret.permissions.0',
    ])
    const fine = {
      roles: { viewer: ['reports:*', 'api-keys:read'] },
      kinds: { secret: { permissions: ['*:read'] } },
    }
    expect(() => toConfig({ ...BASE, ...CATALOGUE, ...fine })).not.toThrow()
  })

  it('a kind whose keys live longer by default than at most', () => {
    expect(paths({ kinds: { secret: { expiresIn: '91d', maxExpiresIn: '90d' } } })).toEqual([
      'kinds.secret.expiresIn',
    ])
  })
})

describe('defaults', () => {
  it('are the safe ones that the documentation tells', () => {
    const config = toConfig(BASE)
    expect(config).toMatchObject({
      catalogue: null,
      headers: ['authorization', 'x-api-key'],
      user: null,
      grants: null,
      authorize: null,
      maxKeysPerOwner: null,
      retention: 30 * 86_400_000,
    })
    expect([...config.kinds.keys()]).toEqual(['secret'])
    expect(config.defaultKind).toEqual({
      name: 'secret',
      prefix: 'acme_test',
      hash: { algorithm: 'sha256', peppers: [], bcryptCost: 12 },
      expiresIn: null,
      maxExpiresIn: null,
      expiresAfterIdle: null,
      permissions: null,
      limits: {},
      requiredRestrictions: [],
      credits: null,
    })
    expect(config.trustedOrigins.size).toBe(0)
    expect(config.roles.size).toBe(0)
  })

  it('of a kind are those of all keys', () => {
    const { kinds, defaultKind, prefixes } = toConfig({
      ...BASE,
      pepper: { current: SECRET },
      kinds: {
        first: { maxExpiresIn: '90d' },
        second: { prefix: 'acme_pub', hash: 'bcrypt', expiresIn: '1h' },
      },
    })
    expect(defaultKind).toMatchObject({ name: 'first', prefix: 'acme_test', expiresIn: 90 * 86_400_000 })
    expect(defaultKind.hash.algorithm).toBe('hmac-sha256')
    expect(kinds.get('second')).toMatchObject({
      prefix: 'acme_pub',
      expiresIn: 3_600_000,
      maxExpiresIn: null,
    })
    expect(kinds.get('second')?.hash.algorithm).toBe('bcrypt')
    expect(prefixes).toEqual(new Set(['acme_test', 'acme_pub']))
  })

  it('know the permissions that keys manage keys with, beside the catalogue', () => {
    const { catalogue } = toConfig({ ...BASE, ...CATALOGUE })
    expect(catalogue).toContain('reports:read')
    expect(catalogue).toContain('api-keys:create')
    expect(catalogue).not.toContain('reports:*')
  })
})

describe('the pepper', () => {
  it('that is short is taken with a warning, which does not tell it', () => {
    const warnings: unknown[][] = []
    const logger = { warn: (...entry: unknown[]) => warnings.push(entry), error: () => {} }
    toConfig({ ...BASE, pepper: { current: SECRET, previous: [Buffer.alloc(32, 1)] }, logger })
    expect(warnings).toEqual([])
    toConfig({ ...BASE, pepper: { current: SECRET, previous: ['hunter2'] }, logger })
    expect(warnings).toHaveLength(1)
    expect(inspect(warnings)).toMatch(/pepper should have 32/)
    expect(inspect(warnings, { depth: null })).not.toContain('hunter2')
  })

  it.each([
    ['given bare', { pepper: SECRET }],
    ['beside a wrong option', { pepper: { current: SECRET }, bcryptCost: 1 }],
    ['beside a wrong previous one', { pepper: { current: SECRET, previous: 42 } }],
    ['as a wrong previous one', { pepper: { current: '', previous: { SECRET } } }],
    ['beside a misspelt name', { pepper: { current: SECRET, prevous: SECRET } }],
    ['in a list', { pepper: [SECRET] }],
    [
      'in place of another option',
      { hash: SECRET, prefix: SECRET, retention: SECRET, headers: [`${SECRET}:`] },
    ],
    ['in place of a name', { kinds: { secret: { hash: SECRET } }, logger: SECRET }],
  ])('is in no error: %s', (_, options) => {
    const error = errorOf({ ...BASE, ...options })
    expect(error.code).toBe('INVALID_OPTION')
    const text = `${inspect(error, { depth: null, showHidden: true })}${JSON.stringify(error)}${error.message}${error.stack}`
    expect(text).not.toContain(SECRET)
    expect(text).not.toContain('hunter2')
  })
})
