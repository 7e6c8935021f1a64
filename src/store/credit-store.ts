/** What sidekey asks of a database for the balances of keys. */
import type { AuditEvent } from '../key/audit-event.js'
import type { CreditAccount } from '../key/credit-account.js'
import type { CreditRule } from '../key/refill.js'
import type { Drained } from './store.js'

/** What became of a request to take credits, and what is left. */
export interface TakenCredits {
  /** Whether they were taken: all of them, or none. */
  readonly ok: boolean
  readonly balance: number
  /** When the next refill comes; `null`: none does. */
  readonly refillsAt: Date | null
}

/** A refund is known by its `ref` for so long, in ms; the last so many of a key. */
export const REFUND_KEPT_MS = 366 * 86_400_000
export const MOST_REFUNDS = 10_000
/** So many events of an account may wait for the audit: a document that grew without end could not be written any more. */
export const MOST_UNTOLD = 100

/** A change of a balance by people or programs. One refund is done for each `ref`, however often it is asked for. */
export type CreditChange =
  | { readonly add: number }
  | { readonly set: number }
  | { readonly refund: number; readonly ref: string }

/**
 * The balances of keys, a document a key. Each change is one operation on it, on disk and with a majority when it is
 * acknowledged, and has the refills in it that were due by the clock of the database: of many at once, in however many
 * processes, none is lost and none counts twice. A store does not repeat an operation whose answer was lost, unless the
 * database itself knows the repeat by a number (as MongoDB does its retryable writes).
 */
export interface CreditStore {
  /**
   * Makes the account of a key whose record is about to be written; `false` where there is one. Until it is confirmed, it may
   * be an orphan.
   */
  open(keyId: string, balance: number, rule: CreditRule, at: Date): Promise<boolean>
  /** The record is there. */
  confirm(keyId: string): Promise<void>
  /** Keys whose accounts were opened before `before` and have not been confirmed. */
  unconfirmed(before: Date, limit: number): Promise<string[]>
  /** Takes `cost`, if there is as much; `null` where there is no account. Never leaves less than nothing. */
  take(keyId: string, cost: number, rule: CreditRule): Promise<TakenCredits | null>
  /**
   * Changes a balance, and puts `event` into the outbox, with the balance before and after among its changes. Changes nothing
   * where the refund has been done (in the last year, among the last 10,000) or 100 events wait in the outbox.
   * Answers the account after it, or `null` where there is none.
   */
  change(
    keyId: string,
    change: CreditChange,
    rule: CreditRule,
    event: AuditEvent,
  ): Promise<CreditAccount | null>
  /** The accounts of these keys, as far as there are any, without what is due. */
  of(keyIds: readonly string[]): Promise<CreditAccount[]>
  /** Accounts with an event in the outbox from before `before`: what a process that died has left. */
  pending(before: Date, limit: number): Promise<CreditAccount[]>
  /** Takes events out of outboxes. */
  clear(drained: readonly Drained[]): Promise<void>
  /** Removes an account; `false` while there is something in its outbox. */
  remove(keyId: string): Promise<boolean>
}
