/** The balances of the memory store. Nothing is waited for within an operation, so each is one. */
import type { AuditEvent } from '../key/audit-event.js'
import { bounded, type CreditAccount, openedAccount, refillsAt, settled } from '../key/credit-account.js'
import { deepFreeze } from '../key/record.js'
import type { CreditRule } from '../key/refill.js'
import {
  type CreditChange,
  type CreditStore,
  MOST_REFUNDS,
  MOST_UNTOLD,
  REFUND_KEPT_MS,
} from './credit-store.js'

interface Kept extends CreditAccount {
  readonly opening: Date | null
  /** When each refund was done, by its `ref`; oldest first. */
  readonly refunds: Map<string, number>
}

export function memoryCredits(): CreditStore {
  const accounts = new Map<string, Kept>()
  const put = (account: Kept) => void accounts.set(account.keyId, Object.freeze(account))
  const settle = (keyId: string, rule: CreditRule) => {
    const account = accounts.get(keyId)
    return account && settled(account, rule, Date.now())
  }

  return {
    async open(keyId, balance, rule, at) {
      if (accounts.has(keyId)) return false
      put({ ...openedAccount(keyId, balance, rule), opening: new Date(at), refunds: new Map() })
      return true
    },
    async confirm(keyId) {
      const account = accounts.get(keyId)
      if (account !== undefined) put({ ...account, opening: null })
    },
    async unconfirmed(before, limit) {
      const old = [...accounts.values()].filter(({ opening }) => opening !== null && opening < before)
      return old.slice(0, limit).map(({ keyId }) => keyId)
    },
    async take(keyId, cost, rule) {
      const account = settle(keyId, rule)
      if (account === undefined) return null
      const ok = account.balance >= cost
      const balance = ok ? account.balance - cost : account.balance
      put({ ...account, balance })
      return { ok, balance, refillsAt: refillsAt(account) }
    },
    async change(keyId, change, rule, event) {
      const account = settle(keyId, rule)
      if (account === undefined) return null
      const next = changed(account, change, event)
      put(next)
      return shown(next)
    },
    async of(keyIds) {
      return keyIds.flatMap(keyId => {
        const account = accounts.get(keyId)
        return account === undefined ? [] : [shown(account)]
      })
    },
    async pending(before, limit) {
      const isOld = ({ outbox }: Kept) => outbox.some(({ at }) => at < before)
      return [...accounts.values()].filter(isOld).slice(0, limit).map(shown)
    },
    async clear(drained) {
      for (const { keyId, eventIds } of drained) {
        const account = accounts.get(keyId)
        if (account === undefined) continue
        put({ ...account, outbox: account.outbox.filter(({ id }) => !eventIds.includes(id)) })
      }
    },
    async remove(keyId) {
      const account = accounts.get(keyId)
      if (account !== undefined && account.outbox.length > 0) return false
      accounts.delete(keyId)
      return true
    },
  }
}

function changed(account: Kept, change: CreditChange, event: AuditEvent): Kept {
  const { balance: from, outbox, refunds } = account
  const now = Date.now()
  forget(refunds, ([, at]) => at <= now - REFUND_KEPT_MS)
  const isDone = 'ref' in change && refunds.has(change.ref)
  if (isDone || outbox.length >= MOST_UNTOLD) return account
  const to = balanceAfter(from, change)
  if ('ref' in change) refunds.set(change.ref, now)
  forget(refunds, () => refunds.size > MOST_REFUNDS)
  const told = { ...structuredClone(event), changes: { ...event.changes, balance: { from, to } } }
  return { ...account, balance: to, outbox: [...outbox, deepFreeze(told)] }
}

/** Takes refunds away, the oldest first, while they are to be forgotten. */
function forget(refunds: Map<string, number>, isOver: (refund: readonly [string, number]) => boolean): void {
  for (const refund of refunds) {
    if (!isOver(refund)) return
    refunds.delete(refund[0])
  }
}

function balanceAfter(balance: number, change: CreditChange): number {
  if ('set' in change) return change.set
  return bounded(balance + ('add' in change ? change.add : change.refund))
}

function shown({ opening, refunds, ...account }: Kept): CreditAccount {
  return account
}
