/** What a process has of a limit in one window, and what is reckoned from it. No I/O. */
import { readonlyDate } from '../key/readonly-date.js'

/** One limit of one who draws on it. */
export interface Account {
  /** Unique among all accounts; the counter's name begins with it. */
  readonly name: string
  readonly points: number
  readonly perMs: number
  /** Where this process has its permits: found once, not at each request. */
  purse: Purse | null
}

/** What is left of a limit, as far as this process knows. */
export interface Standing {
  readonly remaining: number
  /** When the next window begins, in ms since the epoch. */
  readonly resetsAt: number
}

export interface Taken extends Standing {
  readonly ok: boolean
}

/** What a process has of one account in one window; `free` permits are here, and not spent. */
export interface Purse {
  readonly free: number
  /** The end of its window, as a date. */
  readonly resetsAt: Date
}

export interface OpenPurse extends Purse {
  account: Account
  /** The number of the window, and when it ends. */
  window: number
  endsAt: number
  resetsAt: Date
  free: number
  /** Whether it is still the one of its account; and when it was last moved forward among the least recently used. */
  isLive: boolean
  touchedAt: number
  /** The counter, as it was last told. */
  counted: number
  /** Spent here in this window, and in the one before. */
  spent: number
  spentBefore: number
  spentAt: number
  /** What the backend has told of what is left is believed until this. */
  toldUntil: number
  /** The backend is away, and this is what may be spent without it; `null`: it is not. */
  share: number | null
  /** Spent while the backend was away: it is counted there when it is back. */
  owed: number
  waiting: { readonly cost: number; readonly go: (taken: Taken) => void }[]
  asking: boolean
}

/** Limits from this on are taken by the chunk. */
const CHUNKED_FROM = 60
const SHARE = 6
/** A window that is new to this process: so many times what it has spent so far. */
const GROWTH = 4
/** From so many on, what is spent tells how fast. */
const ENOUGH_TO_TELL = 4
const LONGEST_IDLE_MS = 60_000
/**
 * How often it is looked, in ms, whether permits lie idle. They go back after a twentieth of their window where they are scarce (no
 * sooner than this), and after a minute at the latest.
 */
export const IDLE_MS = 1_000
/** What is left is asked again so often a window, where there is not enough: others may have given back. */
export const ASKS_A_WINDOW = 20

const LONG_AGO = Number.NEGATIVE_INFINITY

export function gone(purse: OpenPurse): void {
  purse.isLive = false
}

export function newPurse(account: Account, now: number): OpenPurse {
  // Times are fractions from the first on: fields that begin as integers and come to hold others may get boxes of their own,
  // a new one with each write, and then a verification takes twice as long.
  return {
    account,
    window: -1,
    endsAt: LONG_AGO,
    resetsAt: new Date(0),
    isLive: true,
    touchedAt: now,
    free: 0,
    counted: 0,
    owed: 0,
    spent: 0,
    spentBefore: 0,
    spentAt: LONG_AGO,
    toldUntil: LONG_AGO,
    share: null,
    waiting: [],
    asking: false,
  }
}

/** A new window: what is left of the last one is worth nothing. */
export function turn(purse: OpenPurse, window: number): void {
  purse.spentBefore = window === purse.window + 1 ? purse.spent : 0
  purse.window = window
  purse.endsAt = (window + 1) * purse.account.perMs
  purse.resetsAt = readonlyDate(new Date(purse.endsAt))
  purse.free = 0
  purse.counted = 0
  purse.owed = 0
  purse.spent = 0
  purse.toldUntil = LONG_AGO
  purse.share = null
}

export function spend(purse: OpenPurse, cost: number, now: number): void {
  purse.free -= cost
  purse.spent += cost
  purse.spentAt = now
}

export function spentFrom(purse: OpenPurse, cost: number, now: number): Taken {
  spend(purse, cost, now)
  return { ok: true, ...standingOf(purse) }
}

export function refusedBy(purse: OpenPurse): Taken {
  return { ok: false, ...standingOf(purse) }
}

function standingOf(purse: OpenPurse): Standing {
  return { remaining: remainingIn(purse), resetsAt: purse.endsAt }
}

export function remainingIn(purse: OpenPurse): number {
  return leftFor(purse) + purse.free
}

/** Whether there is something in it, and its window lasts. */
export function isOpen({ free, endsAt }: OpenPurse, now: number): boolean {
  return free > 0 && now < endsAt
}

/** An even share of the limit, but no more than an even share of what was left when the backend was last heard of. */
export function shareOf({ account, spent, free, counted }: OpenPurse, processes: number): number {
  const here = spent + free
  const even = Math.max(1, Math.floor(account.points / processes))
  const ofRest = Math.ceil((account.points - counted) / processes)
  return here + Math.max(0, Math.min(even - here, ofRest))
}

/** Whether what is here should go back: while most of the limit is left, nobody lacks it. */
export function isIdle({ account, spentAt, counted }: OpenPurse, now: number): boolean {
  const isScarce = counted * 2 > account.points
  const patience = Math.min(Math.max(IDLE_MS, account.perMs / ASKS_A_WINDOW), LONGEST_IDLE_MS)
  return now - spentAt >= (isScarce ? patience : LONGEST_IDLE_MS)
}

/** As many as the traffic lets expect: a quarter of what the window before has spent, or of what this one is to spend yet. */
export function chunkOf({ account, endsAt, counted, spent, spentBefore }: OpenPurse, now: number): number {
  if (account.points < CHUNKED_FROM) return 0
  const left = account.points - counted
  const passed = Math.max(1, account.perMs - (endsAt - now))
  const toCome = spent < ENOUGH_TO_TELL ? 0 : (spent * (endsAt - now)) / passed
  const expected = Math.max(GROWTH * spent, Math.ceil(toCome / 4), Math.ceil(spentBefore / 4))
  return Math.min(Math.ceil(left / SHARE), expected) | 0
}

/** What could still be had, beyond what is here. */
export function leftFor({ account, share, counted, spent, free }: OpenPurse): number {
  return Math.max(0, share === null ? account.points - counted : share - spent - free)
}

export function isBeyond(purse: OpenPurse, cost: number): boolean {
  return cost > remainingIn(purse)
}
