/**
 * A process and the machine under it: its clocks, which run at a rate of their own, and what becomes of it. While it is
 * paused nothing of it runs, and what comes in waits. Once it is killed nothing of it runs any more; what it has sent
 * is on its way all the same.
 */
import type { Clock } from '../../src/clock.js'
import type { Random } from './random.js'
import type { World } from './world.js'

export interface Machine {
  readonly name: string
  readonly clock: Clock
  isAlive(): boolean
  /** Runs `then` as this process: now, or when its pause ends, or never. */
  run(then: () => void): void
  /** How long it sleeps, at most, until it can run. */
  wakesAt(): number
  pause(ms: number): void
  /** Pauses, and the monotonic clock stands still the while, as that of a suspended machine may. */
  suspend(ms: number): void
  /** Somebody sets the machine's clock. */
  setWall(by: number): void
  kill(): void
}

/** Two clocks of rates within this of each other, either way, are at most 5 % apart. */
const FASTEST = Math.sqrt(1.05)
/** Machines have been on for so long, at most, in ms. */
const UPTIME = 1e6
const EPOCH = 1.8e12

export function createMachine(name: string, world: World, random: Random): Machine {
  const rate = FASTEST ** random.pick([-1, -1, 1, 1, random.between(-1, 1)])
  const bootedAt = -random.next() * UPTIME
  let stoodStill = 0
  let wallOffset = EPOCH
  let pausedUntil = 0
  let alive = true

  const monotonic = () => (world.now() - bootedAt) * rate - stoodStill

  function run(then: () => void): void {
    if (!alive) return
    if (world.now() < pausedUntil) world.at(pausedUntil, () => run(then))
    else then()
  }

  function after(ms: number, then: () => void): () => void {
    const due = monotonic() + ms
    let cancelled = false
    const fire = () => {
      if (cancelled) return
      const left = due - monotonic()
      // The clock has stood still meanwhile.
      if (left > 1e-6) return world.at(world.now() + left / rate, wait)
      then()
    }
    const wait = () => run(fire)
    world.at(world.now() + ms / rate, wait)
    return () => {
      cancelled = true
    }
  }

  function pause(ms: number): void {
    pausedUntil = Math.max(pausedUntil, world.now() + ms)
  }

  return {
    name,
    clock: {
      monotonic,
      wall: () => wallOffset + world.now() * rate,
      after,
      sleep: ms => new Promise(resolve => after(ms, resolve)),
      random: random.next,
    },
    isAlive: () => alive,
    run,
    wakesAt: () => Math.max(world.now(), pausedUntil),
    pause,
    suspend(ms) {
      pause(ms)
      // It stands still from now on; that it reads as much less at once is seen by nobody, for nothing runs.
      stoodStill += ms * rate
    },
    setWall(by) {
      wallOffset += by
    },
    kill() {
      alive = false
    },
  }
}
