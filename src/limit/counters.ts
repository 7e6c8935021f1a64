/**
 * Where points are counted. All that is asked of a backend is one atomic addition, which answers the sum: what was asked
 * for is then one interval of whole numbers, and no other process has any of it (limit/permits.ts).
 */
import type { RateLimiterAbstract, RateLimiterMemory } from 'rate-limiter-flexible'

/** Where the points of limits are counted: the store's `counters`, or the option `limiter`. */
export interface Counters {
  /** `local`: no other process counts with it. */
  readonly kind: 'local' | 'shared'
  /**
   * Adds points, which may be negative, to a counter, and answers the sum. One that is not there begins at zero, and goes when
   * `ttlMs` have passed or later. What was lost on the way may have been added.
   */
  add(name: string, points: number, ttlMs: number): Promise<number>
}

/** The part of a limiter of rate-limiter-flexible that is used: what its own options say of points and blocks is not asked. */
export type Limiter = Pick<RateLimiterAbstract, 'penalty' | 'reward'>

/**
 * Counters in a limiter of rate-limiter-flexible: Redis, Valkey, PostgreSQL and what else it has.
 * @param attrs fields that a counter has besides, and is found by
 */
export function countersOver(
  limiter: () => Limiter | Promise<Limiter>,
  {
    kind = 'shared',
    attrs,
  }: { readonly kind?: Counters['kind']; readonly attrs?: (name: string) => object } = {},
): Counters {
  return {
    kind,
    async add(name, points, ttlMs) {
      const options = { customDuration: Math.ceil(ttlMs / 1000), ...(attrs && { attrs: attrs(name) }) }
      const there = await limiter()
      const { consumedPoints } =
        points < 0 ? await there.reward(name, -points, options) : await there.penalty(name, points, options)
      return consumedPoints
    },
  }
}

/** Counters in this process's memory. */
export function localCounters(): Counters {
  let limiter: Promise<RateLimiterMemory> | undefined
  return countersOver(
    () => {
      limiter ??= memoryLimiter()
      return limiter
    },
    { kind: 'local' },
  )
}

/** Loaded when the first key has a limit: it brings a limiter for each of a dozen databases. */
async function memoryLimiter(): Promise<RateLimiterMemory> {
  const { RateLimiterMemory } = await import('rate-limiter-flexible')
  return new RateLimiterMemory({ keyPrefix: '', points: 1, duration: 1 })
}
