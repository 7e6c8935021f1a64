/** The balance of a key, and what time makes of it. No I/O: a store does the same within its one operation. */
import type { AuditEvent } from './audit-event.js'
import { type CreditRule, type Period, periodOf, refillNumber, refillTime } from './refill.js'

/** No balance is more: beyond, numbers are not exact. */
export const MOST_CREDITS = 1e15

/** A refill as it is reckoned with. */
export interface RefillFacts {
  readonly amount: number
  readonly every: Period
  readonly max: number
}

/** What is kept of a key's credits, beside its record. */
export interface CreditAccount {
  readonly keyId: string
  readonly balance: number
  /** Of the latest rule that the account has heard of; `null`: nothing comes back. */
  readonly refill: RefillFacts | null
  readonly since: Date
  /** The number of the last refill that is in the balance. */
  readonly refilled: number
  /** What the audit has not been told yet. */
  readonly outbox: readonly AuditEvent[]
}

export function refillFacts({ refill }: CreditRule): RefillFacts | null {
  if (refill === null) return null
  const every = periodOf(refill.every)
  return every === null ? null : { amount: refill.amount, every, max: refill.max ?? MOST_CREDITS }
}

/** The account that a key begins with. */
export function openedAccount(keyId: string, balance: number, rule: CreditRule): CreditAccount {
  const since = new Date(rule.since)
  return { keyId, balance, refill: refillFacts(rule), since, refilled: firstRefill(rule), outbox: [] }
}

/** The number that an account under this rule begins with: the first refill is the one after. */
export function firstRefill(rule: CreditRule): number {
  const facts = refillFacts(rule)
  return facts === null ? 0 : refillNumber(facts.every, rule.since, rule.since.getTime())
}

/**
 * An account at a time (ms), under this rule: all refills that were due are in the balance. A rule that is later than the
 * account's begins where it was made, and the account's own counts until then; one that is earlier is out of date.
 */
export function settled<A extends CreditAccount>(account: A, rule: CreditRule, at: number): A {
  const since = rule.since.getTime()
  const current =
    since > account.since.getTime()
      ? {
          ...refilled(account, since),
          refill: refillFacts(rule),
          since: new Date(since),
          refilled: firstRefill(rule),
        }
      : account
  return refilled(current, at)
}

/** When the next refill comes; `null`: none does. */
export function refillsAt({ refill, since, refilled }: CreditAccount): Date | null {
  return refill && refillTime(refill.every, since, refilled + 1)
}

/** A balance, or the most that there can be. */
export function bounded(balance: number): number {
  return Math.min(balance, MOST_CREDITS)
}

function refilled<A extends CreditAccount>(account: A, at: number): A {
  const { refill, since, balance, refilled } = account
  if (refill === null) return account
  const due = refillNumber(refill.every, since, at) - refilled
  if (due <= 0) return account
  // What is above the bound stays: it was given.
  const filled = Math.max(balance, Math.min(balance + refill.amount * due, refill.max))
  return { ...account, balance: filled, refilled: refilled + due }
}
