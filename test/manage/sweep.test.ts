/** The sweep: what dead processes left is told, what was deleted long ago goes, and nothing stops it for long. */
import { type KeyEvent, memoryStore, SidekeyError, type Store } from 'sidekey'
import { newEventId } from '../../src/manage/event-id.js'
import { aKey, anEvent } from '../../src/store/contract-data.js'
import { alice, type TestKeys, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'
import { pass, stopTime, sweepAll, type WatchedStore, watched } from './sweeping.js'

const DAY = 86_400_000
const LEFT_BEHIND_MS = 5_001

/** A process over a store, that sweeps; `logged`: what it has told its log. */
interface Process {
  readonly keys: TestKeys
  readonly watched: WatchedStore
  readonly logged: unknown[]
}
async function start(store: Store): Promise<Process> {
  const own = watched(store)
  const logged: unknown[] = []
  const keys = testKeys({
    store: own.store,
    logger: {
      warn: (...line: unknown[]) => logged.push(line),
      error: (...line: unknown[]) => logged.push(line),
    },
  })
  await keys.list({ limit: 1 }) // from its first use on it sweeps
  return { keys, watched: own, logged }
}

/** A key whose last event the process that wrote it has not told. */
function leftBehind(name: string) {
  const at = Date.now()
  const key = aKey({ name }, at)
  return { ...key, outbox: [anEvent({ id: newEventId(at), keyId: key.id, action: 'create' }, at)] }
}

beforeEach(() => stopTime())
afterEach(() => jest.useRealTimers())

overEveryStore('the sweep', store => {
  it('tells what has been left behind for five seconds, and leaves the rest to whoever wrote it', async () => {
    const one = await start(store())
    const old = leftBehind('old')
    await store().insert(old)
    pass(LEFT_BEHIND_MS)
    const young = leftBehind('young')
    await store().insert(young)
    jest.setSystemTime(Date.now() - 3_750) // what goes by until the sweep
    await sweepAll(one.watched)
    expect((await one.keys.audit()).data.map(({ keyId }) => keyId)).toEqual([old.id])
    expect((await store().find(old.id))?.outbox).toEqual([])
    expect((await store().find(young.id))?.outbox).toHaveLength(1)
    pass(LEFT_BEHIND_MS)
    await sweepAll(one.watched)
    expect((await one.keys.audit()).data.map(({ keyId }) => keyId)).toEqual([young.id, old.id])
    await one.keys.close()
  })

  it('tells all of more than it reads at a time, once, also where two sweep at once', async () => {
    const both = [await start(store()), await start(store())]
    const left = Array.from({ length: 450 }, (_, i) => leftBehind(`k${i}`))
    await Promise.all(left.map(key => store().insert(key)))
    pass(LEFT_BEHIND_MS)
    const heard: KeyEvent[] = []
    for (const { keys } of both) keys.on('created', event => heard.push(event))
    await sweepAll(...both.map(one => one.watched))
    expect(await store().pending(new Date(), 10)).toEqual([])
    expect((await store().events({ limit: 1000 })).map(({ keyId }) => keyId).sort()).toEqual(
      left.map(({ id }) => id).sort(),
    )
    expect(heard.map(({ apiKey }) => apiKey?.id).sort()).toEqual(left.map(({ id }) => id).sort())
    for (const { keys, logged } of both) {
      expect(logged).toEqual([])
      await keys.close()
    }
  })

  it('purges what was deleted longer ago than it is kept, and tells of it', async () => {
    const one = await start(store())
    const [longAgo, lately, living] = await Promise.all(
      ['long ago', 'lately', 'living'].map(name => one.keys.as(alice).create({ name })),
    )
    await one.keys.delete(longAgo?.apiKey.id ?? '')
    pass(29 * DAY)
    await one.keys.delete(lately?.apiKey.id ?? '')
    pass(DAY)
    await sweepAll(one.watched)
    expect(await store().find(longAgo?.apiKey.id ?? '')).toBeNull()
    expect(await store().find(lately?.apiKey.id ?? '')).toMatchObject({ deleted: { rank: 'admin' } })
    expect(await one.keys.verify(living?.token)).toMatchObject({ ok: true })
    const { data } = await one.keys.audit({ keyId: longAgo?.apiKey.id ?? '' })
    expect(data.map(({ action }) => action)).toEqual(['purge', 'delete', 'create'])
    expect(data[0]?.actor).toEqual({ id: null, via: 'server' })
    expect(one.logged).toEqual([])
    await one.keys.close()
  })

  it('purges nothing that is restored meanwhile', async () => {
    let beforeWrite = async () => {}
    const own = store()
    const one = await start({
      ...own,
      async replace(key, ifVersion) {
        if (key.deleted?.forGood) await beforeWrite()
        return own.replace(key, ifVersion)
      },
    })
    const { apiKey, token } = await one.keys.as(alice).create({ name: 'k' })
    await one.keys.delete(apiKey.id)
    const deleted = await own.find(apiKey.id)
    pass(30 * DAY)
    beforeWrite = async () => {
      beforeWrite = async () => {}
      // A restore that was decided right before its time was over lands now.
      if (deleted !== null)
        await own.replace({ ...deleted, deleted: null, version: deleted.version + 1 }, deleted.version)
    }
    await sweepAll(one.watched)
    expect(await one.keys.verify(token)).toMatchObject({ ok: true })
    expect((await own.find(apiKey.id))?.deleted).toBeNull()
    expect(one.logged).toEqual([])
    await one.keys.close()
  })

  it('purges together with other processes, and is in nobody’s way', async () => {
    const both = [await start(store()), await start(store())]
    const [{ keys }] = both as [Process, Process]
    for (let i = 0; i < 20; i++) {
      const { apiKey } = await keys.as(alice).create({ name: `k${i}` })
      await keys.delete(apiKey.id)
    }
    pass(30 * DAY)
    await sweepAll(...both.map(one => one.watched))
    const deleted = { statuses: ['deleted'] as const, now: Date.now(), limit: 10 }
    while ((await store().list(deleted)).length > 0) await new Promise(setImmediate)
    await sweepAll(...both.map(one => one.watched))
    expect(both.flatMap(({ logged }) => logged)).toEqual([])
  })
})

describe('a sweep that fails', () => {
  it.each<[string, Error, boolean]>([
    ['is told to the log', new TypeError('a fault'), true],
    ['is not told where the store is away', new SidekeyError('STORE_UNAVAILABLE', 'Away.'), false],
  ])('%s; the next one goes on', async (_what, error, isLogged) => {
    const memory = memoryStore()
    let fails = true
    const pending: Store['pending'] = (...asked) => (fails ? Promise.reject(error) : memory.pending(...asked))
    const one = await start({ ...memory, pending })
    await memory.insert(leftBehind('k'))
    pass(LEFT_BEHIND_MS)
    await sweepAll(one.watched)
    expect(one.logged.length > 0).toBe(isLogged)
    expect((await one.keys.audit()).data).toEqual([])
    fails = false
    await sweepAll(one.watched)
    expect((await one.keys.audit()).data).toHaveLength(1)
  })

  it('at one key holds up no other, nor the notices', async () => {
    const memory = memoryStore()
    const stuck = { ...aKey({ name: 'stuck' }, Date.now()), deleted: goneNow() }
    const replace: Store['replace'] = (key, ifVersion) =>
      key.id === stuck.id ? Promise.reject(new Error('a fault')) : memory.replace(key, ifVersion)
    const one = await start({ ...memory, replace })
    const heard: KeyEvent[] = []
    one.keys.on('expiring', event => heard.push(event))
    const overdue = { ...aKey({ name: 'overdue' }, Date.now() - 1), deleted: goneNow() }
    for (const key of [stuck, overdue]) await memory.insert(key)
    await one.keys.as(alice).create({ name: 'ends soon', expiresIn: '31d' })
    pass(30 * DAY)
    await sweepAll(one.watched)
    expect(await memory.find(overdue.id)).toBeNull()
    expect(heard).toHaveLength(1)
  })
})

describe('sweeping', () => {
  /** A process, and how often its sweep has begun, and has not ended yet. */
  async function counted(pendingOf: (store: Store) => Store['pending']) {
    const memory = memoryStore()
    const count = { begun: 0, underWay: 0 }
    const pending: Store['pending'] = async (...asked) => {
      count.begun++
      count.underWay++
      const found = await pendingOf(memory)(...asked)
      count.underWay--
      return found
    }
    const store = watched({ ...memory, pending })
    return { count, store, keys: testKeys({ store: store.store }) }
  }

  it('begins with the first use, and ends when the keys are closed', async () => {
    const { count, store, keys } = await counted(memory => memory.pending)
    await sweepAll(store)
    expect(count.begun).toBe(0)
    await keys.verify('acme_test_none')
    await sweepAll(store)
    const { begun } = count
    expect(begun).toBeGreaterThan(0)
    await keys.close()
    await keys.list()
    await sweepAll(store)
    expect(count.begun).toBe(begun)
  })

  it('rests after a minute without a call, and goes on with the next one', async () => {
    const { count, store, keys } = await counted(memory => memory.pending)
    await keys.list()
    const sweepFor = async (times: number) => {
      const before = count.begun
      for (let i = 0; i < times; i++) await sweepAll(store)
      return count.begun - before
    }
    expect(await sweepFor(8)).toBeGreaterThanOrEqual(7) // fifty seconds
    await sweepFor(4)
    expect(await sweepFor(20)).toBe(0)
    await keys.verify('acme_test_none')
    expect(await sweepFor(3)).toBeGreaterThanOrEqual(2)
  })

  it('goes on while somebody listens for keys that end soon', async () => {
    const { count, store, keys } = await counted(memory => memory.pending)
    const off = keys.on('expiring', () => {})
    for (let i = 0; i < 30; i++) await sweepAll(store)
    expect(count.begun).toBeGreaterThanOrEqual(29)
    off()
    for (let i = 0; i < 20; i++) await sweepAll(store)
    const { begun } = count
    await sweepAll(store)
    expect(count.begun).toBe(begun)
  })

  it('is one at a time, however slow the store', async () => {
    const { count, keys } = await counted(() => () => new Promise(() => {}))
    await keys.list()
    jest.advanceTimersByTime(60_000)
    expect(count.underWay).toBe(1)
  })
})

function goneNow() {
  return { at: new Date(), by: null, rank: 'owner' as const }
}
