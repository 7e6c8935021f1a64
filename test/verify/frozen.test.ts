/** `cache: false` over MongoDB, for processes that are frozen between requests: nothing is kept, held or timed. */
import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { resolve, sep } from 'node:path'
import type { TestKeys } from '../support/keys.js'
import {
  eventually,
  fromMemory,
  heldHearing,
  openShared,
  type Peer,
  readsOf,
  type SharedDatabase,
  seenAfter,
  sentTo,
} from '../support/verify-store.js'
import { childOf, keyFor, outcome, settled } from './support.js'

const SOURCES = resolve(__dirname, '../../src') + sep
/** No lease lapses while a test runs, however slow the machine. */
const REMEMBERING = { coherence: { pollMs: 20, leaseMs: 600_000 } }

let shared: SharedDatabase
let frozen: Peer
/** By how much the machine's clock is put forward. */
let ahead: number

beforeAll(async () => {
  shared = await openShared()
})
beforeEach(async () => {
  ahead = 0
  const { now } = Date
  jest.spyOn(Date, 'now').mockImplementation(() => now() + ahead)
  frozen = await shared.join({ cache: false })
})
afterEach(async () => {
  await shared.part()
  jest.restoreAllMocks()
})
afterAll(() => shared.drop())

const verifiedBy = async ({ keys }: Peer, token: string) => outcome(await keys.verify(token))

describe('without a cache', () => {
  it('each verification is one find, one after the other and at once', async () => {
    const { token } = await keyFor(frozen.keys)
    for (let i = 1; i <= 20; i++) {
      expect(await verifiedBy(frozen, token)).toBe('ok')
      expect(readsOf(frozen)).toBe(i)
    }
    await Promise.all(Array.from({ length: 20 }, () => verifiedBy(frozen, token)))
    expect(readsOf(frozen)).toBe(40)
  })

  it('each verification of a key made by a key is one find more', async () => {
    const parent = await keyFor(frozen.keys, { permissions: ['api-keys:create'] })
    const { token } = await childOf(frozen.keys, parent.token)
    const reads = readsOf(frozen)
    for (let i = 1; i <= 5; i++) {
      expect(await verifiedBy(frozen, token)).toBe('ok')
      expect(readsOf(frozen)).toBe(reads + 2 * i)
    }
  })

  it('there is never a lease, and changes are not read', async () => {
    await actsOf(frozen.keys)
    for (const name of ['insert', 'update', 'delete'])
      expect({ name, sent: sentTo(frozen, 'sidekey_leases', name) }).toEqual({ name, sent: 0 })
    expect(sentTo(frozen, 'sidekey_changes', 'find')).toBe(0)
    expect(await shared.leases.countDocuments()).toBe(0)
  })

  it('what another process has revoked is refused by the very next verification', async () => {
    const other = await shared.join(REMEMBERING)
    const { apiKey, token } = await keyFor(other.keys)
    await fromMemory(other, token)
    expect(await verifiedBy(frozen, token)).toBe('ok')
    await other.keys.revoke(apiKey.id)
    expect(await verifiedBy(frozen, token)).toBe('KEY_REVOKED')
  })

  it('what was edited by hand in the database is seen by the very next verification', async () => {
    const { apiKey, token } = await keyFor(frozen.keys, { permissions: ['reports:read'] })
    const asked = async () => outcome(await frozen.keys.verify(token, { permissions: 'reports:read' }))
    expect(await asked()).toBe('ok')
    await shared.keys.updateOne({ _id: apiKey.id }, { $set: { permissions: [] } })
    expect(await asked()).toBe('INSUFFICIENT_PERMISSIONS')
  })

  it('a change is heard by those who have a cache, before it resolves', async () => {
    const hearing = heldHearing()
    const other = await shared.join({ ...REMEMBERING, around: hearing.around })
    const { apiKey, token } = await keyFor(frozen.keys)
    await fromMemory(other, token)
    const act = () => frozen.keys.revoke(apiKey.id)
    const see = () => verifiedBy(other, token)
    expect(await seenAfter({ act, by: frozen, hearing, see })).toBe('KEY_REVOKED')
  })

  it('last uses are written with a later call, five seconds on', async () => {
    const { apiKey, token } = await keyFor(frozen.keys)
    await frozen.keys.verify(token)
    const usedAt = Date.now()
    ahead = 10_000
    await frozen.keys.verify(token)
    const store = (await shared.join({ cache: false })).keys
    await eventually(async () => {
      const { lastUsedAt } = (await store.get(apiKey.id)) ?? {}
      return lastUsedAt != null && lastUsedAt.getTime() <= usedAt
    })
  })
})

describe('timers', () => {
  it('there are none between requests without a cache', async () => {
    const timers = watchTimers()
    try {
      await timers.of(() => actsOf(frozen.keys))
      expect(await timers.waiting()).toEqual([])
    } finally {
      timers.stop()
    }
  })

  it('there are some with a cache: this way of looking finds them', async () => {
    const timers = watchTimers()
    try {
      await timers.of(async () => actsOf((await shared.join(REMEMBERING)).keys))
      const first = (await timers.waiting()).map(by => by.split(' < ')[0])
      expect(new Set(first)).toEqual(new Set(['clock.ts', 'manage/sweep.ts']))
    } finally {
      timers.stop()
    }
  })
})

/** All that an app does. */
async function actsOf(keys: TestKeys): Promise<void> {
  const { apiKey, token } = await keyFor(keys, { permissions: ['reports:*'] })
  const verify = () => keys.verify(token, { permissions: 'reports:read' })
  await verify()
  await keys.update(apiKey.id, { permissions: ['reports:read'], tags: ['changed'] })
  await keys.forget({ id: 'alice' })
  await keys.rotate(apiKey.id)
  await verify()
  await keys.as({ id: 'bob' }).list()
  await keys.audit({ keyId: apiKey.id })
  await keys.revokeAll({ ids: [apiKey.id] })
  await verify()
  await keys.delete(apiKey.id)
  await keys.purge(apiKey.id)
}

interface Timers {
  /** Does something, and watches what comes of it. */
  of<T>(work: () => T): T
  /** By which files those were started, the innermost first, that have neither gone off nor been called off. */
  waiting(): Promise<string[]>
  stop(): void
}

/**
 * The timers that the sources start, also such as keep no process alive; the bound of an operation under way, which ends with
 * it, aside. What other tests have left going in this process has nothing to do with it.
 */
function watchTimers(): Timers {
  const ours = new AsyncLocalStorage<true>()
  const startedBy = new Map<number, string>()
  const hook = createHook({
    init(asyncId, type) {
      if (type !== 'Timeout' || ours.getStore() === undefined) return
      const frames = new Error().stack?.split('\n').slice(1) ?? []
      const files = frames.flatMap(frame => frame.split(SOURCES)[1]?.replace(/:.*/, '') ?? [])
      if (files.length > 0) startedBy.set(asyncId, files.join(' < '))
    },
    destroy(asyncId) {
      startedBy.delete(asyncId)
    },
  }).enable()
  return {
    of: work => ours.run(true, work),
    async waiting() {
      const still = () => [...startedBy.values()].filter(by => !by.startsWith('store/mongoose/guard.ts'))
      // That a timer has gone off, or was called off, is told some turns later.
      for (let turns = 0; turns < 100 && still().length > 0; turns++) await settled()
      return still()
    },
    stop: () => void hook.disable(),
  }
}
