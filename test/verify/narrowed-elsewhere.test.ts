/** What one process takes away, no other accepts once the promise has resolved, though each answers from memory. */
import { SidekeyError, type Store } from 'sidekey'
import { internalsOf } from '../../src/internals.js'
import { hashToken } from '../../src/key/hash.js'
import { newKeyId, newToken } from '../../src/key/token.js'
import { inTurns } from '../processes/turns.js'
import { refusalCode, type TestKeys } from '../support/keys.js'
import {
  fromMemory,
  type Hearing,
  heldHearing,
  openShared,
  type Peer,
  readsOf,
  type SharedDatabase,
  seenAfter,
  sentTo,
} from '../support/verify-store.js'
import { wrapped } from '../support/wrapped.js'
import { childOf, keyFor, outcome } from './support.js'

/** No lease lapses while a test runs, however slow the machine. */
const COHERENCE = { pollMs: 20, leaseMs: 600_000 }
const GRANTS = {
  grants: ({ id }: { readonly id: string }) => (id === 'heir' ? ['exports:run'] : ['*']),
}
const ASKED = {
  permissions: 'reports:read',
  ip: '192.0.2.1',
  origin: 'https://app.example.com',
  resource: 'project:1',
} as const
const HOUR_MS = 3_600_000

let shared: SharedDatabase
let reader: Peer
let readersHearing: Hearing
let writer: Peer

/** By how much the machine's clock is put forward. */
let ahead = 0

beforeAll(async () => {
  const { now } = Date
  jest.spyOn(Date, 'now').mockImplementation(() => now() + ahead)
  shared = await openShared()
  readersHearing = heldHearing()
  reader = await shared.join({ coherence: COHERENCE, ...GRANTS, around: readersHearing.around })
  writer = await shared.join({ coherence: COHERENCE, ...GRANTS })
})
afterEach(() => {
  ahead = 0
})
afterAll(async () => {
  await shared.part()
  await shared.drop()
  jest.restoreAllMocks()
})

/** A key that both processes have in memory. */
async function knownKey(owner = 'alice') {
  const permissions = ['reports:*', 'api-keys:create'] as const
  const { apiKey, token } = await keyFor(writer.keys, { owner: { id: owner }, permissions })
  await known(token)
  return { id: apiKey.id, token }
}

async function known(token: string): Promise<void> {
  for (const peer of [reader, writer]) await fromMemory(peer, token, ASKED)
}

/** What the reader and the writer say of a token, at this moment. */
const outcomes = (token: string) =>
  Promise.all([reader, writer].map(async ({ keys }) => outcome(await keys.verify(token, ASKED))))

/** What they say at the moment in which a promise of the writer's resolves. */
const outcomesAfter = (act: (keys: TestKeys) => Promise<unknown>, token: string) =>
  seenAfter({
    act: () => act(writer.keys),
    by: writer,
    hearing: readersHearing,
    see: () => outcomes(token),
  })

type Act = (keys: TestKeys, id: string) => Promise<unknown>
const NARROWING: readonly (readonly [string, string, Act])[] = [
  ['revoke', 'KEY_REVOKED', (keys, id) => keys.revoke(id)],
  ['revokeAll by ids', 'KEY_REVOKED', (keys, id) => keys.revokeAll({ ids: [id] })],
  ['revokeAll by owner', 'KEY_REVOKED', keys => keys.revokeAll({ owner: { id: 'revokeAll by owner' } })],
  ['delete', 'KEY_INVALID', (keys, id) => keys.delete(id)],
  ['purge', 'KEY_INVALID', (keys, id) => keys.purge(id)],
  ['rotate without grace', 'KEY_INVALID', (keys, id) => keys.rotate(id, { grace: '0s' })],
  ['transfer', 'INSUFFICIENT_PERMISSIONS', (keys, id) => keys.transfer(id, { id: 'heir' })],
  ['disable', 'KEY_DISABLED', (keys, id) => keys.update(id, { enabled: false })],
  [
    'update of permissions',
    'INSUFFICIENT_PERMISSIONS',
    (keys, id) => keys.update(id, { permissions: ['reports:write'] }),
  ],
  [
    'update of resources',
    'INSUFFICIENT_PERMISSIONS',
    (keys, id) => keys.update(id, { resources: ['project:2'] }),
  ],
  [
    'update of addresses',
    'IP_NOT_ALLOWED',
    (keys, id) => keys.update(id, { restrictions: { ips: ['10.0.0.0/8'] } }),
  ],
  [
    'update of origins',
    'ORIGIN_NOT_ALLOWED',
    (keys, id) => keys.update(id, { restrictions: { origins: ['https://other.example.com'] } }),
  ],
  [
    'update of notBefore',
    'KEY_NOT_YET_VALID',
    (keys, id) => keys.update(id, { notBefore: new Date(Date.now() + HOUR_MS) }),
  ],
]

describe('a key that another process has in memory', () => {
  it.each(NARROWING)('is refused there once this has resolved: %s (%s)', async (act, code, narrow) => {
    const { id, token } = await knownKey(act)
    expect(await outcomesAfter(keys => narrow(keys, id), token)).toEqual([code, code])
  })

  it('ends there when an update has said', async () => {
    const { id, token } = await knownKey()
    const end: Act = async keys => {
      await keys.update(id, { expiresIn: '60s' })
      ahead = 60_000
    }
    expect(await outcomesAfter(keys => end(keys, id), token)).toEqual(['KEY_EXPIRED', 'KEY_EXPIRED'])
  })

  it.each([
    ['revoke', 'KEY_REVOKED'],
    ['delete', 'KEY_REVOKED'],
    ['purge', 'KEY_REVOKED'],
    ['disable', 'KEY_DISABLED'],
    ['transfer', 'KEY_REVOKED'],
    ['update of permissions', 'INSUFFICIENT_PERMISSIONS'],
    ['update of resources', 'INSUFFICIENT_PERMISSIONS'],
    ['update of addresses', 'IP_NOT_ALLOWED'],
  ])('is refused there with the key that made it: %s (%s)', async (act, code) => {
    const [, , narrow] = NARROWING.find(([name]) => name === act) ?? []
    if (narrow === undefined) throw new Error(`there is no such act: ${act}`)
    const parent = await knownKey()
    const child = await childOf(writer.keys, parent.token, { permissions: ['reports:read'] })
    await known(child.token)
    expect(await outcomesAfter(keys => narrow(keys, parent.id), child.token)).toEqual([code, code])
  })
})

/** Keys of one owner, written at once: to make them one by one is not what is tested. */
async function manyKeys(howMany: number, owner: string) {
  const { apiKey } = await keyFor(writer.keys, { owner: { id: owner }, permissions: ['reports:*'] })
  const { config } = internalsOf(writer.keys)
  const like = await shared.keys.findOne({ _id: apiKey.id })
  const made = Array.from({ length: howMany }, () =>
    newToken(config.defaultKind.prefix, newKeyId(Date.now())),
  )
  const hashes = await Promise.all(made.map(token => hashToken(token, config.defaultKind.hash)))
  await shared.keys.insertMany(made.map(({ id }, i) => ({ ...like, _id: id, hash: hashes[i] })))
  await writer.keys.purge(apiKey.id)
  return made.map(({ token }) => token)
}

describe('many keys that another process has in memory', () => {
  it('are refused there once revokeAll has resolved, which tells of 200 at a time', async () => {
    const tokens = await manyKeys(450, 'many')
    const verifyAll = () => inTurns(tokens, 50, async token => outcome(await reader.keys.verify(token)))
    await fromMemory(reader, tokens[0] ?? '')
    await verifyAll()
    const reads = readsOf(reader)
    expect(new Set(await verifyAll())).toEqual(new Set(['ok']))
    expect(readsOf(reader)).toBe(reads)
    // Without a cache it sweeps beside its first call alone: what it publishes later is of revokeAll.
    const by = await shared.join({ cache: false, coherence: COHERENCE })
    await by.keys.list()
    const published = () => sentTo(by, 'sidekey_changes', 'update')
    const before = published()
    const act = async () =>
      expect(await by.keys.revokeAll({ owner: { id: 'many' } })).toEqual({ revoked: 450 })
    const seen = await seenAfter({ act, by, hearing: readersHearing, see: verifyAll, looks: 100 })
    expect(new Set(seen)).toEqual(new Set(['KEY_REVOKED']))
    expect(published() - before).toBe(3)
  }, 100_000)
})

describe('a revoke that failed after it was written, before others were told', () => {
  it.each<[string, Act]>([
    ['revoke', (keys, id) => keys.revoke(id)],
    ['revokeAll', (keys, id) => keys.revokeAll({ ids: [id] })],
  ])('is made good by the next, which tells them and waits: %s', async (_, again) => {
    const failing = await shared.join({ coherence: COHERENCE, ...GRANTS, around: withoutPublishing })
    const { id, token } = await knownKey()
    expect(await refusalCode(failing.keys.revoke(id))).toBe('STORE_UNAVAILABLE')
    expect(await shared.keys.findOne({ _id: id })).toMatchObject({ state: 'revoked' })
    const published = sentTo(writer, 'sidekey_changes', 'update')
    expect(await outcomesAfter(keys => again(keys, id), token)).toEqual(['KEY_REVOKED', 'KEY_REVOKED'])
    expect(sentTo(writer, 'sidekey_changes', 'update')).toBeGreaterThan(published)
  })
})

function withoutPublishing(store: Store): Store {
  return wrapped(store, (call, name) => async (...args) => {
    if (name === 'publish') throw new SidekeyError('STORE_UNAVAILABLE', 'away')
    return call(...args)
  })
}
