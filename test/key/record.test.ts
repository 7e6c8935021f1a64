import { inspect } from 'node:util'
import fc from 'fast-check'
import {
  deepFreeze,
  earlierOf,
  endOf,
  type KeyStatus,
  ownerName,
  type StoredKey,
  sameOwner,
  statusOf,
  toApiKey,
} from '../../src/key/record.js'
import { FIXTURE, FIXTURE_HASHES, FIXTURE_TIME } from './fixture.js'

const NOW = FIXTURE_TIME + 1000
const at = new Date(NOW - 10)
const off = { at, by: 'root', rank: 'admin' } as const

const stored: StoredKey = {
  id: FIXTURE.id,
  kind: 'secret',
  prefix: 'acme_test',
  name: 'CI',
  description: null,
  owner: { type: 'user', id: 'alice' },
  organizationId: null,
  createdBy: 'alice',
  parentId: null,
  imported: null,
  permissions: ['reports:read'],
  roles: [],
  resources: [],
  metadata: { team: { name: 'build' } },
  tags: ['ci'],
  notBefore: null,
  expiresAt: null,
  idle: null,
  revoked: null,
  restrictions: { ips: ['192.0.2.0/24'], origins: [] },
  limits: { requests: { points: 600, per: '1m' } },
  version: 3,
  createdAt: new Date(FIXTURE_TIME),
  updatedAt: new Date(FIXTURE_TIME),
  hash: FIXTURE_HASHES.sha256,
  previous: [{ hash: FIXTURE_HASHES.bcrypt, until: new Date(NOW + 1) }],
  disabled: null,
  deleted: null,
  credits: null,
  outbox: [],
}

/** What makes a key have each status, in the order in which verification asks. */
const CAUSES: readonly (readonly [KeyStatus, Partial<StoredKey>])[] = [
  ['deleted', { deleted: off }],
  ['revoked', { revoked: { at, by: null, reason: null } }],
  ['disabled', { disabled: off }],
  ['scheduled', { notBefore: new Date(NOW + 1) }],
  ['expired', { expiresAt: new Date(NOW) }],
  ['expired', { idle: { after: '90d', since: at, checkAt: at, endedAt: new Date(NOW) } }],
]

describe('the status of a key', () => {
  it('is active where nothing speaks against it', () => {
    expect(statusOf(stored, NOW)).toBe('active')
  })

  it('is the first that holds, in the order of verification', () => {
    const subset = fc.subarray([...CAUSES], { minLength: 1 })
    fc.assert(
      fc.property(subset, causes => {
        const key = Object.assign({}, stored, ...causes.map(([, patch]) => patch))
        expect(statusOf(key, NOW)).toBe(causes[0]?.[0])
      }),
    )
  })

  it('begins at notBefore, and ends at expiresAt, to the millisecond', () => {
    const key = { ...stored, notBefore: new Date(NOW), expiresAt: new Date(NOW + 100) }
    expect(statusOf(key, NOW - 1)).toBe('scheduled')
    expect(statusOf(key, NOW)).toBe('active')
    expect(statusOf(key, NOW + 99)).toBe('active')
    expect(statusOf(key, NOW + 100)).toBe('expired')
  })
})

describe('the end of a key', () => {
  const [early, late] = [new Date(NOW), new Date(NOW + 1)]

  it('is the earlier of two, or the one that there is', () => {
    expect([earlierOf(early, late), earlierOf(late, early)]).toEqual([early, early])
    expect([earlierOf(early, null), earlierOf(null, late), earlierOf(null, null)]).toEqual([
      early,
      late,
      null,
    ])
    expect(earlierOf(early, new Date(early))).toEqual(early)
  })

  it('is by its date, or by its being unused', () => {
    const idle = { after: '90d', since: at, checkAt: at, endedAt: early }
    expect(endOf({ expiresAt: late, idle })).toEqual(early)
    expect(endOf({ expiresAt: late, idle: { ...idle, endedAt: null } })).toEqual(late)
    expect(endOf({ expiresAt: null, idle })).toEqual(early)
    expect(endOf({ expiresAt: null, idle: null })).toBeNull()
  })
})

describe('what callers see of a key', () => {
  it('says whether it is enabled, whatever its status', () => {
    expect(toApiKey(stored, NOW)).toMatchObject({ enabled: true, status: 'active' })
    const revoked = { ...stored, revoked: { at, by: null, reason: null } }
    expect(toApiKey(revoked, NOW)).toMatchObject({ enabled: true, status: 'revoked' })
    expect(toApiKey({ ...revoked, disabled: off }, NOW)).toMatchObject({ enabled: false, status: 'revoked' })
  })

  it('has one date for both where nothing has changed, to save room', () => {
    const seen = toApiKey(stored, NOW)
    expect(seen.updatedAt).toBe(seen.createdAt)
    const changed = toApiKey({ ...stored, updatedAt: new Date(NOW) }, NOW)
    expect([changed.createdAt.getTime(), changed.updatedAt.getTime()]).toEqual([FIXTURE_TIME, NOW])
  })

  it('says where it comes from, and nothing of the alias of its token', () => {
    const imported = { source: 'old', id: '7', start: 'sk_7', alias: 'token-id:old:7' }
    const seen = toApiKey({ ...stored, imported }, NOW)
    expect(seen.imported).toEqual({ source: 'old', id: '7' })
    expect(Object.isFrozen(seen.imported)).toBe(true)
    expect(seen.start).toBe('sk_7')
    expect(toApiKey({ ...stored, imported: { ...imported, start: null } }, NOW, 'begins').start).toBe(
      'begins',
    )
  })

  it('has the rule of its credits, frozen', () => {
    const credits = { refill: { amount: 10, every: 'day', max: null }, since: new Date(NOW) }
    const seen = toApiKey({ ...stored, credits }, NOW).credits
    expect(seen).toEqual(credits)
    expect([Object.isFrozen(seen), Object.isFrozen(seen?.refill)]).toEqual([true, true])
    expect(() => seen?.since.setTime(0)).toThrow('cannot be changed')
    expect(toApiKey({ ...stored, credits: { ...credits, refill: null } }, NOW).credits?.refill).toBeNull()
  })

  it('is the record with its start and its status, and nothing of a hash or of who switched it off', () => {
    const seen = toApiKey({ ...stored, disabled: off }, NOW)
    const { hash, previous, disabled, deleted, outbox, idle, ...rest } = stored
    const told = {
      start: `acme_test_${FIXTURE.id}`,
      enabled: false,
      status: 'disabled',
      expiresAfterIdle: null,
    }
    expect(seen).toEqual({ ...rest, ...told })
    expect(inspect(seen, { depth: null, showHidden: true })).not.toMatch(/\$sha256\$|\$2b\$/)
  })

  it('is frozen all the way down', () => {
    const seen = toApiKey(stored, NOW)
    for (const part of [
      seen,
      seen.owner,
      seen.permissions,
      seen.tags,
      seen.restrictions,
      seen.restrictions.ips,
    ])
      expect(Object.isFrozen(part)).toBe(true)
    expect(Object.isFrozen(seen.metadata.team)).toBe(true)
  })

  it('has dates that cannot be changed, and are as good as any other', () => {
    const key: StoredKey = {
      ...stored,
      notBefore: new Date(NOW - 5),
      expiresAt: new Date(NOW + 5),
      revoked: { at: new Date(NOW), by: 'root', reason: 'leaked' },
    }
    const seen = toApiKey(key, NOW)
    const dates = [seen.notBefore, seen.expiresAt, seen.createdAt, seen.updatedAt, seen.revoked?.at]
    for (const date of dates) {
      expect(() => date?.setTime(0)).toThrow('cannot be changed')
      expect(() => date?.setUTCFullYear(1970)).toThrow('cannot be changed')
    }
    const end = key.expiresAt ?? new Date()
    expect(seen.expiresAt).toBeInstanceOf(Date)
    expect(seen.expiresAt?.getTime()).toBe(NOW + 5)
    expect(JSON.stringify([seen.expiresAt])).toBe(JSON.stringify([end]))
    expect(inspect(seen.expiresAt)).toBe(inspect(end))
    expect(structuredClone(seen.expiresAt)).toEqual(end)
    // As date-fns and others make their copies, to change those.
    const made = (seen.expiresAt ?? end).constructor
    const copy = Reflect.construct(made, [seen.expiresAt]) as Date // what a Date's constructor makes
    copy.setTime(0)
    expect(copy.getTime()).toBe(0)
  })
})

describe('owners', () => {
  it('are the same only by type and id', () => {
    const owner = { type: 'user', id: 'acme' }
    expect(sameOwner(owner, { type: 'user', id: 'acme' })).toBe(true)
    expect(sameOwner(owner, { type: 'organization', id: 'acme' })).toBe(false)
    expect(sameOwner(owner, { type: 'user', id: 'Acme' })).toBe(false)
  })

  it('have the same name only where they are the same', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '"', ',', '\\', ':'), maxLength: 3 })
    const owner = fc.record({ type: part, id: part })
    fc.assert(
      fc.property(owner, owner, (a, b) => {
        expect(ownerName(a) === ownerName(b)).toBe(sameOwner(a, b))
        expect(ownerName({ ...a })).toBe(ownerName(a))
      }),
    )
    expect(ownerName({ type: 'user', id: 'acme' })).not.toBe(ownerName({ type: 'user', id: 'other' }))
  })
})

describe('deepFreeze', () => {
  it('freezes objects and lists at every depth, and hands back what it was given', () => {
    const value = { list: [{ deep: {} }], none: null, text: 'x' }
    expect(deepFreeze(value)).toBe(value)
    expect([value, value.list, value.list[0], value.list[0]?.deep].every(Object.isFrozen)).toBe(true)
  })

  it('leaves what it cannot freeze, and what was frozen before, as it is', () => {
    const inner = { later: 1 }
    const value = { date: new Date(), call: () => 1, frozen: Object.freeze({ inner }), none: undefined }
    deepFreeze(value)
    expect([value.date, value.call, inner].map(Object.isFrozen)).toEqual([false, false, false])
    expect([null, undefined, 'x', 1, true].map(deepFreeze)).toEqual([null, undefined, 'x', 1, true])
  })
})
