/** Time, as what depends on it asks for it: so that a simulation can have a time of its own. */
export interface Clock {
  /** Ms that only run forward, whatever is done to the machine's clock. */
  monotonic(): number
  /** Ms since the epoch by the machine's clock. */
  wall(): number
  /** Calls `then` in `ms`, and answers how to call it off. A timer does not keep the process alive. */
  after(ms: number, then: () => void): () => void
  /** Resolves in `ms`. Somebody waits for it, and the process with them. */
  sleep(ms: number): Promise<void>
  /** A number from 0 up to, not including, 1. */
  random(): number
}

export const CLOCK: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms).unref()
    return () => clearTimeout(timer)
  },
  sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
  random: Math.random,
}

/** A moment: by the machine's clock for what dates say, by the monotonic one for what is kept in memory. */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
}
