/** `expiring`: a notice of a key that ends soon, once for each threshold, over all processes, restarts included. */
import { type ApiKeysOptions, type KeyEvent, memoryStore, type Store } from 'sidekey'
import { alice, type TestKeys, type TestPermission, type TestUser, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'
import { pass, stopTime, sweepAll, type WatchedStore, watched } from './sweeping.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Notices are looked for this often. */
const EVERY_MS = 60_000

type Options = Partial<ApiKeysOptions<TestPermission, TestUser>>

/** A process over a store, and the notices that it has given. */
interface Process {
  readonly keys: TestKeys
  readonly watched: WatchedStore
  readonly heard: KeyEvent[]
  stopListening(): void
}
async function start(store: Store, options: Options = {}): Promise<Process> {
  const own = watched(store)
  const keys = testKeys({ store: own.store, ...options })
  const heard: KeyEvent[] = []
  const stopListening = keys.on('expiring', event => heard.push(event))
  await keys.list({ limit: 1 }) // from its first use on it sweeps
  return { keys, watched: own, heard, stopListening }
}

/** Time goes by, and then all of them look for what ends soon. */
async function sweepIn(ms: number, ...processes: Process[]): Promise<void> {
  pass(Math.max(ms, EVERY_MS))
  await sweepAll(...processes.map(one => one.watched))
}

const namesOf = (processes: readonly Process[]) =>
  processes.flatMap(({ heard }) => heard.map(({ apiKey }) => apiKey?.name)).sort()

beforeEach(() => stopTime())
afterEach(() => jest.useRealTimers())

overEveryStore('notices', store => {
  it('are given once a key and threshold by processes that sweep at once, and not again after a restart', async () => {
    const first = [await start(store()), await start(store())]
    const [{ keys }] = first as [Process, Process]
    await keys.create({ name: 'six days', owner: { id: 'alice' }, expiresIn: '6d' })
    await keys.create({ name: 'eight days', owner: { id: 'alice' }, expiresIn: '8d' })
    await keys.create({ name: 'for ever', owner: { id: 'alice' } })
    await sweepIn(0, ...first)
    expect(namesOf(first)).toEqual(['six days'])
    await sweepIn(0, ...first)
    await sweepIn(1.5 * DAY, ...first)
    expect(namesOf(first)).toEqual(['eight days', 'six days'])
    await Promise.all(first.map(one => one.keys.close()))

    const second = [await start(store()), await start(store())]
    await sweepIn(0, ...second)
    expect(namesOf(second)).toEqual([])
    await sweepIn(4 * DAY, ...second) // half a day, and two and a half
    expect(namesOf(second)).toEqual(['six days'])
    await sweepIn(2 * DAY, ...second) // ended, and half a day
    await sweepIn(2 * DAY, ...second)
    expect(namesOf(second)).toEqual(['eight days', 'six days'])
    const told = await second[0]?.keys.audit({ action: 'expiring', limit: 100 })
    expect(told?.data).toHaveLength(4)
    await Promise.all(second.map(one => one.keys.close()))
  })

  it('are given again for a key whose end has moved', async () => {
    const one = await start(store())
    const { apiKey } = await one.keys.create({ name: 'k', owner: { id: 'alice' }, expiresIn: '6d' })
    await sweepIn(0, one)
    await one.keys.update(apiKey.id, { expiresIn: '30d' })
    await sweepIn(0, one)
    expect(one.heard).toHaveLength(1)
    await sweepIn(24 * DAY, one)
    expect(one.heard.map(({ audit }) => audit.changes.expiresAt?.to)).toEqual([
      apiKey.expiresAt?.toISOString(),
      (await one.keys.get(apiKey.id))?.expiresAt?.toISOString(),
    ])
    await one.keys.close()
  })

  it('are given of no key that works no more, and of one that is only switched off or has yet to begin', async () => {
    const one = await start(store())
    const made: Record<string, string> = {}
    for (const name of ['active', 'disabled', 'scheduled', 'revoked', 'deleted', 'expired']) {
      const times = name === 'scheduled' ? { notBefore: new Date(Date.now() + DAY) } : {}
      const expiresIn = name === 'expired' ? '30s' : '2d'
      made[name] = (await one.keys.create({ name, owner: { id: 'alice' }, expiresIn, ...times })).apiKey.id
    }
    await one.keys.update(made.disabled ?? '', { enabled: false })
    await one.keys.revoke(made.revoked ?? '')
    await one.keys.delete(made.deleted ?? '')
    await sweepIn(0, one)
    expect(namesOf([one])).toEqual(['active', 'disabled', 'scheduled'])
    await one.keys.close()
  })
})

describe('a notice', () => {
  it('tells of the key and its end, and is in the audit of its owner', async () => {
    const one = await start(memoryStore())
    const { apiKey } = await one.keys.as(alice).create({ name: 'k', expiresIn: '2d' })
    await sweepIn(0, one)
    expect(one.heard).toEqual([
      {
        type: 'expiring',
        apiKey: expect.objectContaining({ id: apiKey.id, status: 'active' }),
        audit: expect.objectContaining({
          action: 'expiring',
          actor: { id: null, via: 'server' },
          owner: { type: 'user', id: 'alice' },
          changes: { expiresAt: { from: null, to: apiKey.expiresAt?.toISOString() } },
          refused: null,
        }),
      },
    ])
    const { data } = await one.keys.as(alice).audit({ action: 'expiring' })
    expect(data).toEqual([{ ...one.heard[0]?.audit, keyName: 'k' }])
  })

  it('is only the nearest, for a key that is past several thresholds when it is first seen', async () => {
    const one = await start(memoryStore(), { expiringBefore: ['1h', '7d', '30d', '1d'] })
    await one.keys.create({ name: 'k', owner: { id: 'alice' }, expiresIn: '12h' })
    await sweepIn(0, one)
    expect(one.heard).toHaveLength(1)
    await sweepIn(10 * HOUR, one)
    expect(one.heard).toHaveLength(1)
    await sweepIn(1.5 * HOUR, one)
    expect(one.heard).toHaveLength(2)
  })

  it('is given by a process that does nothing but listen', async () => {
    const memory = memoryStore()
    await testKeys({ store: memory }).create({ name: 'k', owner: { id: 'alice' }, expiresIn: '2d' })
    const own = watched(memory)
    const heard: KeyEvent[] = []
    testKeys({ store: own.store }).on('expiring', event => heard.push(event))
    pass(EVERY_MS)
    await sweepAll(own)
    expect(heard).toHaveLength(1)
  })

  it('is newer than the creation of a key that is made with less time than the threshold', async () => {
    const one = await start(memoryStore())
    const { apiKey } = await one.keys.as(alice).create({ name: 'k', expiresIn: '2d' })
    await sweepIn(0, one)
    const actions = (await one.keys.audit({ from: apiKey.createdAt })).data.map(({ action }) => action)
    expect(actions).toEqual(['expiring', 'create'])
  })

  it('is given of each of more keys than are read at a time', async () => {
    const processes = [await start(memoryStore())]
    const [{ keys }] = processes as [Process]
    await Promise.all(
      Array.from({ length: 450 }, (_, i) =>
        keys.create({ name: `k${i}`, owner: { id: 'alice' }, expiresIn: '2d' }),
      ),
    )
    await sweepIn(0, ...processes)
    await sweepIn(0, ...processes)
    expect(new Set(namesOf(processes)).size).toBe(450)
    expect(namesOf(processes)).toHaveLength(450)
  })

  it.each<[string, Options]>([
    ['nobody listens', {}],
    ['there is no threshold', { expiringBefore: [] }],
  ])('is not given where %s: nothing is written, or even read', async (why, options) => {
    const memory = memoryStore()
    let lists = 0
    const list: Store['list'] = query => {
      lists += query.expiresBy === undefined ? 0 : 1
      return memory.list(query)
    }
    const one = await start({ ...memory, list }, options)
    if (why === 'nobody listens') one.stopListening()
    await one.keys.create({ name: 'k', owner: { id: 'alice' }, expiresIn: '2d' })
    await sweepIn(0, one)
    expect([lists, one.heard]).toEqual([0, []])
    expect((await one.keys.audit({ action: 'expiring' })).data).toEqual([])
    one.keys.on('expiring', event => one.heard.push(event))
    await sweepIn(0, one)
    expect(one.heard).toHaveLength(why === 'nobody listens' ? 1 : 0)
  })
})
