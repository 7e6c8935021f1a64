/** Verification from memory over MongoDB: what it asks the database, and when it sees what was edited by hand. */
import { setImmediate as tick } from 'node:timers/promises'
import { MISSES_AT_ONCE } from '../../src/verify/miss-gate.js'
import { mistyped } from '../support/keys.js'
import {
  eventually,
  fromMemory,
  openShared,
  type Peer,
  readsOf,
  type SharedDatabase,
} from '../support/verify-store.js'
import { keyFor, outcome } from './support.js'

/** No lease lapses while a test runs, though it puts the clock forward. */
const COHERENCE = { coherence: { pollMs: 20, leaseMs: 600_000 } }
const ASKED = { permissions: 'reports:read' } as const

let shared: SharedDatabase
let peer: Peer
/** By how much the monotonic clock is put forward, in ms. */
let ahead: number

beforeAll(async () => {
  shared = await openShared()
})
beforeEach(async () => {
  ahead = 0
  const now = performance.now.bind(performance)
  jest.spyOn(performance, 'now').mockImplementation(() => now() + ahead)
  peer = await shared.join(COHERENCE)
})
afterEach(async () => {
  await shared.part()
  jest.restoreAllMocks()
})
afterAll(() => shared.drop())

async function newKey() {
  const { apiKey, token } = await keyFor(peer.keys, { permissions: ['reports:*'] })
  return { id: apiKey.id, token }
}

/** Has the process take a lease, without a look at any key. */
async function takeLease({ token }: { readonly token: string }): Promise<void> {
  expect(outcome(await peer.keys.verify(mistyped(token)))).toBe('KEY_INVALID')
  // What has been renewed held before.
  await eventually(async () => (await shared.leases.findOne({ beat: { $gt: 0 } })) !== null)
}

describe('a key that is verified over and over', () => {
  it('is read once for 1,000 verifications, many of them at once', async () => {
    const key = await newKey()
    await takeLease(key)
    const verify = async () => outcome(await peer.keys.verify(key.token, ASKED))
    // No more than the gate lets by at once: the others wait for a second at most, which a machine may stand still for.
    const outcomes = await Promise.all(Array.from({ length: MISSES_AT_ONCE - 10 }, verify))
    while (outcomes.length < 1_000) {
      outcomes.push(await verify())
      await tick()
    }
    expect(new Set(outcomes)).toEqual(new Set(['ok']))
    expect(readsOf(peer)).toBe(1)
  })

  it('is read once a token where it has several', async () => {
    const key = await newKey()
    const { token } = await peer.keys.rotate(key.id)
    await takeLease(key)
    const reads = readsOf(peer)
    for (let i = 0; i < 100; i++) {
      expect(outcome(await peer.keys.verify(token))).toBe('ok')
      expect(outcome(await peer.keys.verify(key.token))).toBe('ok')
    }
    expect(readsOf(peer)).toBe(reads + 1)
  })
})

describe('an edit by hand in the database', () => {
  /** A key that is in memory, and has been narrowed in the database since. */
  async function editedKey() {
    const key = await newKey()
    await fromMemory(peer, key.token, ASKED)
    await shared.keys.updateOne({ _id: key.id }, { $set: { permissions: [] } })
    return () => peer.keys.verify(key.token, ASKED).then(outcome)
  }

  it('is seen within 60 seconds: nothing older is used', async () => {
    const verify = await editedKey()
    expect(await verify()).toBe('ok')
    ahead = 60_000
    expect(await verify()).toBe('INSUFFICIENT_PERMISSIONS')
  })

  it('is seen sooner where the key is in use: it is read again after 30 seconds, beside a request', async () => {
    const verify = await editedKey()
    ahead = 29_000
    expect(await verify()).toBe('ok')
    const reads = readsOf(peer)
    ahead = 36_000 // not all in step: up to a fifth later
    expect(await verify()).toBe('ok')
    await eventually(async () => (await verify()) === 'INSUFFICIENT_PERMISSIONS')
    expect(readsOf(peer)).toBe(reads + 1)
  })
})
