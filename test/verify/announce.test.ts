/** Who changes what others have in memory: when they are told, and for whom it waits, to the millisecond, by a clock that the test moves. */
import { type Announcer, createAnnouncer, type Ticket } from '../../src/verify/announce.js'
import { manualTime, settled, sharedScene } from './shared-scene.js'

const POLL_MS = 1_000
/** The leases are looked at so often. */
const LOOK_MS = 100
/** When a lease of ten seconds has lapsed by a clock 5 % slower. */
const LAPSED_MS = 10_500

function scene({ pollMs = POLL_MS } = {}) {
  const time = manualTime()
  const shared = sharedScene(time)
  const dropped: (readonly string[])[] = []
  let tags = 0
  const announcer = createAnnouncer({
    changes: shared.changes,
    clock: time.clock,
    pollMs,
    newTag: () => `tag ${++tags}`,
    later: time.clock.after,
    drop: ({ keyIds }) => void dropped.push(keyIds),
    isOwn: id => id.startsWith('own'),
  })
  return { time, shared, announcer, dropped }
}

/** Whether it has come to an end, and how. */
function watched(promise: Promise<unknown>): { readonly end: string } {
  const state = { end: 'waits' }
  promise.then(
    () => (state.end = 'heard'),
    (error: Error) => (state.end = error.message),
  )
  return state
}

const names = (keyIds: readonly string[]) => ({ keyIds, owners: [] })
const many = (count: number, of: string) => Array.from({ length: count }, (_, i) => `${of} ${i}`)

async function announce({ publish }: Announcer): Promise<Ticket> {
  return publish(names(['key']))
}

/** One change, published where these leases are, and whether it has been heard. */
async function announced(leases: readonly string[], more?: { pollMs: number }) {
  const s = scene(more)
  for (const id of leases) s.shared.lease(id)
  const ticket = await announce(s.announcer)
  const heard = watched(s.announcer.heard(ticket))
  await settled()
  return { ...s, ticket, heard }
}

describe('a change', () => {
  it('is published with what it names, and then dropped from this process’s own memory', async () => {
    const { shared, announcer, dropped, time } = scene()
    const letGo = shared.hold('publish')
    const publishing = announcer.publish({ keyIds: ['1'], owners: [{ type: 'user', id: 'alice' }] })
    await settled()
    expect(shared.entries).toEqual([{ tag: 'tag 1', keyIds: ['1'], owners: [{ type: 'user', id: 'alice' }] }])
    expect(dropped).toEqual([])
    await time.pass(70)
    letGo()
    expect(await publishing).toEqual({ tag: 'tag 1', at: time.now() })
    expect(dropped).toEqual([['1']])
  })

  it('is published by itself, and those that come meanwhile by one entry for all, each name once', async () => {
    const { shared, announcer, dropped } = scene()
    const all = [['1'], ['2', '3'], ['3', '4']].map(ids => announcer.publish(names(ids)))
    const tickets = await Promise.all(all)
    expect(shared.entries.map(({ keyIds }) => keyIds)).toEqual([['1'], ['2', '3', '4']])
    expect(tickets.map(({ tag }) => tag)).toEqual(['tag 1', 'tag 2', 'tag 2'])
    expect(dropped).toEqual([['1'], ['2', '3', '4']])
    await announcer.publish(names(['5']))
    expect(shared.entries).toHaveLength(3)
  })

  it('is published with others as long as they name two hundred keys and owners', async () => {
    const { shared, announcer } = scene()
    const owners = [{ type: 'user', id: 'alice' }] as const
    await Promise.all([
      announcer.publish(names(['first'])),
      announcer.publish(names(many(150, 'a'))),
      announcer.publish({ keyIds: many(49, 'b'), owners }),
      announcer.publish(names(['one too many'])),
    ])
    expect(shared.entries.map(({ keyIds }) => keyIds.length)).toEqual([1, 199, 1])
    expect(shared.entries[1]?.owners).toEqual(owners)
  })

  it('counts the owners that it names as it does keys', async () => {
    const { shared, announcer } = scene()
    const owners = many(101, 'owner').map(id => ({ type: 'user', id }) as const)
    await Promise.all([
      announcer.publish(names(['first'])),
      announcer.publish({ keyIds: [], owners }),
      announcer.publish({ keyIds: [], owners }),
    ])
    expect(shared.entries.map(entry => entry.owners.length)).toEqual([0, 101, 101])
  })

  it('is published alone where it names more than that by itself', async () => {
    const { shared, announcer } = scene()
    await Promise.all([
      announcer.publish(names(many(300, 'a'))),
      announcer.publish(names(many(300, 'b'))),
      announcer.publish(names(many(300, 'c'))),
    ])
    expect(shared.entries.map(({ keyIds }) => keyIds[0])).toEqual(['a 0', 'b 0', 'c 0'])
  })

  it('fails with all that were to be published with it, and the next is published', async () => {
    const { shared, announcer, dropped } = scene()
    const letGo = shared.hold('publish')
    const all = ['1', '2', '3'].map(id => announcer.publish(names([id])))
    const ends = all.map(watched)
    await settled()
    shared.fails.add('publish')
    letGo()
    await settled()
    expect(ends.map(({ end }) => end)).toEqual(all.map(() => 'publish was not answered'))
    expect(dropped).toEqual([])
    shared.fails.clear()
    await announcer.publish(names(['4']))
    expect(dropped).toEqual([['4']])
  })
})

describe('who has made a change', () => {
  it('waits for nobody where nobody has a lease, and asks nothing more', async () => {
    const { heard, shared, time } = await announced([])
    expect(heard.end).toBe('heard')
    expect([shared.count('leases'), shared.count('tags')]).toEqual([1, 0])
    expect(time.next()).toBe(null)
  })

  it('does not wait for the leases of its own process', async () => {
    const { heard, shared } = await announced(['own 1', 'own 2'])
    expect(heard.end).toBe('heard')
    expect(shared.leases.size).toBe(2)
  })

  it('waits for others until all have heard, and looks ten times a poll', async () => {
    const { heard, shared, time, ticket } = await announced(['own', 'a', 'b'])
    expect(time.next()).toBe(LOOK_MS)
    shared.lease('a', { tag: ticket.tag })
    await time.pass(LOOK_MS)
    expect(heard.end).toBe('waits')
    shared.lease('b', { tag: ticket.tag })
    await time.pass(LOOK_MS - 1)
    expect(heard.end).toBe('waits')
    await time.pass(1)
    expect(heard.end).toBe('heard')
    expect(shared.count('leases')).toBe(3)
    expect(time.next()).toBe(null)
  })

  it('looks every five milliseconds at most', async () => {
    const { time } = await announced(['a'], { pollMs: 20 })
    expect(time.next()).toBe(5)
  })

  it('does not wait for a lease that has heard of a later change', async () => {
    const { heard, shared, time } = await announced(['a'])
    shared.publish('later')
    shared.publish('latest')
    shared.lease('a', { tag: 'later' })
    await time.pass(LOOK_MS)
    expect(heard.end).toBe('heard')
  })

  it('waits for a lease that has heard of an earlier change alone', async () => {
    const s = scene()
    s.shared.publish('earlier')
    s.shared.lease('a', { tag: 'earlier' })
    const heard = watched(s.announcer.heard(await announce(s.announcer)))
    await s.time.pass(LAPSED_MS - 1)
    expect(heard.end).toBe('waits')
  })

  it('goes by time alone where so much has been published since that no tag tells', async () => {
    const { heard, shared, time } = await announced(['a'])
    for (const tag of many(600, 'later')) shared.publish(tag)
    shared.lease('a', { tag: 'later 599' })
    await time.pass(LAPSED_MS - 1)
    expect(heard.end).toBe('waits')
    await time.pass(LOOK_MS)
    expect(heard.end).toBe('heard')
  })

  it('asks for no tags where each lease has that of the change, or is gone', async () => {
    const { heard, shared, time, ticket } = await announced(['a', 'b'])
    expect(shared.count('tags')).toBe(1)
    shared.lease('a', { tag: ticket.tag })
    shared.leases.delete('b')
    await time.pass(LOOK_MS)
    expect(heard.end).toBe('heard')
    expect(shared.count('tags')).toBe(1)
  })

  it('does not wait for a lease that is gone', async () => {
    const { heard, shared, time } = await announced(['a'])
    shared.leases.clear()
    await time.pass(LOOK_MS)
    expect(heard.end).toBe('heard')
  })

  it('does not wait for a lease that was inserted after its first look', async () => {
    const { heard, shared, time, ticket } = await announced(['a'])
    shared.lease('b')
    shared.lease('a', { tag: ticket.tag })
    await time.pass(LOOK_MS)
    expect(heard.end).toBe('heard')
  })

  it('is not told by a look that began before', async () => {
    const { announcer, shared, time } = scene()
    const letGo = shared.hold('leases')
    const first = watched(announcer.heard(await announce(announcer)))
    await settled()
    shared.lease('a')
    const second = watched(announcer.heard(await announce(announcer)))
    letGo()
    await settled()
    expect([first.end, second.end]).toEqual(['heard', 'waits'])
    await time.pass(LAPSED_MS - 1)
    expect(second.end).toBe('waits')
  })

  it('shares its looks with others that wait', async () => {
    const { announcer, shared, time } = scene()
    shared.lease('a')
    const tickets = [await announce(announcer), await announce(announcer), await announce(announcer)]
    const all = tickets.map(ticket => watched(announcer.heard(ticket)))
    shared.lease('a', { tag: 'tag 2' })
    await time.pass(LOOK_MS)
    expect(all.map(({ end }) => end)).toEqual(['heard', 'heard', 'waits'])
    expect(shared.count('leases')).toBe(2)
    shared.lease('a', { tag: 'tag 3' })
    await time.pass(LOOK_MS)
    expect(all.map(({ end }) => end)).toEqual(['heard', 'heard', 'heard'])
  })
})

describe('a lease that nobody renews', () => {
  it('is waited for until it has lapsed by a clock five percent slower, from when the publish was acknowledged', async () => {
    const { heard, time } = await announced(['a'])
    await time.pass(LAPSED_MS - 1)
    expect(heard.end).toBe('waits')
    await time.pass(1)
    expect(heard.end).toBe('heard')
  })

  it('is waited for as long as it lives itself: the longest of all decides', async () => {
    const s = scene()
    s.shared.lease('a', { leaseMs: 2_000 })
    s.shared.lease('b', { leaseMs: 4_000 })
    s.shared.lease('c', { leaseMs: 1_000 })
    const heard = watched(s.announcer.heard(await announce(s.announcer)))
    await s.time.pass(4_199)
    expect(heard.end).toBe('waits')
    await s.time.pass(1)
    expect(heard.end).toBe('heard')
  })

  it('is waited for no longer than the others live, once it was heard of', async () => {
    const s = scene()
    s.shared.lease('a', { leaseMs: 2_000 })
    s.shared.lease('b', { leaseMs: 4_000 })
    const ticket = await announce(s.announcer)
    const heard = watched(s.announcer.heard(ticket))
    await settled()
    s.shared.lease('b', { leaseMs: 4_000, tag: ticket.tag })
    await s.time.pass(2_100)
    expect(heard.end).toBe('heard')
  })

  it('is removed, once it must have lapsed since it was seen', async () => {
    const s = scene()
    s.shared.lease('a')
    const ticket = await announce(s.announcer)
    await s.time.pass(700)
    const heard = watched(s.announcer.heard(ticket))
    await s.time.pass(LAPSED_MS - 600)
    expect(heard.end).toBe('heard')
    await s.time.pass(599)
    expect([...s.shared.leases.keys()]).toEqual(['a'])
    await s.time.pass(1)
    expect([...s.shared.leases.keys()]).toEqual([])
  })

  it('is not removed where it was renewed after all', async () => {
    const s = await announced(['a'])
    s.shared.lease('a', { beat: 1 })
    await s.time.pass(3 * LAPSED_MS)
    expect(s.heard.end).toBe('heard')
    expect([...s.shared.leases.keys()]).toEqual(['a'])
  })

  it('is all that is removed', async () => {
    const { heard, shared, time, ticket } = await announced(['own', 'a', 'b'])
    shared.lease('b', { tag: ticket.tag })
    await time.pass(3 * LAPSED_MS)
    expect(heard.end).toBe('heard')
    expect([...shared.leases.keys()]).toEqual(['own', 'b'])
  })
})

describe('a database that does not answer', () => {
  it('leaves a change unheard of where its leases are not known yet', async () => {
    const s = scene()
    s.shared.fails.add('leases')
    const heard = watched(s.announcer.heard(await announce(s.announcer)))
    await settled()
    expect(heard.end).toBe('leases was not answered')
    expect(s.time.next()).toBe(null)
    s.shared.fails.clear()
    const next = watched(s.announcer.heard(await announce(s.announcer)))
    await settled()
    expect(next.end).toBe('heard')
  })

  it.each(['leases', 'tags'] as const)(
    'is not needed once they are: time tells, however often %s fails',
    async name => {
      const { heard, shared, time } = await announced(['a'])
      shared.fails.add(name)
      await time.pass(LAPSED_MS - 1)
      expect(heard.end).toBe('waits')
      await time.pass(1)
      expect(heard.end).toBe('heard')
    },
  )

  it('is not waited for by a change that has heard enough before: each goes by its own leases', async () => {
    const { announcer, shared, time } = scene()
    shared.lease('a')
    const first = watched(announcer.heard(await announce(announcer)))
    await time.pass(LOOK_MS / 2)
    shared.fails.add('leases')
    const second = watched(announcer.heard(await announce(announcer)))
    await time.pass(LOOK_MS / 2)
    expect([first.end, second.end]).toEqual(['waits', 'leases was not answered'])
    await time.pass(LAPSED_MS)
    expect(first.end).toBe('heard')
  })
})
