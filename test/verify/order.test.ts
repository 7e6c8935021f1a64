/** The order in which verification asks: whatever fails first is the answer, however much fails after it. */
import { memoryStore, type VerifyRequest } from 'sidekey'
import type { StoredKey } from '../../src/key/record.js'
import { type TestPermission, testKeys } from '../support/keys.js'
import { edit, forged, keyFor, outcome } from './support.js'

const HOUR = 3_600_000
const ago = () => new Date(Date.now() - HOUR)
const ahead = () => new Date(Date.now() + HOUR)

interface Fault {
  readonly name: string
  readonly code: string
  readonly status: number
  /** What the record has. */
  readonly record?: () => Partial<StoredKey>
  /** What the request has. */
  readonly request?: VerifyRequest<TestPermission>
  readonly ownerIsOff?: true
  readonly wrongSecret?: true
}

/** Every check that a presented key can fail, in the order of the design. */
const FAULTS: readonly Fault[] = [
  { name: 'wrong secret', code: 'KEY_INVALID', status: 401, wrongSecret: true },
  { name: 'another kind', code: 'KEY_INVALID', status: 401, request: { kind: 'publishable' } },
  {
    name: 'deleted',
    code: 'KEY_INVALID',
    status: 401,
    record: () => ({ deleted: { at: ago(), by: 'root', rank: 'admin' } }),
  },
  {
    name: 'revoked',
    code: 'KEY_REVOKED',
    status: 401,
    record: () => ({ revoked: { at: ago(), by: 'root', reason: null } }),
  },
  {
    name: 'disabled',
    code: 'KEY_DISABLED',
    status: 401,
    record: () => ({ disabled: { at: ago(), by: 'root', rank: 'admin' } }),
  },
  { name: 'not yet valid', code: 'KEY_NOT_YET_VALID', status: 401, record: () => ({ notBefore: ahead() }) },
  { name: 'expired', code: 'KEY_EXPIRED', status: 401, record: () => ({ expiresAt: ago() }) },
  { name: 'owner switched off', code: 'OWNER_INACTIVE', status: 401, ownerIsOff: true },
  { name: 'another address', code: 'IP_NOT_ALLOWED', status: 403, request: { ip: '198.51.100.1' } },
  {
    name: 'another origin',
    code: 'ORIGIN_NOT_ALLOWED',
    status: 403,
    request: { origin: 'https://evil.example' },
  },
  {
    name: 'a permission that it lacks',
    code: 'INSUFFICIENT_PERMISSIONS',
    status: 403,
    request: { permissions: 'exports:run' },
  },
  {
    name: 'a resource that it is not for',
    code: 'INSUFFICIENT_PERMISSIONS',
    status: 403,
    request: { resource: 'project:13' },
  },
]

const GOOD: VerifyRequest<TestPermission> = {
  kind: 'secret',
  ip: '192.0.2.1',
  origin: 'https://app.example.com',
  permissions: 'reports:read',
  resource: 'project:42',
}

/** What a key answers that fails all of these, and nothing else. */
async function answerTo(...faults: readonly Fault[]) {
  const store = memoryStore()
  const off = faults.some(fault => fault.ownerIsOff)
  const keys = testKeys({
    store,
    kinds: { secret: {}, publishable: {} },
    grants: () => (off ? null : ['*']),
  })
  const { apiKey, token } = await keyFor(keys, {
    permissions: ['reports:*'],
    resources: ['project:42'],
    restrictions: { ips: ['192.0.2.0/24'], origins: ['https://app.example.com'] },
  })
  await edit(store, apiKey.id, Object.assign({}, ...faults.map(fault => fault.record?.())))
  const presented = faults.some(fault => fault.wrongSecret) ? forged(token) : token
  return keys.verify(presented, Object.assign({}, GOOD, ...faults.map(fault => fault.request)))
}

const pairs = FAULTS.flatMap((first, i) => FAULTS.slice(i + 1).map(second => ({ first, second })))

describe('verification', () => {
  it('accepts the key of these tests, where nothing is wrong with it', async () => {
    expect(outcome(await answerTo())).toBe('ok')
  })

  it.each(FAULTS)('answers $code to a key with one fault: $name', async fault => {
    expect(await answerTo(fault)).toEqual({ ok: false, code: fault.code, status: fault.status })
  })

  it.each(pairs)('asks of "$first.name" before "$second.name"', async ({ first, second }) => {
    expect(outcome(await answerTo(first, second))).toBe(first.code)
  })

  it('answers the first of all faults, when every later check would fail too', async () => {
    for (const i of FAULTS.keys()) {
      expect(outcome(await answerTo(...FAULTS.slice(i)))).toBe(FAULTS[i]?.code)
    }
  })
})
