/** What a process has in memory of keys and owners, and hears of it: with a store to itself, or with others over one, by a clock that the test moves. */
import { memoryStore, type Store } from 'sidekey'
import { type Owner, ownerName } from '../../src/key/record.js'
import { aKey } from '../../src/store/contract-data.js'
import type { SharedChanges } from '../../src/store/store.js'
import { createHearing } from '../../src/verify/hearing.js'
import {
  createKnowledge,
  grantsName,
  type Knowledge,
  type KnowledgeSources,
} from '../../src/verify/knowledge.js'
import type { Granted } from '../../src/verify/owner.js'
import { manualTime, settled, sharedScene, type Time } from './shared-scene.js'

const POLL_MS = 1_000
const LEASE_MS = 10_000
const CACHE = { records: 100, owners: 100, ownersForMs: 300_000 }

const ALICE: Owner = { type: 'user', id: 'alice' }
const BOB: Owner = { type: 'user', id: 'bob' }

interface Process {
  readonly knowledge: Knowledge
  /** The ids that it has read. */
  readonly finds: string[]
  /** Whom it has asked the app about. */
  readonly asked: string[]
  /** The ids of records that went from memory. */
  readonly gone: string[]
}

/** A process over this store. */
function join(
  store: Store,
  { clock }: Pick<Time, 'clock'>,
  config: Partial<KnowledgeSources['config']> = {},
): Process {
  const finds: string[] = []
  const asked: string[] = []
  const gone: string[] = []
  let ids = 0
  const name = Math.random().toString(36)
  const knowledge = createKnowledge({
    config: { cache: CACHE, coherence: { pollMs: POLL_MS, leaseMs: LEASE_MS }, ...config },
    store: {
      ...store,
      find(id) {
        finds.push(id)
        return store.find(id)
      },
    },
    clock,
    newId: () => `${name} ${++ids}`,
    later: clock.after,
    readGrants({ type, id }, organizationId): Granted {
      asked.push(`grants of ${type} ${id} in ${organizationId}`)
      return [`${asked.length}`]
    },
    readUser({ type, id }) {
      asked.push(`${type} ${id}`)
      return asked.length
    },
    onRecordGone: ({ seen }) => void gone.push(seen.id),
  })
  return { knowledge, finds, asked, gone }
}

/** A store with these keys that tells of changes so, or not at all. */
async function storeWith(keys: readonly ReturnType<typeof aKey>[], changes?: SharedChanges): Promise<Store> {
  const { changes: _, ...rest } = memoryStore()
  const store: Store = changes === undefined ? rest : { ...rest, changes }
  for (const key of keys) await store.insert(key)
  return store
}

/** Two processes over one store, each with a lease; and a key. */
async function together(config?: Partial<KnowledgeSources['config']>) {
  const time = manualTime()
  const shared = sharedScene(time)
  shared.publish('before')
  const key = aKey()
  const store = await storeWith([key], shared.changes)
  const [one, other] = [join(store, time, config), join(store, time, config)]
  for (const { knowledge } of [one, other]) knowledge.use(time.now())
  await settled()
  return { time, shared, key, store, one, other }
}

const versionIn = async ({ knowledge }: Process, id: string) =>
  (await knowledge.records.load(id))?.seen.version ?? null

/** Has a process keep what there is to know of these owners. */
async function askOf({ knowledge }: Process, ...owners: readonly Owner[]): Promise<void> {
  for (const owner of owners) {
    await knowledge.grants.load(grantsName(owner, null))
    await knowledge.grants.load(grantsName(owner, 'acme'))
    await knowledge.users.load(ownerName(owner))
  }
}

describe('a process that has the store to itself', () => {
  async function alone(config?: Partial<KnowledgeSources['config']>) {
    const time = manualTime()
    const key = aKey()
    const store = memoryStore()
    await store.insert(key)
    return { time, key, store, one: join(store, time, config) }
  }

  it('keeps what it has read, without a lease', async () => {
    const { time, key, one } = await alone()
    one.knowledge.use(time.now())
    for (let i = 0; i < 3; i++) expect(await versionIn(one, key.id)).toBe(1)
    expect(one.finds).toEqual([key.id])
    expect(one.knowledge.leaseAge(time.now())).toBe(null)
    expect(one.knowledge.isAway(time.now())).toBe(false)
    expect(await one.knowledge.processes()).toBe(1)
    expect(time.next()).toBe(null)
  })

  it('drops what a change names in the moment in which it is published, and waits for nobody', async () => {
    const { key, store, one } = await alone()
    await versionIn(one, key.id)
    await store.replace({ ...key, version: 2 }, 1)
    const publishing = one.knowledge.publish({ keyIds: [key.id], owners: [] })
    expect(one.gone).toEqual([key.id])
    await (await publishing).heard()
    expect(await versionIn(one, key.id)).toBe(2)
  })

  it('keeps nothing any more once it has stopped, and is told of nothing', async () => {
    const { key, one } = await alone()
    await versionIn(one, key.id)
    await one.knowledge.stop()
    expect(one.gone).toEqual([key.id])
    for (let i = 0; i < 2; i++) expect(await versionIn(one, key.id)).toBe(1)
    expect(one.finds).toHaveLength(3)
    expect(one.knowledge.records.size()).toBe(0)
  })

  it('is told of nothing once it has stopped: nobody watches the store', async () => {
    let watching = 0
    const { changes } = memoryStore()
    if (changes?.kind !== 'local') throw new Error('the memory store is for one process')
    const counted = {
      ...changes,
      watch(listener: Parameters<typeof changes.watch>[0]) {
        watching++
        const unwatch = changes.watch(listener)
        return () => {
          watching--
          unwatch()
        }
      },
    }
    const time = manualTime()
    const one = join({ ...memoryStore(), changes: counted }, time)
    expect(watching).toBe(1)
    await one.knowledge.stop()
    expect(watching).toBe(0)
    const without = join({ ...memoryStore(), changes: counted }, time, { cache: null })
    expect(watching).toBe(0)
    await without.knowledge.stop()
  })

  it('reads each time where nothing is to be kept', async () => {
    const { key, one } = await alone({ cache: null })
    for (let i = 0; i < 3; i++) expect(await versionIn(one, key.id)).toBe(1)
    expect(one.finds).toHaveLength(3)
    await askOf(one, ALICE, ALICE)
    expect(one.asked).toHaveLength(6)
    await one.knowledge.stop()
  })

  it('shares no read where nothing is to be kept: each call reads for itself, at once', async () => {
    const { key, one } = await alone({ cache: null })
    const loads = [1, 2, 3].map(() => one.knowledge.records.load(key.id))
    expect(one.finds).toHaveLength(3)
    await Promise.all(loads)
  })

  it('reads each time over a store that tells of no changes', async () => {
    const key = aKey()
    const one = join(await storeWith([key]), manualTime())
    for (let i = 0; i < 3; i++) expect(await versionIn(one, key.id)).toBe(1)
    expect(one.finds).toHaveLength(3)
    await (await one.knowledge.publish({ keyIds: [key.id], owners: [] })).heard()
    expect(await one.knowledge.processes()).toBe(1)
    await one.knowledge.stop()
  })

  it('knows that there is no such key, by a read each time', async () => {
    const { one } = await alone()
    for (let i = 0; i < 2; i++) expect(await versionIn(one, 'nobody')).toBe(null)
    expect(one.finds).toHaveLength(2)
  })
})

describe('what is in memory', () => {
  it.each([
    ['where nothing is to be kept', null, true],
    ['where nobody has verified', CACHE, true],
    ['over a store that tells of no changes', CACHE, false],
  ])('may not be used %s', (_, cache, isShared) => {
    const time = manualTime()
    const hearing = createHearing(
      {
        config: { cache, coherence: { pollMs: POLL_MS, leaseMs: LEASE_MS } },
        store: isShared ? { changes: sharedScene(time).changes } : {},
        clock: time.clock,
        newId: () => 'id',
        later: time.clock.after,
      },
      { drop() {}, clear() {}, onAway() {} },
    )
    expect(hearing.holds(time.now())).toBe(false)
  })
})

describe('what is kept of owners', () => {
  it('is what the app answers of each, in each organisation', async () => {
    const { one } = await together()
    await askOf(one, ALICE, BOB)
    await askOf(one, ALICE, BOB)
    expect(one.asked).toEqual([
      'grants of user alice in null',
      'grants of user alice in acme',
      'user alice',
      'grants of user bob in null',
      'grants of user bob in acme',
      'user bob',
    ])
  })

  it('goes with its owner, in every organisation, and no other’s does', async () => {
    const { one } = await together()
    const others: readonly Owner[] = [BOB, { type: 'user', id: 'alic' }, { type: 'user', id: 'alice2' }]
    await askOf(one, ALICE, ...others)
    const { length } = one.asked
    await one.knowledge.publish({ keyIds: [], owners: [ALICE] })
    await askOf(one, ALICE, ...others)
    expect(one.asked.slice(length)).toEqual(one.asked.slice(0, 3))
  })

  it('is asked anew when it is as old as it may be', async () => {
    const { time, one } = await together({ cache: { ...CACHE, ownersForMs: 5_000 } })
    await askOf(one, ALICE)
    await time.pass(4_999)
    await askOf(one, ALICE)
    expect(one.asked).toHaveLength(3)
    await time.pass(1)
    await askOf(one, ALICE)
    expect(one.asked).toHaveLength(6)
  })

  it('is nothing by default, while records are kept', async () => {
    const { key, one } = await together({ cache: { ...CACHE, ownersForMs: 0 } })
    await askOf(one, ALICE, ALICE)
    expect(one.asked).toHaveLength(6)
    await Promise.all([1, 2, 3].map(() => one.knowledge.users.load(ownerName(ALICE))))
    expect(one.asked).toHaveLength(9)
    for (let i = 0; i < 2; i++) await versionIn(one, key.id)
    expect(one.finds).toHaveLength(1)
  })

  it('is of so many owners at most', async () => {
    const { one } = await together({ cache: { ...CACHE, owners: 2 } })
    for (const id of ['a', 'b', 'c']) await one.knowledge.users.load(ownerName({ type: 'user', id }))
    expect(one.knowledge.users.size()).toBe(2)
  })
})

describe('processes over one store', () => {
  it('each have a lease, and are counted by them', async () => {
    const { time, shared, one, other } = await together()
    expect(shared.leases.size).toBe(2)
    expect(await one.knowledge.processes()).toBe(2)
    await time.pass(300)
    expect(one.knowledge.leaseAge(time.now())).toBe(300)
    await Promise.all([one, other].map(({ knowledge }) => knowledge.stop()))
    expect(shared.leases.size).toBe(0)
    expect(await one.knowledge.processes()).toBe(1)
  })

  it('keep nothing before they have a lease', async () => {
    const time = manualTime()
    const key = aKey()
    const one = join(await storeWith([key], sharedScene(time).changes), time)
    for (let i = 0; i < 2; i++) await versionIn(one, key.id)
    expect(one.finds).toHaveLength(2)
    expect(one.knowledge.leaseAge(time.now())).toBe(null)
    expect(one.knowledge.isAway(time.now())).toBe(false)
  })

  it('read a key once, and again when another has changed it', async () => {
    const { time, key, store, one, other } = await together()
    for (let i = 0; i < 3; i++) expect(await versionIn(other, key.id)).toBe(1)
    expect(other.finds).toHaveLength(1)
    await store.replace({ ...key, version: 2 }, 1)
    const published = await one.knowledge.publish({ keyIds: [key.id], owners: [] })
    const heard = published.heard().then(() => versionIn(other, key.id))
    await time.pass(2 * POLL_MS)
    expect(await heard).toBe(2)
  })

  it('drop what they publish themselves at once', async () => {
    const { key, store, one } = await together()
    await versionIn(one, key.id)
    await store.replace({ ...key, version: 2 }, 1)
    await one.knowledge.publish({ keyIds: [key.id], owners: [] })
    expect(await versionIn(one, key.id)).toBe(2)
  })

  it('wait for the others and not for themselves', async () => {
    const { time, shared, one, other } = await together()
    await other.knowledge.stop()
    expect(shared.leases.size).toBe(1)
    let heard = false
    const published = await one.knowledge.publish({ keyIds: [], owners: [ALICE] })
    void published.heard().then(() => {
      heard = true
    })
    await settled()
    expect(heard).toBe(true)
    expect(time.next()).toBe(POLL_MS)
  })

  it('are waited for by one that keeps nothing, and has no lease', async () => {
    const { time, shared, key, store, one, other } = await together()
    const command = join(store, time, { cache: null })
    command.knowledge.use(time.now())
    expect(shared.leases.size).toBe(2)
    await versionIn(one, key.id)
    await store.replace({ ...key, version: 2 }, 1)
    const published = await command.knowledge.publish({ keyIds: [key.id], owners: [] })
    let heard = false
    const hearing = published.heard().then(() => {
      heard = true
    })
    await time.pass(POLL_MS - 1)
    expect(heard).toBe(false)
    await time.pass(2 * POLL_MS)
    await hearing
    expect(await versionIn(one, key.id)).toBe(2)
    expect([command.knowledge.leaseAge(time.now()), command.knowledge.isAway(time.now())]).toEqual([
      null,
      false,
    ])
    for (let i = 0; i < 2; i++) await versionIn(command, key.id)
    expect(command.finds).toHaveLength(2)
    await Promise.all([command, one, other].map(({ knowledge }) => knowledge.stop()))
  })

  it('let go of all that they have once they stop, and take no lease again', async () => {
    const { time, shared, key, one } = await together()
    await versionIn(one, key.id)
    await askOf(one, ALICE)
    const { records, grants, users } = one.knowledge
    expect([records, grants, users].map(cache => cache.size())).toEqual([1, 2, 1])
    await one.knowledge.stop()
    expect([records, grants, users].map(cache => cache.size())).toEqual([0, 0, 0])
    expect(one.gone).toEqual([key.id])
    one.knowledge.use(time.now())
    await settled()
    expect(shared.leases.size).toBe(1)
    expect(await versionIn(one, key.id)).toBe(1)
    expect(records.size()).toBe(0)
  })

  it('drop all that they have where they have lost their lease', async () => {
    const { time, shared, key, one } = await together()
    await versionIn(one, key.id)
    await askOf(one, ALICE)
    shared.leases.clear()
    await time.pass(POLL_MS)
    const { records, grants, users } = one.knowledge
    expect([records, grants, users].map(cache => cache.size())).toEqual([0, 0, 0])
  })

  it('read no more than 32 records at once', async () => {
    const time = manualTime()
    const shared = sharedScene(time)
    const answers: (() => void)[] = []
    const store = await storeWith([], shared.changes)
    const find = (_: string) => new Promise<null>(done => answers.push(() => done(null)))
    const one = join({ ...store, find }, time)
    const loads = Array.from({ length: 40 }, (_, i) => one.knowledge.records.load(`${i}`))
    await settled()
    expect(one.finds).toHaveLength(32)
    for (const answer of answers.splice(0)) answer()
    await settled()
    expect(one.finds).toHaveLength(40)
    for (const answer of answers) answer()
    expect(await Promise.all(loads)).toEqual(loads.map(() => null))
  })

  it('read a record again after half a minute of use, and use none that is a minute old', async () => {
    const { time, key, store, one, other } = await together()
    await versionIn(one, key.id)
    await store.replace({ ...key, version: 2 }, 1) // by hand: nobody is told
    for (const process of [one, other]) process.knowledge.use(time.now())
    await time.pass(32_999) // by chance, a tenth later
    expect(await versionIn(one, key.id)).toBe(1)
    expect(one.finds).toHaveLength(1)
    await time.pass(1)
    expect(await versionIn(one, key.id)).toBe(1)
    await settled()
    expect(await versionIn(one, key.id)).toBe(2)
    await store.replace({ ...key, version: 3 }, 2)
    one.knowledge.use(time.now())
    await time.pass(59_999)
    one.knowledge.use(time.now())
    await time.pass(1)
    expect(await versionIn(one, key.id)).toBe(3)
  })
})

describe('a store that does not answer', () => {
  const AWAY = { code: 'STORE_UNAVAILABLE', message: 'The store does not answer.', retryAfter: 1 }

  /** A process whose reads are never answered, and whose lease has lapsed. */
  async function scene() {
    const time = manualTime()
    const shared = sharedScene(time)
    shared.publish('before')
    const key = aKey()
    const store = await storeWith([key], shared.changes)
    let hangs = true
    const find = (id: string) => (hangs ? new Promise<null>(() => {}) : store.find(id))
    const one = join({ ...store, find }, time)
    one.knowledge.use(time.now())
    await settled()
    const answerAgain = () => {
      hangs = false
      shared.fails.clear()
    }
    for (const name of ['read', 'insertLease', 'renewLease'] as const) shared.fails.add(name)
    return { time, key, one, answerAgain }
  }

  it('is told to whoever waits, as soon as nothing in memory may be used', async () => {
    const { time, key, one } = await scene()
    const loads = ['a', 'b', key.id].map(id => one.knowledge.records.load(id))
    let failed = 0
    for (const loading of loads) Promise.resolve(loading).catch(() => failed++)
    await time.pass(LEASE_MS - 1)
    expect([failed, one.knowledge.isAway(time.now())]).toEqual([0, false])
    await time.pass(1)
    expect([failed, one.knowledge.isAway(time.now())]).toEqual([3, true])
    for (const loading of loads) await expect(loading).rejects.toMatchObject(AWAY)
  })

  it('is not asked while it is known to be away', async () => {
    const { time, one } = await scene()
    await time.pass(LEASE_MS)
    await expect(one.knowledge.records.load('a')).rejects.toMatchObject(AWAY)
    expect(one.finds).toEqual([])
  })

  it('is asked again as soon as it has answered a round', async () => {
    const { time, key, one, answerAgain } = await scene()
    await time.pass(LEASE_MS)
    answerAgain()
    await time.pass(POLL_MS)
    expect(one.knowledge.isAway(time.now())).toBe(false)
    expect(await versionIn(one, key.id)).toBe(1)
  })

  it('or fails, is told of as it fails', async () => {
    const time = manualTime()
    const store = await storeWith([], sharedScene(time).changes)
    const one = join({ ...store, find: () => Promise.reject(new Error('broken')) }, time)
    await expect(one.knowledge.records.load('a')).rejects.toThrow('broken')
  })
})
