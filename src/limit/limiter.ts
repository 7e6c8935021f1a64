/** What a verification draws on: the limits of its key, and of the key that made it, all of them or none. */
import { DEFAULT_LIMIT, type Limits, windowMs } from '../key/limit.js'
import { type ApiKey, ownerName } from '../key/record.js'
import type { Soon } from '../soon.js'
import type { Account, Permits, Taken } from './permits.js'

/** Where a request stands with one limit. */
export interface LimitState {
  readonly points: number
  /** How long a window is, in ms. */
  readonly perMs: number
  /** What is left of this window. */
  readonly remaining: number
  /** When the next window begins. */
  readonly resetsAt: Date
}

export type LimitStates = Readonly<Record<string, LimitState>>

/** Of a key without limits. */
export const UNLIMITED: LimitStates = Object.freeze({})

/** One limit of a key, ready to be drawn on. */
export interface NamedAccount extends Account {
  readonly limit: string
}

/** What a request draws. */
export interface Draw {
  /** The limits that it draws `cost` from. Default: `requests`, or where there is none, all of them. */
  readonly limit?: string | readonly string[]
  /** Points: a whole number. Default: 1. */
  readonly cost?: number
}

export interface Drawn {
  readonly ok: boolean
  readonly limits: LimitStates
  /** Until the next window, in whole seconds, where there was not enough. */
  readonly retryAfter: number
  /** The accounts that were drawn on. */
  readonly names: readonly string[]
}

/** The accounts of a key's limits. One that is shared has the same name whoever draws on it. */
export function accountsOf(key: ApiKey, limits: Limits): NamedAccount[] {
  return Object.entries(limits).map(([limit, { points, per, by = 'key' }]) => {
    const perMs = windowMs(per)
    if (perMs === null) throw new Error(`unreachable: the limit ${limit} was checked`)
    return { limit, points, perMs, name: `${sharers(key, by)}:${limit}` }
  })
}

function sharers(key: ApiKey, by: 'key' | 'owner' | 'organization'): string {
  if (by === 'key') return `key:${key.id}`
  // A key in no organisation's context has nobody to share with but its owner's others.
  if (by === 'owner' || key.organizationId === null) return `owner:${ownerName(key.owner)}`
  return `organization:${JSON.stringify(key.organizationId)}`
}

/**
 * Draws on all accounts that the request is about, or on none.
 * @param sets the accounts of the key, and those of the key that made it
 * @param already names of accounts that this request has drawn on before
 */
export function draw(
  permits: Permits,
  sets: readonly (readonly NamedAccount[])[],
  asked: Draw,
  already: readonly string[],
  now: number,
): Soon<Drawn> {
  const due = sets
    .flatMap(accounts => dueOf(accounts, asked))
    .filter(({ account }) => !already.includes(account.name))
  const taken: Taken[] = []
  for (let i = 0; i < due.length; i++) {
    const { account, cost } = due[i] as Due // it is below the length
    const one = permits.take(account, cost)
    if (one instanceof Promise) return drawOn(permits, due, taken, one, now)
    taken.push(one)
    if (!one.ok) break
  }
  return settled(permits, due, taken, now)
}

interface Due {
  readonly account: NamedAccount
  readonly cost: number
}

/** The same, from the first one on that has to be waited for. */
async function drawOn(
  permits: Permits,
  due: readonly Due[],
  taken: Taken[],
  first: Promise<Taken>,
  now: number,
): Promise<Drawn> {
  let one = await first
  taken.push(one)
  while (one.ok && taken.length < due.length) {
    const { account, cost } = due[taken.length] as Due // it is below the length
    one = await permits.take(account, cost)
    taken.push(one)
  }
  return settled(permits, due, taken, now)
}

function settled(permits: Permits, due: readonly Due[], taken: readonly Taken[], now: number): Drawn {
  const last = taken.at(-1)
  const ok = last === undefined || last.ok
  const limits: Record<string, LimitState> = {}
  for (let i = 0; i < taken.length; i++) {
    const { account, cost } = due[i] as Due // as many as were taken
    const one = taken[i] as Taken
    if (!ok && one.ok) permits.putBack(account, cost, one)
    const remaining = !ok && one.ok ? one.remaining + cost : one.remaining
    const known = limits[account.limit]
    // Of two with one name (a key's, and that of the key that made it) the tighter one is told.
    if (known === undefined || remaining < known.remaining) {
      const { points, perMs } = account
      limits[account.limit] = { points, perMs, remaining, resetsAt: new Date(one.resetsAt) }
    }
  }
  const retryAfter = last === undefined || ok ? 0 : Math.max(1, Math.ceil((last.resetsAt - now) / 1000))
  return { ok, limits, retryAfter, names: ok ? due.map(({ account }) => account.name) : [] }
}

/** A request that names no limit is a request; one that names others is one, too. */
function dueOf(accounts: readonly NamedAccount[], { limit, cost = 1 }: Draw): Due[] {
  const general = accounts.filter(account => account.limit === DEFAULT_LIMIT)
  if (limit === undefined) {
    return (general.length > 0 ? general : accounts).map(account => ({ account, cost }))
  }
  const named = typeof limit === 'string' ? [limit] : limit
  return accounts
    .filter(account => named.includes(account.limit) || account.limit === DEFAULT_LIMIT)
    .map(account => ({ account, cost: named.includes(account.limit) ? cost : 1 }))
}
