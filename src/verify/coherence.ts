/**
 * The coherent cache: verification answers from memory, and once a change has resolved, no process accepts what it took
 * away. Leases after Gray and Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism for Distributed File Cache
 * Consistency", SOSP 1989; here a process has one lease for all that it keeps, and acknowledges changes by renewing it.
 *
 * In the database: the record; the changes, one document with a random tag and the last entries (each a tag and what it
 * names); a lease a process, with the tag that the process has heard. Writers (announce.ts) write the record, then publish an entry,
 * then list the leases, and wait until each has heard the entry or must have lapsed: `leaseMs` by a clock 5 % slower.
 *
 * What a process keeps to (an *epoch* is a time in which its cache was never dropped as a whole):
 *
 * 1. The cache is used only while the lease holds: until `leaseMs` after the moment *before* the request that renewed it
 *    was sent, by the monotonic clock and by the wall clock both.
 * 2. A round reads the changes first, drops what they name, and only then renews, with the tag that it has applied. So
 *    a lease in the database never tells of a tag whose entries are not applied.
 * 3. Where the tag that was last applied is not among the entries any more (too many, or another database), everything is
 *    dropped: a new epoch.
 * 4. A renewal never makes a lease. Where it finds none (somebody waited for it in vain, or the database was emptied), or
 *    where the lease had lapsed before the round began, there is a new epoch, with a lease of a new name.
 * 5. A first lease is inserted before the changes are read, and used only after. So a writer that does not see it in its
 *    list has published before those were read, and what is kept was read after that.
 * 6. A read is kept only if neither an entry has named it, nor an epoch begun, since it was issued (reads.ts).
 * 7. A read that is under way is joined by later calls only while the lease holds, and not once an entry has named it. One
 *    that has not been issued yet is joined always: it is no older than a read of one's own (reads.ts).
 *
 * Why that is enough: let a writer resolve at r, having published at p < r. A process whose lease holds at r either has
 * heard the entry (2), or renewed by a request sent after p, since the writer has waited longer than a lease lives: its round
 * has read the changes after p too. Or its lease was not in the writer's list (5). In each case what it had read before p
 * was dropped, and reads under way were detached (6, 7). Without a lease each call reads for itself, after r.
 *
 * Assumed: one region that writes; reads that matter are linearizable; clocks run at the same rate within 5 %; no machine is
 * suspended with both its clocks.
 */
import type { Clock } from '../clock.js'
import type { Changes, Named, SharedChanges } from '../store/store.js'
import type { Standing } from './cache.js'

export interface CoherenceSources {
  readonly changes: SharedChanges
  readonly clock: Clock
  /** How often changes are read, in ms. */
  readonly pollMs: number
  /** How long a lease holds, in ms. */
  readonly leaseMs: number
  /** After so long without a verification, in ms, the process lets go of its lease and its cache. */
  readonly idleMs: number
  readonly newId: () => string
  /** What is kept is no longer true of these. */
  readonly drop: (named: Named) => void
  /** Nothing that is kept may be taken for true any more. */
  readonly clear: () => void
  /** The database does not answer, and nothing that is kept may be used. */
  readonly onAway: () => void
}

export interface Coherence extends Standing {
  /** Somebody verifies: begins the rounds, or keeps them going. */
  use(now: number): void
  /** The database has not answered the last round, and there is no lease: reads would wait in vain. */
  isAway(now: number): boolean
  /** Whether a lease is, or was, this process's: its own caches are told without it. */
  isOwn(leaseId: string): boolean
  /** How long ago the lease was renewed, in ms; `null`: there is none that holds. */
  leaseAge(now: number): number | null
  /** Lets go of the lease and the cache. */
  stop(): Promise<void>
}

/** As many entries are read a round; all of them only where the last tag is not among these. */
const FEW = 32
const ALL = 512
/** Rounds are this far apart, in parts of `pollMs`: not all processes in step. */
const SHORTEST = 0.9
const JITTER = 0.2
/** However long a round takes, the next waits for this part of `pollMs`. */
const SHORTEST_REST = 0.1
/** Of its own leases a process knows the last few: older ones have been let go of. */
const REMEMBERED = 16

export function createCoherence(sources: CoherenceSources): Coherence {
  const { changes, clock, pollMs, leaseMs, idleMs, newId, drop, clear, onAway } = sources
  let lease: string | null = null
  /** The last tag whose entries are applied; `null`: none was there. `undefined`: nothing is known. */
  let applied: string | null | undefined
  let holdsUntil = Number.NEGATIVE_INFINITY
  let holdsUntilWall = Number.NEGATIVE_INFINITY
  let usedAt = Number.NEGATIVE_INFINITY
  let running = false
  let failing = false
  /** Raised when a round begins and when they end: what an earlier one has awaited no longer counts. */
  let round = 0
  let cancel = () => {}
  const own: string[] = []

  const holds = (now: number) => now < holdsUntil && clock.wall() < holdsUntilWall

  function newEpoch(): void {
    holdsUntil = Number.NEGATIVE_INFINITY
    applied = undefined
    clear()
  }

  function apply({ tag, recent }: Changes): void {
    if (tag === applied) return
    const known = recent.findIndex(entry => entry.tag === applied)
    if (known < 0) newEpoch()
    else for (const entry of recent.slice(known + 1)) drop(entry)
    applied = tag
  }

  /** What has been published since the tag that was applied last. */
  async function readChanges(): Promise<Changes> {
    const few = await changes.read(FEW)
    const isEnough = few.tag === applied || few.recent.length < FEW
    return isEnough || few.recent.some(({ tag }) => tag === applied) ? few : changes.read(ALL)
  }

  /** Renews the lease, or takes a first one. `isCurrent`: nobody has given this round up while it waited. */
  async function renew(isCurrent: () => boolean): Promise<void> {
    const began = clock.monotonic()
    const beganWall = clock.wall()
    const known = lease !== null && holds(began) ? await readChanges() : null
    if (!isCurrent()) return
    // Emptied since, it could not tell what has been published before.
    if (lease === null || known === null || known.tag === null) {
      await takeLease(isCurrent)
    } else {
      apply(known)
      const renewed = await changes.renewLease(lease, applied ?? null)
      if (!isCurrent()) return
      if (!renewed) {
        lease = null
        newEpoch()
        return
      }
    }
    if (!isCurrent()) return
    holdsUntil = began + leaseMs
    holdsUntilWall = beganWall + leaseMs
  }

  async function takeLease(isCurrent: () => boolean): Promise<void> {
    newEpoch()
    if (lease !== null) letGo(lease)
    lease = null
    const id = newId()
    own.push(id)
    if (own.length > REMEMBERED) own.shift()
    try {
      await changes.insertLease({ id, tag: null, beat: 0, leaseMs })
      if (!isCurrent()) return letGo(id)
      const tag = (await changes.read(1)).tag ?? (await firstTag())
      if (!isCurrent()) return letGo(id)
      newEpoch()
      applied = tag
      lease = id
    } catch (error) {
      letGo(id) // it may be there, also where its insertion was not answered
      throw error
    }
  }

  /** Where nobody has published yet: whoever knows no tag would drop everything at the first change. */
  async function firstTag(): Promise<string | null> {
    await changes.publish({ tag: newId(), keyIds: [], owners: [] })
    return (await changes.read(1)).tag
  }

  /** A lease that is not used any more: others would wait for it. */
  function letGo(id: string): void {
    changes.removeLease(id).catch(() => {})
  }

  function failed(): void {
    failing = true
    if (!holds(clock.monotonic())) onAway()
  }

  function next(ms: number, then: () => void = run): void {
    cancel()
    cancel = clock.after(ms, then)
  }

  async function run(): Promise<void> {
    const mine = ++round
    const isCurrent = () => round === mine
    const began = clock.monotonic()
    if (began - usedAt >= idleMs) return void stop()
    // What has not answered for as long as a lease lives is not worth waiting for any more.
    next(leaseMs, () => {
      failed()
      void run()
    })
    try {
      await renew(isCurrent)
      if (!isCurrent()) return
      failing = false
    } catch {
      if (!isCurrent()) return
      failed()
    }
    // A lease that has lapsed before it was there, or was taken away, is tried for again at once.
    const late = !failing && !holds(clock.monotonic())
    // From beginning to beginning, so that a database that is slow does not stretch the time between two.
    const rest = pollMs * (SHORTEST + JITTER * clock.random()) - (clock.monotonic() - began)
    next(late ? 0 : Math.max(rest, pollMs * SHORTEST_REST))
  }

  async function stop(): Promise<void> {
    cancel()
    round++
    running = false
    failing = false
    const last = lease
    lease = null
    newEpoch()
    if (last !== null) await changes.removeLease(last).catch(() => {})
  }

  return {
    holds,
    use(now) {
      usedAt = now
      if (running) return
      running = true
      void run()
    },
    isAway: now => failing && !holds(now),
    isOwn: id => own.includes(id),
    leaseAge: now => (holds(now) ? now - (holdsUntil - leaseMs) : null),
    stop,
  }
}
