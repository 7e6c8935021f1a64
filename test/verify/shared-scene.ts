/** A time that only the test moves, and the changes and leases of processes that share a database, in memory: held up and failing as the test says. */
import type { Clock } from '../../src/clock.js'
import type { ChangeEntry, Lease, Named, SharedChanges } from '../../src/store/store.js'

/** As many as the store has to keep at least. */
const KEPT = 512
const EPOCH = 1_800_000_000_000
/** Far more than happens in any time that a test lets pass. */
const MOST_EVENTS = 2_000

/** Lets everything run that waits for no time. */
export const settled = () => new Promise<void>(resolve => setImmediate(resolve))

export interface Time {
  readonly clock: Clock
  /** By the monotonic clock. */
  now(): number
  /** Lets so many ms pass; what is due on the way happens in its moment. */
  pass(ms: number): Promise<void>
  /** Somebody sets the machine's clock. */
  setWall(by: number): void
  /** What `random()` answers. */
  random: number
  /** When something is to happen next, in ms from now; `null`: never. */
  next(): number | null
}

export function manualTime(): Time {
  let now = 5_000
  let wall = EPOCH
  const timers = new Set<{ readonly at: number; readonly then: () => void }>()
  const sorted = () => [...timers].sort((a, b) => a.at - b.at)

  function after(ms: number, then: () => void): () => void {
    const timer = { at: now + Math.max(0, ms), then }
    timers.add(timer)
    return () => void timers.delete(timer)
  }
  function moveTo(then: number): void {
    wall += then - now
    now = then
  }

  const time: Time = {
    clock: {
      monotonic: () => now,
      wall: () => wall,
      random: () => time.random,
      after,
      sleep: ms => new Promise(resolve => after(ms, resolve)),
    },
    now: () => now,
    async pass(ms) {
      await settled()
      const end = now + ms
      for (let events = 0; ; events++) {
        const [next] = sorted()
        if (next === undefined || next.at > end) break
        if (events > MOST_EVENTS) throw new Error('time does not pass: something happens again and again')
        timers.delete(next)
        moveTo(next.at)
        next.then()
        await settled()
      }
      moveTo(end)
      await settled()
    },
    setWall(by) {
      wall += by
    },
    random: 0.5,
    next() {
      const [next] = sorted()
      return next === undefined ? null : next.at - now
    },
  }
  return time
}

type Operation = Exclude<keyof SharedChanges, 'kind'>

interface Asked {
  readonly name: Operation
  readonly args: readonly unknown[]
  readonly at: number
}

export interface SharedScene {
  readonly changes: SharedChanges
  readonly leases: Map<string, Lease>
  /** What was published, oldest first. */
  readonly entries: readonly ChangeEntry[]
  /** What was asked, in order. */
  readonly asked: readonly Asked[]
  /** These take effect, and fail for whoever has asked. */
  readonly fails: Set<Operation>
  /** These take effect, and are answered once what is returned is called. */
  hold(name: Operation): () => void
  /** How often this was asked. */
  count(name: Operation): number
  /** Another process publishes. */
  publish(tag: string, named?: Partial<Named>): void
  /** Another process has this lease. */
  lease(id: string, more?: Partial<Lease>): void
  /** Everything is gone, as where the database was emptied. */
  empty(): void
}

export function sharedScene({ now }: Pick<Time, 'now'>): SharedScene {
  const leases = new Map<string, Lease>()
  const entries: ChangeEntry[] = []
  const asked: Asked[] = []
  const fails = new Set<Operation>()
  const held = new Map<Operation, Promise<void>>()
  let tag: string | null = null

  async function answer<T>(name: Operation, args: readonly unknown[], act: () => T): Promise<T> {
    asked.push({ name, args, at: now() })
    const done = act()
    await held.get(name)
    if (fails.has(name)) throw new Error(`${name} was not answered`)
    return done
  }
  function add(entry: ChangeEntry): void {
    entries.push(entry)
    entries.splice(0, entries.length - KEPT)
    tag = entry.tag
  }

  return {
    leases,
    entries,
    asked,
    fails,
    hold(name) {
      let letGo = () => {}
      held.set(name, new Promise(resolve => (letGo = resolve)))
      return () => {
        held.delete(name)
        letGo()
      }
    },
    count: name => asked.filter(one => one.name === name).length,
    publish: (tag, named = {}) => add({ tag, keyIds: [], owners: [], ...named }),
    lease: (id, more) => void leases.set(id, { id, tag: null, beat: 0, leaseMs: 10_000, ...more }),
    empty() {
      leases.clear()
      entries.length = 0
      tag = null
    },
    changes: {
      kind: 'shared',
      read: most => answer('read', [most], () => ({ tag, recent: entries.slice(-most) })),
      tags: () => answer('tags', [], () => entries.map(entry => entry.tag)),
      publish: entry => answer('publish', [entry], () => add(entry)),
      insertLease: lease => answer('insertLease', [lease], () => void leases.set(lease.id, lease)),
      renewLease: (id, tag) =>
        answer('renewLease', [id, tag], () => {
          const lease = leases.get(id)
          if (lease === undefined) return false
          leases.set(id, { ...lease, tag, beat: lease.beat + 1 })
          return true
        }),
      leases: () => answer('leases', [], () => [...leases.values()]),
      removeLease: (id, beat) =>
        answer('removeLease', [id, beat], () => {
          if (beat === undefined || leases.get(id)?.beat === beat) leases.delete(id)
        }),
    },
  }
}
