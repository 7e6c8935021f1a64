/** A key as it is kept in memory, by itself: what callers see of it, what it shares with others, and until when time is not asked. */
import type { CreateInput } from 'sidekey'
import { memoryStore } from 'sidekey'
import { toConfig } from '../../src/config.js'
import { type StoredKey, toApiKey } from '../../src/key/record.js'
import { createCache } from '../../src/verify/cache.js'
import { apiKeyOf, createPrepare, type KnownKey, setFineUntil, toKnown } from '../../src/verify/known.js'
import { type TestPermission, testKeys } from '../support/keys.js'
import { keyFor, recordIn } from './support.js'

const NOW = Date.now()
/** The last second of a 32-bit integer. */
const NO_END = 2_147_483_647

const store = memoryStore()
const roles = { viewer: ['reports:read'] } as const
const keys = testKeys({ store, roles })
const config = toConfig({ prefix: 'acme_test', store, roles })

async function recordOf(input: Partial<CreateInput<TestPermission>> = {}, patch: Partial<StoredKey> = {}) {
  const { apiKey } = await keyFor(keys, input)
  return { ...(await recordIn(store, apiKey.id)), ...patch }
}

/** As the first verification makes it. */
function prepared(record: StoredKey, prepare = createPrepare(config, () => null)): KnownKey {
  const known = toKnown(record)
  prepare(known, NOW)
  return known
}

const FULL: Partial<CreateInput<TestPermission>> = {
  description: 'all there is',
  organizationId: 'acme',
  permissions: ['exports:run'],
  roles: ['viewer'],
  resources: ['project:42'],
  tags: ['ci'],
  metadata: { team: 'blue' },
  restrictions: { ips: ['192.0.2.0/24'], origins: ['https://app.example.com'] },
  limits: { requests: { points: 5, per: '1m' } },
  expiresAfterIdle: '30d',
}

describe('what callers see of a key', () => {
  it.each([
    ['one with all that there is', FULL],
    ['one with nothing but a name', {}],
    ['one that is bound to addresses alone', { restrictions: { ips: ['192.0.2.1'] } }],
    ['one that is bound to origins alone', { restrictions: { origins: ['https://app.example.com'] } }],
  ])('is what its record says: %s', async (_, input) => {
    const record = await recordOf(input)
    const apiKey = apiKeyOf(prepared(record))
    expect(apiKey).toEqual(toApiKey(record, NOW))
    expect(apiKey.start).toBe(`acme_test_${record.id}`)
    expect(apiKey).not.toHaveProperty('hash')
  })

  it('is nothing before it is prepared: the record has its hashes in it', async () => {
    const record = await recordOf()
    expect(() => apiKeyOf(toKnown(record))).toThrow('the key is not prepared')
  })

  it('is made once', async () => {
    const metered: string[] = []
    const prepare = createPrepare(config, ({ id }) => {
      metered.push(id)
      return null
    })
    const record = await recordOf(FULL)
    const known = prepared(record, prepare)
    const { seen, given, rare } = known
    const rules = rare?.rules
    prepare(known, NOW + 1_000)
    expect(known).toMatchObject({ given: ['exports:run', 'reports:read'] })
    expect([known.seen === seen, known.given === given, known.rare?.rules === rules]).toEqual([
      true,
      true,
      true,
    ])
    expect(metered).toEqual([record.id])
  })
})

describe('what keys have alike', () => {
  it('is there once', async () => {
    const prepare = createPrepare(config, () => null)
    const { metadata: _m, limits: _l, restrictions: _r, ...alike } = FULL
    const inputs = [alike, alike, {}, {}]
    const [a, b, c, d] = await Promise.all(
      inputs.map(async input => prepared(structuredClone(await recordOf(input)), prepare)),
    )
    for (const [one, other] of [
      [a, b],
      [c, d],
    ]) {
      if (one === undefined || other === undefined) throw new Error('there are four')
      const [left, right] = [apiKeyOf(one), apiKeyOf(other)]
      expect(one.given).toBe(other.given)
      for (const name of [
        'owner',
        'permissions',
        'roles',
        'resources',
        'tags',
        'metadata',
        'restrictions',
        'limits',
      ] as const)
        expect([name, left[name] === right[name]]).toEqual([name, true])
    }
  })

  it('takes no room in keys that have nothing of the kind', async () => {
    expect(toKnown(await recordOf()).rare).toBeNull()
    expect(toKnown(await recordOf({ permissions: ['reports:read'], tags: ['ci'] })).rare).toBeNull()
    const until = new Date(NOW + 60_000)
    const previous = [{ hash: 'old', until } as StoredKey['previous'][number]] // all that is looked at
    for (const record of [
      await recordOf({ expiresAfterIdle: '30d' }),
      await recordOf({ restrictions: { ips: ['192.0.2.1'] } }),
      await recordOf({ restrictions: { origins: ['https://app.example.com'] } }),
      await recordOf({}, { parentId: 'another' }),
      await recordOf({}, { previous }),
    ]) {
      const { rare } = toKnown(record)
      expect(rare).toMatchObject({
        parentId: record.parentId,
        previous: record.previous,
        rules: null,
        rotated: [],
      })
    }
  })
})

describe('the rules of a key', () => {
  it('are those of its record, and none where it has none', async () => {
    const rulesOf = async (input: Partial<CreateInput<TestPermission>>) =>
      prepared(await recordOf({ ...input, expiresAfterIdle: '30d' })).rare?.rules
    const both = await rulesOf({
      restrictions: { ips: ['192.0.2.1'], origins: ['https://app.example.com'] },
    })
    expect([both?.ipAllowed?.('192.0.2.1'), both?.ipAllowed?.('192.0.2.2')]).toEqual([true, false])
    const origins = ['https://app.example.com', 'https://evil.example']
    expect(origins.map(origin => both?.originAllowed?.(origin))).toEqual([true, false])
    expect(await rulesOf({ restrictions: { ips: ['192.0.2.1'] } })).toMatchObject({ originAllowed: null })
    expect(await rulesOf({ restrictions: { origins } })).toMatchObject({ ipAllowed: null })
    expect(await rulesOf({})).toBeNull()
  })
})

describe('time', () => {
  const second = Math.ceil(NOW / 1_000) + 60

  it.each<[string, Partial<StoredKey>, number]>([
    ['is not asked of a key without an end', {}, NO_END],
    [
      'is not asked before the second in which a key ends',
      { expiresAt: new Date(second * 1_000 + 700) },
      second,
    ],
    ['is not asked before the second at which a key ends', { expiresAt: new Date(second * 1_000) }, second],
    ['is not asked before 2038 of a key that ends later', { expiresAt: new Date('2050-01-01') }, NO_END],
    ['is always asked of a key with a beginning', { notBefore: new Date(NOW - 1_000) }, 0],
    [
      'is always asked of a key with a beginning and an end',
      { notBefore: new Date(NOW - 1_000), expiresAt: new Date(second * 1_000) },
      0,
    ],
  ])('%s', async (_, patch, fineUntil) => {
    expect(prepared(await recordOf({}, patch)).fineUntil).toBe(fineUntil)
  })

  it('is not asked before a key may have ended for want of use, or ends otherwise', async () => {
    const since = new Date(second * 1_000 + 700)
    const idle = { after: '1m', since, checkAt: since, endedAt: null }
    expect(prepared(await recordOf({}, { idle })).fineUntil).toBe(second + 60)
    const expiresAt = new Date((second + 30) * 1_000)
    expect(prepared(await recordOf({}, { idle, expiresAt })).fineUntil).toBe(second + 30)
    const endedAt = new Date((second + 20) * 1_000)
    expect(prepared(await recordOf({}, { idle: { ...idle, endedAt }, expiresAt })).fineUntil).toBe(
      second + 20,
    )
  })

  it('is not asked for longer once a key has been used', async () => {
    const since = new Date(second * 1_000)
    const known = prepared(
      await recordOf({}, { idle: { after: '1m', since, checkAt: since, endedAt: null } }),
    )
    if (known.rare?.idle == null) throw new Error('it ends so')
    known.rare.idle.until += 5_500
    setFineUntil(known)
    expect(known.fineUntil).toBe(second + 65)
  })
})

it('a key is of no use before a cache keeps it', async () => {
  const cache = createCache<KnownKey | null, KnownKey>({
    standing: { holds: () => true },
    clock: { monotonic: () => 0, random: () => 0 },
    max: 1,
    maxAgeMs: 60_000,
    read: () => null,
    cellOf: known => known,
    valueIn: known => known,
    nameOf: ({ seen }) => seen.id,
  })
  expect(cache.isFresh(toKnown(await recordOf()), 0)).toBe(false)
})

it.each([
  ['deleted', 'deleted', { deleted: { at: new Date(NOW), by: 'root', rank: 'admin' } }],
  ['revoked', 'revoked', { revoked: { at: new Date(NOW), by: 'root', reason: null } }],
  ['disabled', 'disabled', { disabled: { at: new Date(NOW), by: 'root', rank: 'admin' } }],
  ['none of these', null, {}],
] as const)('tells from the start what management has made of a key: %s', async (_, off, patch) => {
  expect(toKnown(await recordOf({}, patch)).off).toBe(off)
})
