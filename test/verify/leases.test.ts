/** Leases over MongoDB: when a process has one, and who waits for it. */
import type { Store } from 'sidekey'
import { CLOCK } from '../../src/clock.js'
import { internalsOf } from '../../src/internals.js'
import { createKnowledge } from '../../src/verify/knowledge.js'
import type { TestKeys } from '../support/keys.js'
import {
  eventually,
  fromMemory,
  openShared,
  type Peer,
  readsOf,
  type SharedDatabase,
  sentTo,
} from '../support/verify-store.js'
import { wrapped } from '../support/wrapped.js'
import { accepted, keyFor, outcome } from './support.js'

const COHERENCE = { coherence: { pollMs: 20, leaseMs: 600_000 } }

let shared: SharedDatabase

beforeAll(async () => {
  shared = await openShared()
})
afterEach(async () => {
  await shared.part()
  jest.restoreAllMocks()
})
afterAll(() => shared.drop())

const leases = () => shared.leases.find().toArray()
const hasLease = async () => (await leases()).some(({ beat }) => beat > 0)

describe('the lease of a process', () => {
  it('is inserted by its first verification, not before', async () => {
    const { keys } = await shared.join(COHERENCE)
    const { apiKey, token } = await keyFor(keys)
    await keys.update(apiKey.id, { tags: ['changed'] })
    await keys.list()
    expect(await leases()).toEqual([])
    await keys.verify(token)
    await eventually(hasLease)
    expect(await leases()).toMatchObject([{ leaseMs: 600_000 }])
  })

  it('is one, however much is verified', async () => {
    const { keys } = await shared.join(COHERENCE)
    const { token } = await keyFor(keys)
    await Promise.all(Array.from({ length: 100 }, () => keys.verify(token)))
    await eventually(hasLease)
    expect(await leases()).toHaveLength(1)
  })

  it('is removed by close(), and not taken again', async () => {
    const { keys } = await shared.join(COHERENCE)
    const { token } = await keyFor(keys)
    await keys.verify(token)
    await eventually(hasLease)
    await keys.close()
    expect(await leases()).toEqual([])
    for (let i = 0; i < 5; i++) expect(outcome(await keys.verify(token))).toBe('ok')
    expect(await leases()).toEqual([])
  })

  it('is removed after a minute without a verification, and asks nothing more; the next one takes another', async () => {
    const now = performance.now.bind(performance)
    let ahead = 0
    jest.spyOn(performance, 'now').mockImplementation(() => now() + ahead)
    const [idle, busy] = await Promise.all([shared.join(COHERENCE), shared.join(COHERENCE)])
    const { token } = await keyFor(idle.keys)
    for (const peer of [idle, busy]) await fromMemory(peer, token)
    const before = (await leases()).map(({ _id }) => _id)
    expect(before).toHaveLength(2)
    ahead = 60_000
    await busy.keys.verify(token)
    await eventually(async () => (await leases()).length === 1)
    const rounds = () => sentTo(idle, 'sidekey_changes', 'find') + sentTo(idle, 'sidekey_leases', 'update')
    const roundsBefore = rounds()
    await pollsOf(busy, 5)
    expect(rounds()).toBe(roundsBefore)
    const reads = readsOf(idle)
    await fromMemory(idle, token)
    expect(readsOf(idle)).toBeGreaterThan(reads)
    const after = await leases()
    expect(after).toHaveLength(2)
    expect(after.filter(({ _id }) => before.includes(_id))).toHaveLength(1)
  })

  it('goes after a minute together with what is in memory', async () => {
    const { keys } = await shared.join(COHERENCE)
    const { apiKey } = await keyFor(keys)
    const { config } = internalsOf(keys)
    let ahead = 0
    const knowledge = createKnowledge({
      config,
      store: config.store,
      clock: { ...CLOCK, monotonic: () => CLOCK.monotonic() + ahead },
      newId: () => 'lease',
      later: CLOCK.after,
      readGrants: () => ['*'],
      readUser: () => null,
      onRecordGone: () => {},
    })
    knowledge.use(CLOCK.monotonic())
    await eventually(hasLease)
    await knowledge.records.load(apiKey.id)
    expect(knowledge.records.size()).toBe(1)
    ahead = 60_000
    await eventually(async () => (await leases()).length === 0)
    expect(knowledge.records.size()).toBe(0)
    await knowledge.stop()
  })
})

/** Waits until a process has read the changes so many times more. */
async function pollsOf(peer: Peer, many: number): Promise<void> {
  const polls = () => sentTo(peer, 'sidekey_changes', 'find')
  const wanted = polls() + many
  await eventually(async () => polls() >= wanted)
}

describe('the lease of a process that does not answer', () => {
  /** A lease that nobody renews. */
  const stopped = (leaseMs: number) =>
    shared.leases.insertOne({ _id: 'stopped', ackedTag: null, beat: 3, leaseMs })

  it('holds up no change of what says nothing of what a key may do', async () => {
    const { keys } = await shared.join(COHERENCE)
    const { apiKey } = await keyFor(keys)
    await stopped(600_000)
    await keys.update(apiKey.id, { name: 'renamed' })
    await keys.update(apiKey.id, { description: 'it', metadata: { a: 1 }, tags: ['it'] })
    expect(await leases()).toMatchObject([{ _id: 'stopped', beat: 3 }])
  })

  it('does not keep the others from hearing of such a change soon', async () => {
    const [reader, writer] = await Promise.all([shared.join(COHERENCE), shared.join(COHERENCE)])
    const { apiKey, token } = await keyFor(writer.keys)
    await fromMemory(reader, token)
    await stopped(600_000)
    await writer.keys.update(apiKey.id, { name: 'renamed' })
    const name = async () => accepted(await reader.keys.verify(token)).apiKey.name
    await eventually(async () => (await name()) === 'renamed')
  })

  /** How long it is waited, from when a change is published until it is taken out of the outbox, in ms. */
  async function waitsOf(
    leaseMs: number,
    narrow: (keys: TestKeys, id: string) => Promise<unknown>,
  ): Promise<number> {
    const { around, waits } = timedStore()
    const { keys } = await shared.join({ ...COHERENCE, around })
    const { apiKey } = await keyFor(keys, { permissions: ['reports:*'] })
    await stopped(leaseMs)
    await narrow(keys, apiKey.id)
    return waits()
  }

  it('is waited for by what narrows, for its leaseMs x 1.05 and not much longer, and removed', async () => {
    const waited = await waitsOf(400, (keys, id) => keys.revoke(id))
    expect(waited).toBeGreaterThanOrEqual(420)
    expect(waited).toBeLessThan(4_000)
    await eventually(async () => (await leases()).every(({ _id }) => _id !== 'stopped'))
  })

  it.each<[string, (keys: TestKeys, id: string) => Promise<unknown>]>([
    ['permissions', (keys, id) => keys.update(id, { name: 'renamed', permissions: ['reports:read'] })],
    ['an end', (keys, id) => keys.update(id, { name: 'renamed', expiresIn: '1h' })],
    ['addresses', (keys, id) => keys.update(id, { name: 'renamed', restrictions: { ips: ['192.0.2.1'] } })],
    ['a switch', (keys, id) => keys.update(id, { name: 'renamed', enabled: false })],
  ])('is waited for where a new name comes with more: %s', async (_, update) => {
    expect(await waitsOf(200, update)).toBeGreaterThanOrEqual(210)
  })
})

/** A store that tells how long it was from its last publish until an outbox was cleared. */
function timedStore(): { readonly around: (store: Store) => Store; readonly waits: () => number } {
  let published = 0
  let cleared = 0
  return {
    around: store =>
      wrapped(store, (call, name) => async (...args) => {
        if (name === 'clearOutboxes') cleared = performance.now()
        const answer = await call(...args)
        if (name === 'publish') published = performance.now()
        return answer
      }),
    waits: () => cleared - published,
  }
}
