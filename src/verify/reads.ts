/**
 * Reads under way, by the names of what they bring: who may join which, how many there are at once, and which of them bring
 * something to keep. The rules are those of coherence.ts.
 */
import type { Clock } from '../clock.js'
import type { Soon } from '../soon.js'
import type { Standing } from './cache.js'

export interface Reads<V> {
  /** The value by a read that is not older than this call, or, while the standing holds, than the last change. */
  read(name: string): Soon<V>
  /** Reads beside a request, if there is room. */
  refresh(name: string): void
  /** What is under way for a name is joined by nobody who comes later, and not kept. */
  detach(name: string): void
  detachWhere(is: (name: string) => boolean): void
}

export interface ReadsSources<V> {
  readonly standing: Standing
  readonly clock: Pick<Clock, 'monotonic'>
  /** So many are under way at most; the others wait in turn. */
  readonly atOnce: number
  readonly read: (name: string) => Soon<V>
  /** Keeps what a read has brought that was issued then, by the monotonic clock. */
  readonly keep: (name: string, value: V, issuedAt: number) => void
}

/** A read under way. */
interface Flight<V> {
  readonly promise: Promise<V>
  readonly issuedAt: number
}

/** A read that has not been issued yet. */
interface Waiting<V> {
  readonly promise: Promise<V>
  readonly go: () => void
}

/** One that takes longer, in ms, is not waited for by who comes later: it may never end. */
const JOINED_FOR_MS = 5_000

export function createReads<V>({ standing, clock, atOnce, read, keep }: ReadsSources<V>): Reads<V> {
  const flights = new Map<string, Flight<V>>()
  /** Names that are read without a standing, and since when: nobody may join these reads, and a second one waits. */
  const alone = new Map<string, number>()
  /** In the order in which they are issued. */
  const waiting = new Map<string, Waiting<V>>()
  let underWay = 0

  const isRecent = (since: number) => clock.monotonic() - since < JOINED_FOR_MS

  function readShared(name: string): Soon<V> {
    // One that has not been issued yet is as good as one's own, standing or not.
    const next = waiting.get(name)
    if (next !== undefined) {
      if (mayIssue(name)) issueWaiting(name, next)
      return next.promise
    }
    return joinable(name)?.promise ?? (mayIssue(name) ? issue(name) : wait(name))
  }

  function joinable(name: string): Flight<V> | undefined {
    const flight = standing.holds(clock.monotonic()) ? flights.get(name) : undefined
    return flight !== undefined && isRecent(flight.issuedAt) ? flight : undefined
  }

  function mayIssue(name: string): boolean {
    const since = alone.get(name)
    return underWay < atOnce && (since === undefined || !isRecent(since))
  }

  function issue(name: string): Soon<V> {
    if (standing.holds(clock.monotonic())) return joinable(name)?.promise ?? start(name)
    const issuedAt = clock.monotonic()
    const value = read(name)
    if (value instanceof Promise) {
      alone.set(name, issuedAt)
      count(value, () => {
        if (alone.get(name) === issuedAt) alone.delete(name)
      })
    }
    return value
  }

  /** A read that later calls may join, and whose value is kept if nothing has detached it meanwhile. */
  function start(name: string): Promise<V> {
    const issuedAt = clock.monotonic()
    const isUnderWay = () => flights.get(name) === flight
    const bring = async () => {
      try {
        const value = await read(name)
        if (isUnderWay()) keep(name, value, issuedAt)
        return value
      } finally {
        if (isUnderWay()) flights.delete(name)
      }
    }
    const flight: Flight<V> = { promise: Promise.resolve().then(bring), issuedAt }
    flights.set(name, flight)
    count(flight.promise, () => {})
    return flight.promise
  }

  function count(value: Promise<V>, ended: () => void): void {
    underWay++
    const leave = () => {
      underWay--
      ended()
      for (const [name, next] of waiting) {
        if (underWay >= atOnce) return
        if (mayIssue(name)) issueWaiting(name, next)
      }
    }
    value.then(leave, leave)
  }

  function wait(name: string): Promise<V> {
    let go = () => {}
    const promise = new Promise<V>((done, failed) => {
      go = () => {
        try {
          done(issue(name))
        } catch (error) {
          failed(error)
        }
      }
    })
    waiting.set(name, { promise, go })
    return promise
  }

  function issueWaiting(name: string, next: Waiting<V>): void {
    waiting.delete(name)
    next.go()
  }

  return {
    read: readShared,
    refresh(name) {
      // Who uses the value meanwhile is served by it; where the read fails, the next use tries again.
      if (underWay < atOnce && joinable(name) === undefined) start(name).catch(() => {})
    },
    detach: name => void flights.delete(name),
    detachWhere(is) {
      for (const name of flights.keys()) if (is(name)) flights.delete(name)
    },
  }
}
