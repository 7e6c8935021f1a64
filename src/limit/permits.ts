/**
 * The permit lease: a process takes points of a limit from the shared counter by the chunk, and spends them from memory.
 *
 * - **Exact.** The counter only adds. Who adds n and is answered s has the whole numbers from s - n to s, and of those the
 *   ones below the limit are permits: no two processes have one in common, so their sum is never above the limit. What was
 *   added above it is taken back, and so are permits that are not wanted, to their own window: its counter is never lower
 *   than what has been taken and not given back.
 * - **Windows are numbered** (time divided by length), and the number is in the counter's name. A permit counts in the window
 *   whose number was in the request that took it, and in no other; the number is reckoned before the request goes out.
 * - **Small limits are taken one by one**, so that nothing of them lies idle in a process. Of larger ones a chunk is at most a
 *   sixth of what is left (guided self-scheduling: Polychronopoulos and Kuck, 1987), and no more than the traffic of this
 *   process lets expect: the end of a window is shared out one by one again.
 * - **Backend away.** Each process holds to its share: the limit, divided by the living processes.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.js'
import type { Soon } from '../soon.js'
import type { Counters } from './counters.js'
import {
  type Account,
  ASKS_A_WINDOW,
  chunkOf,
  gone,
  IDLE_MS,
  isBeyond,
  isIdle,
  isOpen,
  leftFor,
  newPurse,
  type OpenPurse,
  type Purse,
  refusedBy,
  remainingIn,
  shareOf,
  spend,
  spentFrom,
  type Taken,
  turn,
} from './purse.js'

export interface Permits {
  /** The purse of an account, where what is in it will do: `spend` takes it. `null`: it has to be asked for by `take`. */
  here(account: Account, cost: number, now: number): Purse | null
  /** Spends what is here; what is left then. */
  spend(purse: Purse, cost: number, now: number): number
  /** Takes points, or none: `cost` is a whole number. A promise only where the backend has to be asked. */
  take(account: Account, cost: number): Soon<Taken>
  /** Gives back what was taken from the window that ends then, where another limit of the same request had nothing left. */
  putBack(account: Account, cost: number, resetsAt: number): void
  /** Gives back to the backend what is not spent. Never rejects. */
  close(): Promise<void>
}

export interface PermitSources {
  readonly counters: Counters
  readonly clock: Pick<Clock, 'wall' | 'after'>
  /** How many processes draw on the same counters. */
  readonly processes: () => Promise<number>
  readonly warn: (error: unknown, message: string) => void
}

const SHORTEST_PAUSE_MS = 250
const GIVEN_AT_ONCE = 100
const MOST_PURSES = 100_000
const TOUCH_MS = 1_000
/** The counter outlives its window by this: clocks differ. */
const SLACK_MS = 60_000
/** A backend that is away is asked again after so long. */
const AWAY_MS = 1_000
const PROCESSES_FOR_MS = 30_000

export function createPermits({ counters, clock, processes, warn }: PermitSources): Permits {
  let kept: LRUCache<string, OpenPurse> | null = null
  /** Made at first use: it takes its room at once. */
  const purses = () => {
    kept ??= new LRUCache<string, OpenPurse>({ max: MOST_PURSES, dispose: gone })
    return kept
  }
  let awayUntil = 0
  let living = { count: 1, until: 0 }
  let callOff: (() => void) | null = null
  let closed = false

  function purseOf(account: Account, now: number): OpenPurse {
    let purse = account.purse as OpenPurse | null // made by this function
    if (purse === null || !purse.isLive) purse = found(account, now)
    else if (now - purse.touchedAt >= TOUCH_MS) {
      purse.touchedAt = now
      purses().get(account.name)
    }
    if (now >= purse.endsAt || now < purse.endsAt - account.perMs)
      turn(purse, Math.floor(now / account.perMs))
    if (purse.account !== account) {
      // Of a limit that has been changed nothing is left over.
      if (purse.account.points !== account.points && purse.free > 0) void returned(purse)
      purse.account = account
    }
    return purse
  }

  function found(account: Account, now: number): OpenPurse {
    let purse = purses().get(account.name)
    if (purse === undefined) {
      purse = newPurse(account, now)
      purses().set(account.name, purse)
    }
    account.purse = purse
    return purse
  }

  function take(account: Account, cost: number): Soon<Taken> {
    const now = clock.wall()
    const purse = purseOf(account, now)
    if (purse.waiting.length === 0) {
      if (purse.free >= cost) return spentFrom(purse, cost, now)
      if (cost > account.points || (now < purse.toldUntil && isBeyond(purse, cost))) return refusedBy(purse)
    }
    return new Promise(go => {
      purse.waiting.push({ cost, go })
      if (!purse.asking) void ask(purse)
    })
  }

  /** Asks the backend until nobody waits any more. */
  async function ask(purse: OpenPurse): Promise<void> {
    purse.asking = true
    while (purse.waiting.length > 0) {
      const { window } = purse
      await fill(purse)
      const now = clock.wall()
      const windowNow = Math.floor(now / purse.account.perMs)
      // Permits have died with their window: who waits is served from the one that it is now.
      if (windowNow === window) serve(purse, now)
      else turn(purse, windowNow)
    }
    purse.asking = false
    if (purse.free > 0 && !closed) callOff ??= clock.after(IDLE_MS, tidy)
  }

  /** Takes what is wanted, or a chunk. */
  async function fill(purse: OpenPurse): Promise<void> {
    const { account, window } = purse
    const costs = purse.waiting.map(({ cost }) => cost)
    const wanted = costs.reduce((sum, cost) => sum + cost, 0)
    // Where there does not seem to be enough, to ask for nothing tells what there is.
    const isShort = costs.every(cost => isBeyond(purse, cost))
    const left = Math.max(0, account.points - purse.counted)
    const asked =
      isShort && purse.share === null ? 0 : Math.min(Math.max(wanted, chunkOf(purse, clock.wall())), left)
    const owed = purse.owed
    const sum = await added(purse, asked + owed)
    if (sum === null) return purse.window === window ? insure(purse, wanted) : undefined
    // As integers of 32 bits: a purse with a fraction in its past takes twice as long.
    const granted = Math.max(0, Math.min(asked, account.points - (sum - asked))) | 0
    if (granted < asked) void give(account, window, asked - granted)
    if (purse.window !== window) return
    purse.share = null
    purse.owed -= owed
    purse.counted = Math.min(sum, account.points) | 0
    purse.free += granted
    purse.toldUntil = clock.wall() + Math.max(SHORTEST_PAUSE_MS, account.perMs / ASKS_A_WINDOW)
  }

  /** The backend is away: this process's share of the limit is what it may spend, and is counted there when it is back. */
  function insure(purse: OpenPurse, wanted: number): void {
    purse.share ??= shareOf(purse, living.count)
    const granted = Math.min(wanted, leftFor(purse))
    purse.owed += granted
    purse.free += granted
    purse.toldUntil = awayUntil
  }

  /** The counter of a window, with these points added. */
  function count({ name, perMs }: Account, window: number, points: number): Promise<number> {
    return counters.add(`${name}:${window}`, points, (window + 1) * perMs - clock.wall() + SLACK_MS)
  }

  /** The counter with these points added; `null`: the backend is away. */
  async function added(purse: OpenPurse, points: number): Promise<number | null> {
    if (clock.wall() < awayUntil) return null
    if (counters.kind === 'shared') void countProcesses()
    try {
      return await count(purse.account, purse.window, points)
    } catch (error) {
      awayUntil = clock.wall() + AWAY_MS
      warn(error, 'limits cannot be counted; each process holds to its share of them')
      return null
    }
  }

  /** Serves who waits, in turn, and refuses whom there is not enough for. */
  function serve(purse: OpenPurse, now: number): void {
    for (const one of purse.waiting.splice(0)) {
      if (purse.free >= one.cost) one.go(spentFrom(purse, one.cost, now))
      else if (isBeyond(purse, one.cost)) one.go(refusedBy(purse))
      else purse.waiting.push(one)
    }
  }

  async function countProcesses(): Promise<void> {
    const now = clock.wall()
    if (now < living.until) return
    living = { ...living, until: now + PROCESSES_FOR_MS }
    try {
      living = { ...living, count: Math.max(1, await processes()) }
    } catch {
      // As many as there were.
    }
  }

  /** Gives points back to the counter of a window. */
  async function give(account: Account, window: number, points: number): Promise<void> {
    try {
      await count(account, window, -points)
    } catch {
      // They are spent, then: the limit is not exceeded.
    }
  }

  /** Gives back what has lain idle while its window lasts. */
  function tidy(): void {
    callOff = null
    const now = clock.wall()
    let others = false
    let left = GIVEN_AT_ONCE
    for (const purse of kept?.values() ?? []) {
      if (!isOpen(purse, now) || purse.asking) continue
      if (left > 0 && isIdle(purse, now)) {
        left--
        void returned(purse)
      } else others = true
    }
    if (others && !closed) callOff = clock.after(IDLE_MS, tidy)
  }

  async function returned(purse: OpenPurse): Promise<void> {
    const { account, window, free } = purse
    // What is under way may tell the counter of them, or fail: then they are spent, and the limit is not exceeded.
    if (purse.asking) {
      purse.free = 0
      return
    }
    // What the counter does not know of yet need not go back to it.
    const unknown = Math.min(free, purse.owed)
    purse.free = 0
    purse.owed -= unknown
    purse.counted = Math.max(0, purse.counted - (free - unknown))
    if (free > unknown) await give(account, window, free - unknown)
  }

  return {
    here(account, cost, now) {
      const purse = purseOf(account, now)
      return purse.free >= cost && purse.waiting.length === 0 ? purse : null
    },
    spend(purse, cost, now) {
      const open = purse as OpenPurse // of `here`
      spend(open, cost, now)
      return remainingIn(open)
    },
    take,
    putBack(account, cost, resetsAt) {
      const purse = purseOf(account, clock.wall())
      // Its window may have ended meanwhile.
      if ((purse.window + 1) * account.perMs !== resetsAt) return
      purse.spent -= cost
      purse.free += cost
      if (!closed) callOff ??= clock.after(IDLE_MS, tidy)
    },
    async close() {
      closed = true
      callOff?.()
      const now = clock.wall()
      const current = [...(kept?.values() ?? [])].filter(purse => isOpen(purse, now))
      await Promise.all(current.map(returned))
    },
  }
}
