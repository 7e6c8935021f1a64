/** `expiresAfterIdle`: a key that nobody uses for so long ends, in every process, and is told of before. */
import { type ApiKeysOptions, type KeyEvent, memoryStore, type Store } from 'sidekey'
import {
  actingBy,
  alice,
  mistyped,
  refusedFields,
  type TestKeys,
  type TestPermission,
  type TestUser,
  testKeys,
} from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'
import { pass as passByWall, stopTime, sweepAll, type WatchedStore, watched } from './sweeping.js'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

interface Process {
  readonly keys: TestKeys
  readonly watched: WatchedStore
  readonly heard: KeyEvent[]
}
/** A process over a store that others have too. */
function start(store: Store, options: Partial<ApiKeysOptions<TestPermission, TestUser>> = {}): Process {
  const own = watched({ ...store, close: async () => {} })
  const keys = testKeys({ store: own.store, ...options })
  const heard: KeyEvent[] = []
  keys.on('expiring', event => heard.push(event))
  keys.on('expired', event => heard.push(event))
  return { keys, watched: own, heard }
}
async function sweepIn(ms: number, ...processes: Process[]): Promise<void> {
  pass(Math.max(ms, MINUTE))
  await sweepAll(...processes.map(one => one.watched))
}
const make = (keys: TestKeys, expiresAfterIdle?: string) =>
  keys.create({
    name: 'k',
    owner: { id: 'alice' },
    permissions: ['reports:read', 'api-keys:create', 'api-keys:update'],
    ...(expiresAfterIdle !== undefined && { expiresAfterIdle }),
  })
const outcome = async ({ keys }: Pick<Process, 'keys'>, token: string) => {
  const verification = await keys.verify(token)
  return verification.ok ? 'ok' : verification.code
}

/** By how much the monotonic clock is ahead, in ms. */
let ahead = 0
/** Time goes by, by both clocks. */
function pass(ms: number): void {
  passByWall(ms)
  ahead += ms
}

beforeEach(() => {
  stopTime()
  ahead = 0
  const now = performance.now.bind(performance)
  jest.spyOn(performance, 'now').mockImplementation(() => now() + ahead)
})
afterEach(() => {
  jest.restoreAllMocks()
  jest.useRealTimers()
})

overEveryStore('a key that ends when it is not used', store => {
  it('works as long as it is used, and ends when it was not for so long', async () => {
    const one = start(store())
    const { apiKey, token } = await make(one.keys, '30d')
    expect(apiKey).toMatchObject({ expiresAfterIdle: '30d', status: 'active' })
    for (let i = 0; i < 4; i++) {
      pass(29 * DAY)
      expect(await outcome(one, token)).toBe('ok')
    }
    const end = Date.now() + 30 * DAY
    expect((await one.keys.get(apiKey.id))?.idleExpiresAt?.getTime()).toBe(end)
    pass(30 * DAY - 1)
    expect((await one.keys.get(apiKey.id))?.status).toBe('active')
    pass(1)
    expect(await outcome(one, token)).toBe('KEY_EXPIRED')
    expect((await one.keys.get(apiKey.id))?.status).toBe('expired')
    await one.keys.close()
  })

  it('ends where it was never used, and not in a process that has not seen it used elsewhere', async () => {
    const [first, second, third] = [start(store()), start(store()), start(store())]
    const [used, unused] = [await make(first.keys, '30d'), await make(first.keys, '30d')]
    // Both know of its beginning.
    expect(await outcome(second, used.token)).toBe('ok')
    pass(20 * DAY)
    expect(await outcome(first, used.token)).toBe('ok')
    await first.keys.close() // writes when it was used
    pass(20 * DAY)
    expect(await outcome(second, used.token)).toBe('ok')
    expect(await outcome(third, used.token)).toBe('ok')
    expect(await outcome(second, unused.token)).toBe('KEY_EXPIRED')
    await second.keys.close()
    await third.keys.close()
  })

  it('has ended for lists, the audit and whoever listens, once a sweep has come by; and for good', async () => {
    const processes = [start(store()), start(store())]
    const [one, other] = processes as [Process, Process]
    const { apiKey, token } = await make(one.keys, '10d')
    await make(one.keys)
    await other.keys.list()
    expect(await outcome(other, token)).toBe('ok')
    await sweepIn(4 * DAY, ...processes)
    expect(processes.flatMap(({ heard }) => heard.map(({ type }) => type))).toEqual(['expiring'])
    await sweepIn(5.5 * DAY, ...processes)
    await sweepIn(0, ...processes)
    expect(processes.flatMap(({ heard }) => heard.map(({ type }) => type))).toEqual(['expiring', 'expiring'])
    const end = (await one.keys.get(apiKey.id))?.idleExpiresAt
    await sweepIn(DAY, ...processes)
    await sweepIn(DAY, ...processes)
    const ids = async (status: 'active' | 'expired') =>
      (await other.keys.list({ status })).data.map(({ id }) => id)
    expect(await ids('expired')).toEqual([apiKey.id])
    expect(await ids('active')).not.toContain(apiKey.id)
    const told = processes.flatMap(({ heard }) => heard.filter(({ type }) => type === 'expired'))
    expect(told.map(({ audit }) => [audit.action, audit.changes, audit.actor])).toEqual([
      ['expire', { idleEndedAt: { from: null, to: end?.toISOString() } }, { id: null, via: 'server' }],
    ])
    expect((await one.keys.audit({ keyId: apiKey.id, action: 'expire' })).data).toHaveLength(1)
    for (const process of processes) expect(await outcome(process, token)).toBe('KEY_EXPIRED')
    for (const { keys } of processes) await keys.close()
  })

  it('counts anew by an update, a rotation, being switched on, and a restoration', async () => {
    const one = start(store())
    const anew = async (change: (id: string) => Promise<unknown>) => {
      const { apiKey } = await make(one.keys, '10d')
      pass(9 * DAY)
      await change(apiKey.id)
      return Math.round(((await one.keys.get(apiKey.id))?.idleExpiresAt?.getTime() ?? 0) - Date.now()) / DAY
    }
    expect(await anew(id => one.keys.update(id, { name: 'x' }))).toBe(1)
    expect(await anew(id => one.keys.update(id, { enabled: true }))).toBe(1)
    expect(await anew(id => one.keys.update(id, { expiresAfterIdle: '10d' }))).toBe(10)
    expect(await anew(id => one.keys.update(id, { expiresAfterIdle: '20d' }))).toBe(20)
    expect(await anew(id => one.keys.rotate(id))).toBe(10)
    const off = async (id: string) => {
      await one.keys.update(id, { enabled: false })
      pass(30 * DAY)
      await one.keys.update(id, { enabled: true })
    }
    expect(await anew(off)).toBe(10)
    const gone = async (id: string) => {
      await one.keys.delete(id)
      pass(20 * DAY)
      await one.keys.restore(id)
    }
    expect(await anew(gone)).toBe(10)
    await one.keys.close()
  })

  it('works again once it may go unused for longer, or for ever', async () => {
    const one = start(store())
    for (const expiresAfterIdle of ['10d', null]) {
      const { apiKey, token } = await make(one.keys, '10d')
      await sweepIn(11 * DAY, one)
      expect(await outcome(one, token)).toBe('KEY_EXPIRED')
      expect((await one.keys.get(apiKey.id))?.status).toBe('expired')
      const updated = await one.keys.update(apiKey.id, { expiresAfterIdle })
      expect(updated).toMatchObject({ status: 'active', expiresAfterIdle })
      expect(await outcome(one, token)).toBe('ok')
    }
    await one.keys.close()
  })

  it("gives its place among its owner's keys away", async () => {
    const one = start(store(), { maxKeysPerOwner: 1 })
    await make(one.keys, '10d')
    await expect(make(one.keys)).rejects.toMatchObject({ code: 'KEY_LIMIT_REACHED' })
    await sweepIn(11 * DAY, one)
    await make(one.keys)
    await one.keys.close()
  })
})

describe('how long a key may go unused', () => {
  it('begins with notBefore', async () => {
    const { keys } = start(memoryStore())
    const notBefore = new Date(Date.now() + 20 * DAY)
    const { apiKey } = await keys.create({
      name: 'k',
      owner: { id: 'alice' },
      expiresAfterIdle: '10d',
      notBefore,
    })
    expect((await keys.get(apiKey.id))?.idleExpiresAt?.getTime()).toBe(notBefore.getTime() + 10 * DAY)
  })

  it('is a duration from a minute to ten years', async () => {
    const { keys } = start(memoryStore())
    for (const wrong of ['59s', '11y', '90', '', '-1d', 'soon'])
      expect(await refusedFields(make(keys, wrong))).toEqual(['expiresAfterIdle'])
    for (const right of ['1m', '10y', '90 days']) {
      const { apiKey } = await make(keys, right)
      expect(apiKey.expiresAfterIdle).toBe(right)
    }
  })

  it('is by default what the kind says, and no longer', async () => {
    const { keys } = start(memoryStore(), { kinds: { secret: { expiresAfterIdle: '90d' } } })
    const { apiKey } = await make(keys)
    expect(apiKey.expiresAfterIdle).toBe('90d')
    expect((await make(keys, '30d')).apiKey.expiresAfterIdle).toBe('30d')
    expect(await refusedFields(make(keys, '91d'))).toEqual(['expiresAfterIdle'])
    expect(await refusedFields(keys.update(apiKey.id, { expiresAfterIdle: null }))).toEqual([
      'expiresAfterIdle',
    ])
    expect((await keys.update(apiKey.id, { expiresAfterIdle: '60d' })).expiresAfterIdle).toBe('60d')
    expect((await keys.as(alice).config()).kinds).toMatchObject([{ expiresAfterIdle: '90d' }])
  })

  it('is no longer for a key that a key has made, whose use is a use of the one that made it', async () => {
    const one = start(memoryStore())
    const parent = await make(one.keys, '30d')
    const acting = await actingBy(one.keys, parent.token)
    await expect(
      acting.create({ name: 'child', permissions: ['reports:read'], expiresAfterIdle: '31d' }),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const child = await acting.create({ name: 'child', permissions: ['reports:read'] })
    if (!('token' in child)) throw new Error('not made')
    expect(child.apiKey.expiresAfterIdle).toBe('30d')
    for (let i = 0; i < 3; i++) {
      pass(20 * DAY)
      expect(await outcome(one, child.token)).toBe('ok')
    }
    expect(await outcome(one, parent.token)).toBe('ok')
    pass(31 * DAY)
    expect(await outcome(one, child.token)).toBe('KEY_EXPIRED')
  })

  it('is not put off by who is refused', async () => {
    const one = start(memoryStore())
    const { token } = await make(one.keys, '10d')
    pass(9 * DAY)
    expect(await one.keys.verify(token, { permissions: 'reports:write' })).toMatchObject({ ok: false })
    expect(await one.keys.verify(mistyped(token))).toMatchObject({ ok: false })
    pass(DAY)
    expect(await outcome(one, token)).toBe('KEY_EXPIRED')
  })
})

describe('looking up when a key was last used', () => {
  const counted = () => {
    const memory = memoryStore()
    const asked: string[] = []
    const lastUses: Store['lastUses'] = async ids => {
      asked.push(...ids)
      return memory.lastUses(ids)
    }
    return { store: { ...memory, lastUses }, asked }
  }

  it('is done for keys that may have ended only, and for those that have at most once a second', async () => {
    const { store, asked } = counted()
    const one = start(store)
    const { token } = await make(one.keys, '10d')
    asked.length = 0
    for (let i = 0; i < 100; i++) expect(await outcome(one, token)).toBe('ok')
    pass(9 * DAY)
    expect(await outcome(one, token)).toBe('ok')
    expect(asked).toEqual([])
    pass(11 * DAY)
    const began = performance.now()
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => outcome(one, token)))
    for (let i = 0; i < 100; i++) outcomes.push(await outcome(one, token))
    expect(new Set(outcomes)).toEqual(new Set(['KEY_EXPIRED']))
    expect(asked.length).toBeGreaterThanOrEqual(1)
    expect(asked.length).toBeLessThanOrEqual(1 + (performance.now() - began) / 1000)
  })

  it('refuses nobody as expired of whom it could not be looked up', async () => {
    const memory = memoryStore()
    const one = start({ ...memory, lastUses: () => Promise.reject(new Error('away')) })
    const { token } = await make(one.keys, '10d')
    pass(11 * DAY)
    expect(await outcome(one, token)).toBe('STORE_UNAVAILABLE')
  })
})
