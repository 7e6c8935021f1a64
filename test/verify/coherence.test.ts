/** What a process does to use its memory: its lease, its rounds, and what it drops, to the millisecond, by a clock that the test moves. */
import type { Named, SharedChanges } from '../../src/store/store.js'
import { createCoherence } from '../../src/verify/coherence.js'
import { manualTime, settled, sharedScene } from './shared-scene.js'

const POLL_MS = 1_000
const LEASE_MS = 10_000
const IDLE_MS = 60_000
/** Of the entries, so many are read at first. */
const FEW = 32

function scene() {
  const time = manualTime()
  const shared = sharedScene(time)
  const dropped: string[] = []
  let cleared = 0
  let away = 0
  let ids = 0
  const coherence = createCoherence({
    changes: shared.changes,
    clock: time.clock,
    pollMs: POLL_MS,
    leaseMs: LEASE_MS,
    idleMs: IDLE_MS,
    newId: () => `id ${++ids}`,
    drop: ({ keyIds }: Named) => void dropped.push(...keyIds),
    clear: () => void cleared++,
    onAway: () => void away++,
  })
  const holds = () => coherence.holds(time.now())
  return {
    time,
    shared,
    coherence,
    dropped,
    holds,
    use: () => coherence.use(time.now()),
    cleared: () => cleared,
    /** How often it was told that the database is away. */
    away: () => away,
    isAway: () => coherence.isAway(time.now()),
    leaseIds: () => [...shared.leases.keys()],
    /** Verifies all the while. */
    async passInUse(ms: number) {
      for (let left = ms; left > 0; left -= POLL_MS) {
        coherence.use(time.now())
        await time.pass(Math.min(left, POLL_MS))
      }
    },
  }
}

/** A process that has a lease, and has heard of one entry before. */
async function leased() {
  const s = scene()
  s.shared.publish('before')
  s.use()
  await settled()
  expect(s.holds()).toBe(true)
  return { ...s, began: s.time.now(), clearedBefore: s.cleared(), first: s.leaseIds()[0] ?? '' }
}

/** The next change drops what it names, and nothing else. */
async function expectNextToDropItsOwn(s: ReturnType<typeof scene>): Promise<void> {
  const cleared = s.cleared()
  s.shared.publish('a', { keyIds: ['1'] })
  await s.time.pass(POLL_MS)
  expect(s.dropped).toEqual(['1'])
  expect(s.cleared()).toBe(cleared)
}

const keysNamed = (many: number) => Array.from({ length: many }, (_, i) => `key ${i}`)

describe('a lease', () => {
  it('is not there before somebody verifies, and then is as soon as the database has answered', async () => {
    const s = scene()
    await s.time.pass(LEASE_MS)
    expect(s.shared.asked).toEqual([])
    expect([s.holds(), s.isAway(), s.coherence.leaseAge(s.time.now())]).toEqual([false, false, null])
    s.use()
    await settled()
    expect(s.holds()).toBe(true)
    expect([...s.shared.leases.values()]).toEqual([
      { id: expect.any(String), tag: null, beat: 0, leaseMs: LEASE_MS },
    ])
  })

  it('is inserted before the changes are read, and does not hold before they are', async () => {
    const s = scene()
    const letGo = s.shared.hold('read')
    s.use()
    await settled()
    expect(s.shared.asked.map(({ name }) => name)).toEqual(['insertLease', 'read'])
    expect(s.holds()).toBe(false)
    letGo()
    await settled()
    expect(s.holds()).toBe(true)
  })

  it('holds for leaseMs from before its round began, however long that took, and no longer', async () => {
    const s = scene()
    const letGo = s.shared.hold('insertLease')
    s.use()
    await s.time.pass(3_000)
    letGo()
    await settled()
    expect(s.coherence.leaseAge(s.time.now())).toBe(3_000)
    s.shared.hold('read')
    await s.time.pass(LEASE_MS - 3_001)
    expect(s.holds()).toBe(true)
    expect(s.coherence.leaseAge(s.time.now())).toBe(LEASE_MS - 1)
    await s.time.pass(1)
    expect(s.holds()).toBe(false)
    expect(s.coherence.leaseAge(s.time.now())).toBe(null)
  })

  it('holds no longer by the machine’s clock either: one that is set forward ends it', async () => {
    const s = await leased()
    s.time.setWall(LEASE_MS - 1)
    expect(s.holds()).toBe(true)
    s.time.setWall(1)
    expect(s.holds()).toBe(false)
    expect(s.coherence.leaseAge(s.time.now())).toBe(null)
  })

  it('holds no longer by the monotonic clock, though the machine’s is set back', async () => {
    const s = await leased()
    s.time.setWall(-LEASE_MS)
    s.shared.hold('read')
    await s.time.pass(LEASE_MS - 1)
    expect(s.holds()).toBe(true)
    await s.time.pass(1)
    expect(s.holds()).toBe(false)
  })

  it('is renewed by each round, with the tag of what has been heard', async () => {
    const s = await leased()
    s.shared.publish('a')
    await s.passInUse(3 * LEASE_MS)
    expect(s.holds()).toBe(true)
    expect([...s.shared.leases.values()]).toEqual([
      { id: s.first, tag: 'a', beat: (3 * LEASE_MS) / POLL_MS, leaseMs: LEASE_MS },
    ])
    expect(s.shared.count('insertLease')).toBe(1)
  })

  it('is this process’s own, also before it is there, and is known for it when it is not used any more', async () => {
    const s = scene()
    s.shared.hold('insertLease')
    s.use()
    await settled()
    const [id = ''] = s.leaseIds()
    expect(s.coherence.isOwn(id)).toBe(true)
    expect(s.coherence.isOwn('another')).toBe(false)
    await s.coherence.stop()
    expect(s.coherence.isOwn(id)).toBe(true)
  })

  it('is known for this process’s own among the last sixteen that it had', async () => {
    const s = await leased()
    const had = [s.first]
    while (had.length < 17) {
      s.shared.leases.clear()
      await s.passInUse(POLL_MS)
      had.push(...s.leaseIds())
    }
    expect(new Set(had).size).toBe(17)
    expect(had.map(s.coherence.isOwn)).toEqual(had.map((_, i) => i > 0))
  })

  it('that somebody has removed holds no more, what was in memory goes, and another is taken at once', async () => {
    const s = await leased()
    s.shared.leases.clear()
    const letGo = s.shared.hold('insertLease')
    await s.time.pass(POLL_MS)
    expect(s.holds()).toBe(false)
    expect(s.cleared()).toBeGreaterThan(s.clearedBefore)
    expect(s.shared.asked.at(-1)).toMatchObject({ name: 'insertLease', at: s.began + POLL_MS })
    letGo()
    await settled()
    expect(s.holds()).toBe(true)
    expect(s.leaseIds()).not.toContain(s.first)
    expect(s.isAway()).toBe(false)
  })

  it('that has lapsed is never renewed: it is let go of, for another', async () => {
    const s = await leased()
    s.time.setWall(LEASE_MS)
    await s.time.pass(POLL_MS)
    expect(s.shared.count('renewLease')).toBe(0)
    expect(s.cleared()).toBeGreaterThan(s.clearedBefore)
    expect(s.leaseIds()).toHaveLength(1)
    expect(s.leaseIds()).not.toContain(s.first)
    expect(s.holds()).toBe(true)
    s.time.setWall(-LEASE_MS)
    expect(s.holds()).toBe(true)
  })

  it('is let go of where the process stops, or nobody has verified for idleMs, and no round follows', async () => {
    const s = await leased()
    await s.time.pass(IDLE_MS - 1)
    expect(s.holds()).toBe(true)
    expect(s.leaseIds()).toEqual([s.first])
    await s.time.pass(POLL_MS)
    expect(s.holds()).toBe(false)
    expect(s.leaseIds()).toEqual([])
    expect(s.cleared()).toBeGreaterThan(s.clearedBefore)
    expect(s.time.next()).toBe(null)
  })

  it('is let go of in the round that comes when nobody has verified for exactly idleMs', async () => {
    const s = await leased()
    await s.time.pass(IDLE_MS)
    expect(s.leaseIds()).toEqual([])
  })

  it('is taken anew when somebody verifies again', async () => {
    const s = await leased()
    await s.time.pass(2 * IDLE_MS)
    s.use()
    await settled()
    expect(s.holds()).toBe(true)
    expect(s.leaseIds()).not.toContain(s.first)
    expect(s.time.next()).toBe(POLL_MS)
  })
})

describe('a process that stops', () => {
  it('lets go of its lease and its memory, and asks nothing more', async () => {
    const s = await leased()
    await s.coherence.stop()
    expect(s.holds()).toBe(false)
    expect(s.leaseIds()).toEqual([])
    expect(s.cleared()).toBeGreaterThan(s.clearedBefore)
    expect(s.time.next()).toBe(null)
  })

  it('has stopped, though the database does not answer', async () => {
    const s = await leased()
    s.shared.fails.add('removeLease')
    await s.coherence.stop()
    expect(s.holds()).toBe(false)
  })

  it('asks for nothing where it had no lease', async () => {
    const s = scene()
    await s.coherence.stop()
    expect(s.shared.asked).toEqual([])
  })

  it('does not take the database for away any more, and begins anew where somebody verifies', async () => {
    const s = scene()
    s.shared.fails.add('insertLease')
    s.use()
    await settled()
    expect(s.isAway()).toBe(true)
    await s.coherence.stop()
    expect(s.isAway()).toBe(false)
    s.shared.fails.clear()
    s.use()
    await settled()
    expect(s.holds()).toBe(true)
  })

  it.each(['insertLease', 'read'] as const)(
    'lets go of a lease that it was about to take: %s was not answered yet',
    async name => {
      const s = scene()
      s.shared.publish('before')
      const letGo = s.shared.hold(name)
      s.use()
      await settled()
      await s.coherence.stop()
      const asked = s.shared.asked.length
      letGo()
      await settled()
      expect(s.holds()).toBe(false)
      expect(s.leaseIds()).toEqual([])
      expect(s.shared.asked.slice(asked).map(one => one.name)).toEqual(['removeLease'])
      expect(s.time.next()).toBe(null)
    },
  )

  it.each(['read', 'renewLease'] as const)(
    'does not go on with a round that was under way: %s was not answered yet',
    async name => {
      const s = await leased()
      s.shared.publish('a', { keyIds: ['key'] })
      const letGo = s.shared.hold(name)
      await s.time.pass(POLL_MS)
      await s.coherence.stop()
      const asked = s.shared.asked.length
      letGo()
      await settled()
      expect(s.holds()).toBe(false)
      expect(s.shared.asked).toHaveLength(asked)
      expect(s.time.next()).toBe(null)
    },
  )
})

describe('a process that stops and begins anew', () => {
  it('does not take up what was under way before', async () => {
    const s = scene()
    const letGo = s.shared.hold('insertLease')
    s.use()
    await settled()
    const [before = ''] = s.leaseIds()
    await s.coherence.stop()
    const letGoNext = s.shared.hold('insertLease')
    s.use()
    letGo()
    await settled()
    expect(s.holds()).toBe(false)
    expect(s.leaseIds()).not.toContain(before)
    letGoNext()
    await settled()
    expect(s.holds()).toBe(true)
    expect(s.leaseIds()).toHaveLength(1)
  })
})

describe('rounds', () => {
  const beginnings = (s: ReturnType<typeof scene>) =>
    s.shared.asked.filter(({ name }) => name === 'read').map(({ at }) => at)

  it.each([
    [0, 900],
    [0.5, 1_000],
    [1, 1_100],
  ])('are a poll apart, give or take a tenth: by chance %d, %d ms', async (random, ms) => {
    const s = scene()
    s.shared.publish('before')
    s.time.random = random
    s.use()
    await s.time.pass(3 * ms)
    const began = beginnings(s)
    expect(began.map(at => at - (began[0] ?? 0))).toEqual([0, ms, 2 * ms, 3 * ms])
  })

  it('are so from beginning to beginning, however long one takes', async () => {
    const s = await leased()
    const letGo = s.shared.hold('renewLease')
    await s.time.pass(POLL_MS + 400)
    letGo()
    await settled()
    expect(s.time.next()).toBe(POLL_MS - 400)
  })

  it('leave the database a tenth of a poll at least', async () => {
    const s = await leased()
    const letGo = s.shared.hold('renewLease')
    await s.time.pass(POLL_MS + 5_000)
    letGo()
    await settled()
    expect(s.time.next()).toBe(POLL_MS / 10)
  })

  it('run once, however many verify', async () => {
    const s = await leased()
    for (let i = 0; i < 10; i++) s.use()
    await s.time.pass(10 * POLL_MS)
    expect(s.shared.count('renewLease')).toBe(10)
  })

  it('follow at once where a first lease has lapsed before it was there', async () => {
    const s = scene()
    const letGo = s.shared.hold('insertLease')
    s.use()
    await s.time.pass(5)
    s.time.setWall(LEASE_MS)
    letGo()
    await s.time.pass(0)
    expect(s.shared.count('insertLease')).toBe(2)
    expect(s.holds()).toBe(true)
  })
})

describe('what has been published', () => {
  it('is dropped entry by entry, and nothing else', async () => {
    const s = await leased()
    s.shared.publish('a', { keyIds: ['1', '2'] })
    s.shared.publish('b', { keyIds: ['3'] })
    await s.time.pass(POLL_MS)
    s.shared.publish('c', { keyIds: ['4'] })
    await s.time.pass(POLL_MS)
    expect(s.dropped).toEqual(['1', '2', '3', '4'])
    expect(s.cleared()).toBe(s.clearedBefore)
  })

  it('is dropped before the lease tells that it was heard', async () => {
    const s = await leased()
    s.shared.publish('a', { keyIds: ['1'] })
    const letGo = s.shared.hold('read')
    await s.time.pass(POLL_MS)
    expect([s.shared.leases.get(s.first)?.tag, s.dropped]).toEqual([null, []])
    letGo()
    await settled()
    expect([s.shared.leases.get(s.first)?.tag, s.dropped]).toEqual(['a', ['1']])
  })

  it.each([FEW - 1, FEW, FEW + 1, 500])(
    'is dropped by name where it is much: %d entries at once',
    async many => {
      const s = await leased()
      for (const id of keysNamed(many)) s.shared.publish(`tag of ${id}`, { keyIds: [id] })
      await s.time.pass(POLL_MS)
      expect(s.dropped).toEqual(keysNamed(many))
      expect(s.cleared()).toBe(s.clearedBefore)
      expect(s.holds()).toBe(true)
    },
  )

  it('has everything dropped where it is more than is kept, and then is heard of as before', async () => {
    const s = await leased()
    for (const id of keysNamed(600)) s.shared.publish(`tag of ${id}`, { keyIds: [id] })
    await s.time.pass(POLL_MS)
    expect(s.cleared()).toBe(s.clearedBefore + 1)
    expect(s.dropped).toEqual([])
    expect(s.holds()).toBe(true)
    s.shared.publish('a', { keyIds: ['1'] })
    await s.time.pass(POLL_MS)
    expect(s.dropped).toEqual(['1'])
    expect(s.cleared()).toBe(s.clearedBefore + 1)
  })

  it('is asked for a few entries at a time, and for all only where those do not reach back', async () => {
    const s = await leased()
    const asked = () => s.shared.asked.filter(({ name }) => name === 'read').map(({ args }) => args[0])
    const before = asked().length
    await s.time.pass(POLL_MS)
    for (const id of keysNamed(FEW - 1)) s.shared.publish(id)
    await s.time.pass(POLL_MS)
    expect(asked().slice(before)).toEqual([FEW, FEW])
    for (const id of keysNamed(FEW)) s.shared.publish(`later ${id}`)
    await s.time.pass(POLL_MS)
    expect(asked().slice(before)).toEqual([FEW, FEW, FEW, 512])
  })

  it('in another database has everything dropped, without another look at what is all there', async () => {
    const s = await leased()
    const { leases } = s.shared
    const kept = new Map(leases)
    s.shared.empty()
    for (const [id, lease] of kept) leases.set(id, lease)
    s.shared.publish('elsewhere', { keyIds: ['1'] })
    const reads = s.shared.count('read')
    await s.time.pass(POLL_MS)
    expect(s.cleared()).toBe(s.clearedBefore + 1)
    expect(s.dropped).toEqual([])
    expect(s.shared.count('read')).toBe(reads + 1)
  })

  it('may be emptied: everything is dropped, under another lease, and the next change drops what it names alone', async () => {
    const s = await leased()
    const [[id, lease] = []] = s.shared.leases
    s.shared.empty()
    if (id !== undefined && lease !== undefined) s.shared.leases.set(id, lease)
    await s.time.pass(POLL_MS)
    expect(s.cleared()).toBeGreaterThan(s.clearedBefore)
    expect(s.holds()).toBe(true)
    expect(s.leaseIds()).not.toContain(s.first)
    await expectNextToDropItsOwn(s)
  })

  it('is nothing in a new database: the first process publishes a tag, so that the first change drops what it names alone', async () => {
    const s = scene()
    s.use()
    await settled()
    expect(s.shared.entries).toEqual([{ tag: expect.any(String), keyIds: [], owners: [] }])
    await expectNextToDropItsOwn(s)
  })

  it('before a first lease is there is none of what it drops', async () => {
    const s = scene()
    s.shared.publish('a', { keyIds: ['1'] })
    s.use()
    await s.time.pass(POLL_MS)
    expect(s.dropped).toEqual([])
    expect(s.shared.entries).toHaveLength(1)
  })
})

describe('a database that does not answer', () => {
  const ALL: readonly Exclude<keyof SharedChanges, 'kind'>[] = ['read', 'insertLease', 'renewLease']
  const fail = (s: ReturnType<typeof scene>) => {
    for (const name of ALL) s.shared.fails.add(name)
  }

  it('is not away while the lease holds, and is from then on', async () => {
    const s = await leased()
    fail(s)
    await s.time.pass(LEASE_MS - 1)
    expect([s.holds(), s.isAway(), s.away()]).toEqual([true, false, 0])
    await s.time.pass(1)
    expect([s.holds(), s.isAway(), s.away()]).toEqual([false, true, 1])
  })

  it('is away where there never was a lease', async () => {
    const s = scene()
    fail(s)
    s.use()
    await settled()
    expect([s.isAway(), s.away()]).toEqual([true, 1])
  })

  it('is tried again in the next round, and not at once', async () => {
    const s = scene()
    fail(s)
    s.use()
    await s.time.pass(POLL_MS - 1)
    expect(s.shared.count('insertLease')).toBe(1)
    await s.time.pass(1)
    expect(s.shared.count('insertLease')).toBe(2)
  })

  it('is no longer away once it has answered a round', async () => {
    const s = await leased()
    fail(s)
    await s.passInUse(2 * LEASE_MS)
    expect(s.isAway()).toBe(true)
    s.shared.fails.clear()
    await s.time.pass(POLL_MS)
    expect([s.holds(), s.isAway()]).toEqual([true, false])
    // Nor where the lease of that round lapses by the machine's clock.
    s.time.setWall(LEASE_MS)
    expect([s.holds(), s.isAway()]).toEqual([false, false])
  })

  it('costs no more than one lease, though each attempt may have made one', async () => {
    const s = scene()
    s.shared.fails.add('read')
    s.use()
    await s.passInUse(5 * POLL_MS)
    expect(s.shared.count('insertLease')).toBe(6)
    expect(s.leaseIds()).toEqual([])
  })

  it.each(['read', 'renewLease'] as const)(
    'and never does (%s), is given up after leaseMs: it is away, and asked anew at once',
    async name => {
      const s = await leased()
      s.shared.hold(name)
      await s.passInUse(POLL_MS + LEASE_MS - 1)
      expect(s.away()).toBe(0)
      expect(s.shared.count('insertLease')).toBe(1)
      await s.time.pass(1)
      expect(s.away()).toBe(1)
      expect(s.shared.count('insertLease')).toBe(2)
    },
  )

  it.each(['read', 'renewLease'] as const)(
    'and answers late (%s), is not listened to any more: the round was given up',
    async name => {
      const s = await leased()
      s.shared.publish('a', { keyIds: ['1'] })
      const letGo = s.shared.hold(name)
      s.use()
      await s.time.pass(POLL_MS)
      s.shared.hold('insertLease') // of the round that follows
      await s.passInUse(LEASE_MS)
      expect(s.isAway()).toBe(true)
      const asked = s.shared.asked.length
      letGo()
      await settled()
      expect([s.holds(), s.isAway()]).toEqual([false, true])
      expect(s.shared.asked).toHaveLength(asked)
      // Nor does it keep time: the next is given up leaseMs after it began.
      expect(s.time.next()).toBe(LEASE_MS)
    },
  )

  it('and tells late that the lease is gone, does not take the next one away', async () => {
    const s = await leased()
    s.shared.leases.clear()
    const letGo = s.shared.hold('renewLease')
    await s.passInUse(POLL_MS + LEASE_MS)
    expect(s.holds()).toBe(true)
    const cleared = s.cleared()
    letGo()
    await settled()
    expect([s.holds(), s.cleared()]).toEqual([true, cleared])
  })

  it('and fails late, does not count for the round that has followed', async () => {
    const s = await leased()
    const letGo = s.shared.hold('renewLease')
    await s.passInUse(POLL_MS + LEASE_MS)
    expect([s.holds(), s.away()]).toEqual([true, 1])
    s.shared.fails.add('renewLease')
    letGo()
    await settled()
    s.time.setWall(LEASE_MS)
    expect([s.isAway(), s.away()]).toEqual([false, 1])
  })

  it.each(['insertLease', 'read'] as const)(
    'and has taken a lease late (%s), is rid of it: that of the round that has followed is used',
    async name => {
      const s = scene()
      s.shared.publish('before')
      const letGo = s.shared.hold(name)
      s.use()
      await settled()
      const [late = ''] = s.leaseIds()
      const letGoNext = s.shared.hold('insertLease')
      await s.passInUse(LEASE_MS)
      letGo()
      await settled()
      expect(s.holds()).toBe(false)
      expect(s.leaseIds()).not.toContain(late)
      letGoNext()
      await settled()
      expect(s.holds()).toBe(true)
      expect(s.leaseIds()).toHaveLength(1)
      await s.time.pass(POLL_MS)
      expect(s.shared.asked.findLast(({ name }) => name === 'renewLease')?.args[0]).toBe(s.leaseIds()[0])
    },
  )
})
