/** What a verification draws on: the limits of its key, and of the key that made it, all of them or none. */
import { DEFAULT_LIMIT, type LimitScope, type Limits, windowMs } from '../key/limit.js'
import { type ApiKey, ownerName } from '../key/record.js'
import type { Permits } from './permits.js'
import type { Account, Purse, Taken } from './purse.js'

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

/** Where a key stands with each of its limits, by their names. */
export type LimitStates = Readonly<Record<string, LimitState>>

/** Of a key without limits. */
export const UNLIMITED: LimitStates = Object.freeze({})

/** One limit of a key, ready to be drawn on. */
export interface NamedAccount extends Account {
  readonly limit: string
}

/** The limits that a request is about: those that it draws its cost from, and those that it draws one point from. */
export interface Plan {
  readonly costed: readonly NamedAccount[]
  readonly besides: readonly NamedAccount[]
  /** A state for each limit, to be copied and filled in: an object that grows name by name takes several times as long. */
  readonly blank: LimitStates
}

const BLANK: LimitState = Object.freeze({ points: 0, perMs: 0, remaining: 0, resetsAt: new Date(0) })

/** A plan of these: those that a request draws its cost from, and those that it draws one point from. */
export function planFor(costed: readonly NamedAccount[], besides: readonly NamedAccount[]): Plan {
  const names = [...costed, ...besides].map(({ limit }) => [limit, BLANK] as const)
  return { costed, besides, blank: Object.fromEntries(names) }
}

/** What came of drawing. */
export interface Drawn {
  readonly ok: boolean
  readonly limits: LimitStates
  /** Until the next window, in whole seconds, where there was not enough. */
  readonly retryAfter: number
  readonly draughts: readonly Draught[]
}

/** The accounts of a key's limits. Whoever shares one has the same name for it. */
export function accountsOf(key: ApiKey, limits: Limits): NamedAccount[] {
  return Object.entries(limits).map(([limit, { points, per, by = 'key' }]) => {
    const perMs = windowMs(per)
    if (perMs === null) throw new Error(`unreachable: the limit ${limit} was checked`)
    // What is shared is shared as it is: with other points it is another limit.
    const size = by === 'key' ? perMs : `${perMs}:${points}`
    return { limit, points, perMs, name: `${sharers(key, by)}:${limit}:${size}`, purse: null }
  })
}

function sharers(key: ApiKey, by: LimitScope): string {
  if (by === 'key') return `key:${key.id}`
  // A key in no organisation's context has nobody to share with but its owner's others.
  if (by === 'owner' || key.organizationId === null) return `owner:${ownerName(key.owner)}`
  return `organization:${JSON.stringify(key.organizationId)}`
}

/**
 * The limits that a request is about: a request that names none is a request, and one that names others is one, too.
 * @param sets the accounts of the key, and those of the key that made it
 */
export function planOf(
  sets: readonly (readonly NamedAccount[])[],
  limit: string | readonly string[] | undefined,
): Plan {
  const named = limit === undefined ? null : [limit].flat()
  const seen = new Set<string>()
  const costed: NamedAccount[] = []
  const besides: NamedAccount[] = []
  for (const all of sets) {
    // A key and the one that made it may share one: it is drawn on once.
    const accounts = all.filter(({ name }) => !seen.has(name))
    for (const { name } of accounts) seen.add(name)
    const general = accounts.filter(account => account.limit === DEFAULT_LIMIT)
    if (named === null) costed.push(...(general.length > 0 ? general : accounts))
    else {
      costed.push(...accounts.filter(account => named.includes(account.limit)))
      if (!named.includes(DEFAULT_LIMIT)) besides.push(...general)
    }
  }
  return planFor(costed, besides)
}

/** Draws where all that is needed is here, as it mostly is; `null`: nothing was drawn, and it has to be asked for. */
export function drawHere(
  permits: Permits,
  { costed, besides, blank }: Plan,
  cost: number,
  now: number,
): LimitStates | null {
  for (const account of costed) if (permits.here(account, cost, now) === null) return null
  for (const account of besides) if (permits.here(account, 1, now) === null) return null
  const limits: Record<string, LimitState> = { ...blank }
  for (const account of costed) spendHere(permits, account, cost, now, limits)
  for (const account of besides) spendHere(permits, account, 1, now, limits)
  return limits
}

function spendHere(
  permits: Permits,
  account: NamedAccount,
  cost: number,
  now: number,
  limits: Record<string, LimitState>,
): void {
  const purse = account.purse as Purse // `here` has found it
  const { points, perMs, limit } = account
  tell(limits, limit, new State(points, perMs, permits.spend(purse, cost, now), purse.resetsAt))
}

/**
 * Made by its class, not as a literal: of literals, V8 learns where they are made how long they live, and where it has learned
 * that too early, it puts each into the old generation. A verification takes twice as long then.
 */
class State implements LimitState {
  constructor(
    readonly points: number,
    readonly perMs: number,
    readonly remaining: number,
    readonly resetsAt: Date,
  ) {}
}

/** Of two with one name (a key's, and that of the key that made it) the tighter one is told. */
function tell(limits: Record<string, LimitState>, name: string, state: LimitState): void {
  const known = limits[name]
  // A limit may be called what every object has, such as `valueOf`: a function is no state.
  if (typeof known !== 'object' || known === BLANK || state.remaining < known.remaining) limits[name] = state
}

/** What was drawn from one account, and the end of the window that it was of. */
export interface Draught {
  readonly account: NamedAccount
  readonly cost: number
  readonly resetsAt: number
}

/** What `drawHere` has just drawn. */
export function draughtsOf({ costed, besides }: Plan, cost: number): Draught[] {
  const of = (cost: number) => (account: NamedAccount) => {
    const { resetsAt } = account.purse as Purse // it was drawn on
    return { account, cost, resetsAt: resetsAt.getTime() }
  }
  return [...costed.map(of(cost)), ...besides.map(of(1))]
}

/** Puts back what was drawn for nothing. */
export function putBack(permits: Permits, draughts: readonly Draught[]): void {
  for (const { account, cost, resetsAt } of draughts) permits.putBack(account, cost, resetsAt)
}

/** Draws on all accounts that the request is about, one after another, or on none. */
export async function draw(permits: Permits, plan: Plan, cost: number, now: number): Promise<Drawn> {
  const due = [
    ...plan.costed.map(account => ({ account, cost })),
    ...plan.besides.map(account => ({ account, cost: 1 })),
  ]
  const taken: { readonly account: NamedAccount; readonly cost: number; readonly by: Taken }[] = []
  let ok = true
  for (const { account, cost } of due) {
    const by = await permits.take(account, cost)
    taken.push({ account, cost, by })
    ok = by.ok
    if (!ok) break
  }
  const limits: Record<string, LimitState> = {}
  let retryAfter = 0
  for (const { account, cost, by } of taken) {
    const { limit, points, perMs } = account
    const isBack = !ok && by.ok
    if (isBack) permits.putBack(account, cost, by.resetsAt)
    if (!by.ok) retryAfter = Math.max(1, Math.ceil((by.resetsAt - now) / 1000))
    const remaining = isBack ? by.remaining + cost : by.remaining
    tell(limits, limit, { points, perMs, remaining, resetsAt: new Date(by.resetsAt) })
  }
  const draughts = taken.map(({ account, cost, by }) => ({ account, cost, resetsAt: by.resetsAt }))
  return { ok, limits, retryAfter, draughts: ok ? draughts : [] }
}
