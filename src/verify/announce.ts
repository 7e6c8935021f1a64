/**
 * The writers' side of the coherent cache (the rules are in coherence.ts): tells all processes of a change whose record
 * is written, and waits until none can use what it knew before.
 *
 * No clocks of different machines are compared: by `leaseMs` x 1.05 after the publish was acknowledged, on the writer's own
 * clock, every lease that was renewed before it has lapsed, and every other has heard it.
 */
import type { Clock } from '../clock.js'
import type { Lease, Named, SharedChanges } from '../store/store.js'

/** What was published, and when that was acknowledged. */
export interface Ticket {
  readonly tag: string
  readonly at: number
}

export interface Announcer {
  /** Publishes what a change has named, once its record is written. Of calls at once, one publish tells of many. */
  publish(named: Named): Promise<Ticket>
  /** Resolves once no process uses what it knew before this. */
  heard(ticket: Ticket): Promise<void>
}

export interface AnnouncerOptions {
  readonly changes: SharedChanges
  readonly clock: Clock
  readonly pollMs: number
  readonly newTag: () => string
  /** Does something in so many ms, or later, that nobody waits for. */
  readonly later: Clock['after']
  /** This process's own caches: told here, without a round through the database. */
  readonly drop: (named: Named) => void
  readonly isOwn: (leaseId: string) => boolean
}

/** As many names in one entry at most. */
const MOST = 200
/** By how much a clock may run slower than another, and the time that takes is waited longer. */
const CLOCK_RATES = 1.05
/** The leases are looked at so often in each `pollMs`. */
const LOOKS = 10
const SHORTEST_MS = 5

/** A call that waits for others to hear of its entry. */
interface Waiting {
  readonly ticket: Ticket
  /** The leases that were there at the first look after the publish, and have not been heard of yet. */
  leases: ReadonlyMap<string, Lease> | null
  /** When that look was answered. */
  listedAt: number
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const { changes, clock, pollMs, newTag, later, drop, isOwn } = options
  const publish = inBatches(async named => {
    const tag = newTag()
    await changes.publish({ tag, ...named })
    const at = clock.monotonic()
    drop(named)
    return { tag, at }
  })

  const waiting = new Set<Waiting>()
  let looking = false

  /** Looks at the leases, for all that wait, until nobody does. */
  async function lookOn(): Promise<void> {
    if (looking) return
    looking = true
    for (;;) {
      await look([...waiting])
      if (waiting.size === 0) break
      await clock.sleep(Math.max(SHORTEST_MS, pollMs / LOOKS))
    }
    looking = false
  }

  /** One look, which counts for whoever waited when it began. */
  async function look(those: readonly Waiting[]): Promise<void> {
    try {
      const leases = new Map((await changes.leases()).map(lease => [lease.id, lease]))
      const listedAt = clock.monotonic()
      for (const one of those.filter(({ leases }) => leases === null)) {
        one.leases = new Map([...leases].filter(([id]) => !isOwn(id)))
        one.listedAt = listedAt
      }
      const tags = those.some(({ leases: listed, ticket }) => hasOther(listed, leases, ticket.tag))
        ? await changes.tags()
        : []
      for (const one of those) one.leases = remaining(one, leases, tags)
    } catch (error) {
      // Who knows the leases needs nothing more of the database: they lapse by themselves.
      for (const one of those) if (one.leases === null) settle(one, () => one.failed(error))
    }
    for (const one of those) if (isDone(one)) settle(one, one.done)
  }

  function settle(one: Waiting, how: () => void): void {
    if (!waiting.delete(one)) return
    how()
  }

  /** Whether all have heard, or time has told: what was renewed before the publish has lapsed. */
  function isDone({ leases, listedAt, ticket }: Waiting): boolean {
    if (leases === null) return false
    const lives = [...leases.values()].map(({ leaseMs }) => leaseMs * CLOCK_RATES)
    const now = clock.monotonic()
    if (lives.some(life => now < ticket.at + life)) return false
    for (const { id, beat, leaseMs } of leases.values()) {
      // Waited for in vain: its process is gone. Counted from when it was seen, not from the publish: it may have been
      // inserted in between, by a process that has heard the entry and goes on using it.
      later(listedAt + leaseMs * CLOCK_RATES - now, () => {
        changes.removeLease(id, beat).catch(() => {})
      })
    }
    return true
  }

  return {
    publish,
    heard: ticket =>
      new Promise((done, failed) => {
        waiting.add({ ticket, leases: null, listedAt: 0, done, failed })
        void lookOn()
      }),
  }
}

/** One publish at a time, for all that came while the last was under way. */
function inBatches(publish: (named: Named) => Promise<Ticket>): (named: Named) => Promise<Ticket> {
  interface Call {
    readonly named: Named
    readonly done: (ticket: Ticket) => void
    readonly failed: (error: unknown) => void
  }
  const calls: Call[] = []
  let publishing = false

  function takeBatch(): Call[] {
    let names = 0
    const past = calls.findIndex(({ named }) => {
      names += named.keyIds.length + named.owners.length
      return names > MOST
    })
    return calls.splice(0, past < 0 ? calls.length : Math.max(past, 1))
  }

  async function publishAll(): Promise<void> {
    if (publishing) return
    publishing = true
    while (calls.length > 0) {
      const batch = takeBatch()
      try {
        const ticket = await publish(merged(batch.map(({ named }) => named)))
        for (const { done } of batch) done(ticket)
      } catch (error) {
        for (const { failed } of batch) failed(error)
      }
    }
    publishing = false
  }

  return named =>
    new Promise((done, failed) => {
      calls.push({ named, done, failed })
      void publishAll()
    })
}

function merged(all: readonly Named[]): Named {
  return {
    keyIds: [...new Set(all.flatMap(({ keyIds }) => keyIds))],
    owners: all.flatMap(({ owners }) => owners),
  }
}

/** Whether one of the listed leases, as it is now, has another tag than this. */
function hasOther(
  listed: ReadonlyMap<string, Lease> | null,
  now: ReadonlyMap<string, Lease>,
  tag: string,
): boolean {
  return [...(listed?.keys() ?? [])].some(id => now.has(id) && now.get(id)?.tag !== tag)
}

/** The leases that have heard neither of this entry nor of a later one. One that is gone is not held any more. */
function remaining(
  { leases: listed, ticket }: Waiting,
  now: ReadonlyMap<string, Lease>,
  tags: readonly string[],
): ReadonlyMap<string, Lease> {
  const since = tags.indexOf(ticket.tag)
  // Where the entry is not among the tags (too many since), no tag tells: time does.
  const heard = new Set<string | null>(since < 0 ? [] : tags.slice(since))
  const isHeard = (tag: string | null) => tag === ticket.tag || heard.has(tag)
  return new Map(
    [...(listed ?? [])].filter(([id]) => {
      const lease = now.get(id)
      return lease !== undefined && !isHeard(lease.tag)
    }),
  )
}
