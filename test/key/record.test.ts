import { inspect } from 'node:util'
import fc from 'fast-check'
import {
  deepFreeze,
  type KeyStatus,
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

describe('what callers see of a key', () => {
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
})

describe('deepFreeze', () => {
  it('freezes objects and lists at every depth, and hands back what it was given', () => {
    const value = { list: [{ deep: {} }], none: null, text: 'x' }
    expect(deepFreeze(value)).toBe(value)
    expect([value, value.list, value.list[0], value.list[0]?.deep].every(Object.isFrozen)).toBe(true)
  })
})
