/** What each key draws on and pays with, and the drawing: a verification's last word. */

import type { Config } from '../config.js'
import { SidekeyError } from '../errors.js'
import type { ApiKey } from '../key/record.js'
import { andThen, type Soon } from '../soon.js'
import { type Accepted, type Refused, refused, type VerifyRequest } from '../verify/verification.js'
import type { Credits } from './credits.js'
import {
  accountsOf,
  type Draught,
  type Drawn,
  draughtsOf,
  draw,
  drawHere,
  type LimitStates,
  type NamedAccount,
  type Plan,
  planFor,
  planOf,
  putBack,
} from './limiter.js'
import type { Permits } from './permits.js'

/** What a key draws on. */
export interface Metered {
  /** The accounts of the key, and those of the key that made it. */
  readonly own: readonly NamedAccount[]
  readonly parents: readonly NamedAccount[]
  /** The key whose credits pay: the one that made it, where that has some. `null`: requests cost none. */
  readonly payer: ApiKey | null
  /** What a request draws on that names no limit, or one. */
  readonly plans: Map<string | undefined, Plan>
}

/** What a request draws. */
type Asked = Pick<VerifyRequest, 'limit' | 'cost'>

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
  /** Credits that it has paid. */
  readonly paid: number
}

const NONE: readonly NamedAccount[] = Object.freeze([])

export function createMeters(config: Config, permits: Permits, credits: Credits): Meters {
  /** By the record that callers see, which is there once for each key in memory. */
  const known = new WeakMap<ApiKey, Metered>()

  function own(key: ApiKey): readonly NamedAccount[] {
    return accountsOf(key, { ...config.kinds.get(key.kind)?.limits, ...key.limits })
  }

  function metered(key: ApiKey, parents: readonly NamedAccount[], payer: ApiKey | null): Metered | null {
    const there = known.get(key)
    if (there !== undefined && there.parents === parents && there.payer === payer) return there
    const made: Metered = { own: there?.own ?? own(key), parents, payer, plans: new Map() }
    if (made.own.length === 0 && parents.length === 0 && payer === null) {
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

  function charged(
    accepted: Accepted,
    due: Plan,
    cost: number,
    payer: ApiKey | null,
    price: number,
    now: number,
  ): Soon<Accepted | Refused> {
    const limits = drawHere(permits, due, cost, now)
    if (limits === null) {
      return draw(permits, due, cost, now).then(drawn =>
        drawn.ok && payer !== null
          ? paid(accepted, drawn.limits, drawn.draughts, payer, price, now)
          : judged(accepted, drawn),
      )
    }
    if (payer === null) return chargedWith(accepted, limits, null)
    return paid(accepted, limits, draughtsOf(due, cost), payer, price, now)
  }

  /** Takes credits, after the limits; where there are too few, those have theirs back. */
  async function paid(
    accepted: Accepted,
    limits: LimitStates,
    draughts: readonly Draught[],
    payer: ApiKey,
    cost: number,
    now: number,
  ): Promise<Accepted | Refused> {
    try {
      const spent = await credits.spend(payer, cost, now)
      if (spent.ok) return chargedWith(accepted, limits, { balance: spent.balance })
      putBack(permits, draughts)
      const { retryAfterSeconds: retryAfter } = spent
      return { ...refused('CREDITS_EXHAUSTED'), ...(retryAfter !== undefined && { retryAfter }) }
    } catch (error) {
      putBack(permits, draughts)
      if (!(error instanceof SidekeyError)) config.logger.error({ err: error }, 'credits could not be taken')
      return refused('STORE_UNAVAILABLE')
    }
  }

  return {
    of: key => metered(key, NONE, key.credits === null ? null : key),
    within: (key, parent) =>
      metered(
        key,
        known.get(parent)?.own ?? NONE,
        parent.credits !== null ? parent : key.credits === null ? null : key,
      ),
    behind: ({ apiKey }) => known.get(apiKey) ?? null,
    charge: (drawsOn, accepted, { limit, cost = 1 }, now) =>
      charged(accepted, plan(drawsOn, limit), cost, drawsOn.payer, cost, now),

    chargeOnce(accepted, { limit, cost = 1 }, before) {
      const drawsOn = known.get(accepted.apiKey)
      if (drawsOn === undefined) return { verification: accepted, accounts: NONE, paid: 0 }
      const whole = plan(drawsOn, limit)
      const due = before === null ? whole : without(whole, before.accounts)
      const accounts = [...(before?.accounts ?? NONE), ...due.costed, ...due.besides]
      // Of several who ask, the dearest is paid.
      const rest = Math.max(0, cost - (before?.paid ?? 0))
      const payer = rest > 0 ? drawsOn.payer : null
      const after = { accounts, paid: Math.max(cost, before?.paid ?? 0) }
      return andThen(charged(accepted, due, cost, payer, rest, Date.now()), found =>
        merged(found, after, before),
      )
    },
  }
}

function without({ costed, besides }: Plan, accounts: readonly NamedAccount[]): Plan {
  const isDue = (account: NamedAccount) => !accounts.includes(account)
  return planFor(costed.filter(isDue), besides.filter(isDue))
}

/** With what was told before. */
function merged(
  verification: Accepted | Refused,
  after: Omit<Charged, 'verification'>,
  before: Charged | null,
): Charged {
  if (before === null) return { verification, ...after }
  const limits = { ...before.verification.limits, ...verification.limits }
  if (!verification.ok) return { ...before, verification: { ...verification, limits } }
  const credits = verification.credits ?? (before.verification.ok ? before.verification.credits : null)
  return { verification: { ...verification, limits, credits }, ...after }
}

function judged(accepted: Accepted, { ok, limits, retryAfter }: Drawn): Accepted | Refused {
  return ok ? chargedWith(accepted, limits, null) : { ...refused('RATE_LIMITED'), retryAfter, limits }
}

/** Field by field: a spread takes longer than the verification. By its class, as the states of limits are (limiter.ts). */
class AcceptedOnce implements Accepted {
  readonly ok = true
  constructor(
    readonly apiKey: Accepted['apiKey'],
    readonly owner: Accepted['owner'],
    readonly permissions: Accepted['permissions'],
    readonly resources: Accepted['resources'],
    readonly limits: LimitStates,
    readonly credits: Accepted['credits'],
    readonly tokenEndsAt: Accepted['tokenEndsAt'],
  ) {}
}

function chargedWith(
  { apiKey, owner, permissions, resources, tokenEndsAt }: Accepted,
  limits: LimitStates,
  credits: Accepted['credits'],
): Accepted {
  return new AcceptedOnce(apiKey, owner, permissions, resources, limits, credits, tokenEndsAt)
}
