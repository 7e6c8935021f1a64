/** What each key draws on, and the drawing: a verification's last word. */
import type { Clock } from '../clock.js'
import type { ApiKey } from '../key/record.js'
import type { Config } from '../options.js'
import { andThen, type Soon } from '../soon.js'
import { type Accepted, type Refused, refused } from '../verify/verification.js'
import { accountsOf, type Draw, type Drawn, draw, type LimitStates, type NamedAccount } from './limiter.js'
import type { Permits } from './permits.js'

/** The accounts of a key, and those of the key that made it. */
export interface Metered {
  readonly own: readonly NamedAccount[]
  readonly parents: readonly NamedAccount[]
}

export interface Meters {
  /** What a key draws on by itself; `null`: it has no limits. */
  of(key: ApiKey): Metered | null
  /** The same of a key that was made by another, and draws on that one's limits too. */
  within(key: ApiKey, parent: ApiKey): Metered | null
  /** Whether a key that was accepted has anything to draw on. */
  isMetered(accepted: Accepted): boolean
  /**
   * Draws what a request costs on all that its key has, or on nothing.
   * @param before what the same request has drawn already, of which nothing is drawn twice
   */
  charge(accepted: Accepted, asked: Draw, before?: Charged): Soon<Charged>
}

/** A verification that has been charged, and the accounts that it has drawn on. */
export interface Charged {
  readonly verification: Accepted | Refused
  readonly names: readonly string[]
  readonly limits: LimitStates
}

const NOTHING: Charged['names'] = []

export function createMeters(config: Config, permits: Permits, clock: Pick<Clock, 'wall'>): Meters {
  /** By the record that callers see, which is there once for each key in memory. */
  const known = new WeakMap<ApiKey, Metered>()

  function own(key: ApiKey): readonly NamedAccount[] {
    const ofKind = config.kinds.get(key.kind)?.limits
    return accountsOf(key, { ...ofKind, ...key.limits })
  }

  function metered(key: ApiKey, parents: readonly NamedAccount[]): Metered | null {
    const there = known.get(key)
    if (there !== undefined && there.parents === parents) return there
    const made = { own: there?.own ?? own(key), parents }
    if (made.own.length === 0 && parents.length === 0) {
      known.delete(key)
      return null
    }
    known.set(key, made)
    return made
  }

  return {
    of: key => metered(key, NONE),
    within: (key, parent) => metered(key, known.get(parent)?.own ?? NONE),
    isMetered: ({ apiKey }) => known.has(apiKey),
    charge(accepted, asked, before) {
      const { apiKey } = accepted
      const drawsOn = known.get(apiKey)
      const names = before?.names ?? NOTHING
      if (drawsOn === undefined) return { verification: accepted, names, limits: accepted.limits }
      const now = clock.wall()
      const drawn = draw(permits, [drawsOn.own, drawsOn.parents], asked, names, now)
      return andThen(drawn, done => chargedBy(accepted, done, before))
    },
  }
}

const NONE: readonly NamedAccount[] = Object.freeze([])

function chargedBy(accepted: Accepted, drawn: Drawn, before: Charged | undefined): Charged {
  const limits = before === undefined ? drawn.limits : { ...before.limits, ...drawn.limits }
  const names = before === undefined ? drawn.names : [...before.names, ...drawn.names]
  const verification = drawn.ok
    ? { ...accepted, limits }
    : { ...refused('RATE_LIMITED'), retryAfter: drawn.retryAfter, limits }
  return { verification, names, limits }
}
