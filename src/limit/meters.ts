/** What each key draws on, and the drawing: a verification's last word. */
import type { ApiKey } from '../key/record.js'
import type { Config } from '../options.js'
import type { Soon } from '../soon.js'
import { type Accepted, type Refused, refused } from '../verify/verification.js'
import {
  accountsOf,
  type Drawn,
  draw,
  drawHere,
  type LimitStates,
  type NamedAccount,
  type Plan,
  planOf,
} from './limiter.js'
import type { Permits } from './permits.js'

/** What a key draws on. */
export interface Metered {
  /** The accounts of the key, and those of the key that made it. */
  readonly own: readonly NamedAccount[]
  readonly parents: readonly NamedAccount[]
  /** What a request draws on that names no limit, or one. */
  readonly plans: Map<string | undefined, Plan>
}

/** What a request draws. */
export interface Asked {
  /** The limits that it draws `cost` from. Default: `requests`, or where there is none, all of them. */
  readonly limit?: string | readonly string[]
  /** Points: a whole number. Default: 1. */
  readonly cost?: number
}

export interface Meters {
  /** What a key draws on by itself; `null`: it has no limits. */
  of(key: ApiKey): Metered | null
  /** The same of a key that was made by another, and draws on that one's limits too. */
  within(key: ApiKey, parent: ApiKey): Metered | null
  /** Of a key that was accepted. */
  behind(accepted: Accepted): Metered | null
  /** Draws what a request costs on all that its key has, or on nothing. A promise only where a backend has to be asked. */
  charge(metered: Metered, accepted: Accepted, asked: Asked, now: number): Soon<Accepted | Refused>
  /** The same for one of several who ask for the same request: no limit is drawn on twice. */
  chargeOnce(accepted: Accepted, asked: Asked, before: Charged | null): Soon<Charged>
}

/** A verification that has been charged, and what its request has drawn on so far. */
export interface Charged {
  readonly verification: Accepted | Refused
  readonly accounts: readonly NamedAccount[]
}

const NONE: readonly NamedAccount[] = Object.freeze([])

export function createMeters(config: Config, permits: Permits): Meters {
  /** By the record that callers see, which is there once for each key in memory. */
  const known = new WeakMap<ApiKey, Metered>()

  function own(key: ApiKey): readonly NamedAccount[] {
    return accountsOf(key, { ...config.kinds.get(key.kind)?.limits, ...key.limits })
  }

  function metered(key: ApiKey, parents: readonly NamedAccount[]): Metered | null {
    const there = known.get(key)
    if (there !== undefined && there.parents === parents) return there
    const made: Metered = { own: there?.own ?? own(key), parents, plans: new Map() }
    if (made.own.length === 0 && parents.length === 0) {
      known.delete(key)
      return null
    }
    known.set(key, made)
    return made
  }

  function plan({ own, parents, plans }: Metered, limit: Asked['limit']): Plan {
    if (typeof limit === 'object') return planOf([own, parents], limit)
    let made = plans.get(limit)
    if (made === undefined) {
      made = planOf([own, parents], limit)
      plans.set(limit, made)
    }
    return made
  }

  function charged(accepted: Accepted, due: Plan, cost: number, now: number): Soon<Accepted | Refused> {
    const limits = drawHere(permits, due, cost, now)
    if (limits !== null) return withLimits(accepted, limits)
    return draw(permits, due, cost, now).then(drawn => judged(accepted, drawn))
  }

  return {
    of: key => metered(key, NONE),
    within: (key, parent) => metered(key, known.get(parent)?.own ?? NONE),
    behind: ({ apiKey }) => known.get(apiKey) ?? null,
    charge: (drawsOn, accepted, { limit, cost = 1 }, now) =>
      charged(accepted, plan(drawsOn, limit), cost, now),

    chargeOnce(accepted, { limit, cost = 1 }, before) {
      const drawsOn = known.get(accepted.apiKey)
      if (drawsOn === undefined) return { verification: accepted, accounts: NONE }
      const whole = plan(drawsOn, limit)
      const due = before === null ? whole : without(whole, before.accounts)
      const accounts = [...(before?.accounts ?? NONE), ...due.costed, ...due.besides]
      const verification = charged(accepted, due, cost, Date.now())
      return verification instanceof Promise
        ? verification.then(found => merged(found, accounts, before))
        : merged(verification, accounts, before)
    },
  }
}

function without({ costed, besides }: Plan, accounts: readonly NamedAccount[]): Plan {
  const isDue = (account: NamedAccount) => !accounts.includes(account)
  return { costed: costed.filter(isDue), besides: besides.filter(isDue) }
}

/** With what was told of other limits before. */
function merged(
  verification: Accepted | Refused,
  accounts: readonly NamedAccount[],
  before: Charged | null,
): Charged {
  if (before === null) return { verification, accounts }
  const limits = { ...before.verification.limits, ...verification.limits }
  return { verification: { ...verification, limits }, accounts: verification.ok ? accounts : before.accounts }
}

function judged(accepted: Accepted, { ok, limits, retryAfter }: Drawn): Accepted | Refused {
  return ok ? withLimits(accepted, limits) : { ...refused('RATE_LIMITED'), retryAfter, limits }
}

/** Field by field: a spread takes longer than the verification. */
function withLimits(
  { apiKey, owner, permissions, resources, tokenEndsAt }: Accepted,
  limits: LimitStates,
): Accepted {
  return { ok: true, apiKey, owner, permissions, resources, limits, tokenEndsAt }
}
