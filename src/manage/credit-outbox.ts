/**
 * What follows a change of a balance: the audit is told of it, and then the event is taken out of the account, where it was
 * written with the change. Whoever finds an event there, the sweep at the latest, does it all again.
 */
import type { AuditEvent } from '../key/audit-event.js'
import type { CreditAccount } from '../key/credit-account.js'
import type { Store } from '../store/store.js'
import type { Emitter } from './events.js'
import type { Keep } from './retention.js'

export interface CreditOutbox {
  /** Tells the audit what these accounts hold. */
  drain(accounts: readonly Pick<CreditAccount, 'keyId' | 'outbox'>[]): Promise<void>
  /** Removes the account of a key that goes for good, once the audit knows all of it. */
  remove(keyId: string): Promise<void>
}

interface CreditOutboxParts {
  readonly store: Pick<Store, 'appendEvents' | 'credits' | 'find'>
  readonly keep: Keep
  readonly emitter: Emitter
}

export function createCreditOutbox({ store, keep, emitter }: CreditOutboxParts): CreditOutbox {
  async function emit(events: readonly AuditEvent[]): Promise<void> {
    if (!emitter.has('updated')) return
    for (const event of events) {
      emitter.told(event, event.keyId === null ? null : await store.find(event.keyId))
    }
  }

  async function drain(accounts: readonly Pick<CreditAccount, 'keyId' | 'outbox'>[]): Promise<void> {
    const full = accounts.filter(({ outbox }) => outbox.length > 0)
    if (full.length === 0) return
    const events = full.flatMap(({ outbox }) => outbox)
    const added = new Set(await store.appendEvents(events.map(keep)))
    await emit(events.filter(({ id }) => added.has(id)))
    await store.credits.clear(
      full.map(({ keyId, outbox }) => ({ keyId, eventIds: outbox.map(({ id }) => id) })),
    )
  }

  return {
    drain,
    async remove(keyId) {
      // Somebody may change the balance until the account is gone.
      while (!(await store.credits.remove(keyId))) await drain(await store.credits.of([keyId]))
    },
  }
}
