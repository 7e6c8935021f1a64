/**
 * The way of an event from the record, where it was written with the change it tells of, to the audit: added there first
 * (once, by its id), then taken out of the record. Wherever a process dies in between, the event is in the record, or in
 * the audit, or in both, and whoever drains the record next makes it one.
 */
import type { StoredKey } from '../key/record.js'
import type { Store } from '../store/store.js'
import type { Emitter } from './events.js'
import type { Keep } from './retention.js'

export interface Outbox {
  /** Tells the audit what these records hold for it, and removes those that are purged. */
  drain(keys: readonly StoredKey[]): Promise<void>
  /** The same right after a change, which stands also where the audit cannot be told now: the sweep does it then. */
  settle(keys: readonly StoredKey[]): Promise<void>
}

interface OutboxParts {
  readonly store: Store
  readonly keep: Keep
  readonly emitter: Emitter
  readonly warn: (error: unknown, message: string) => void
}

export function createOutbox({ store, keep, emitter, warn }: OutboxParts): Outbox {
  async function drain(keys: readonly StoredKey[]): Promise<void> {
    const full = keys.filter(({ outbox }) => outbox.length > 0)
    if (full.length === 0) return
    const added = new Set(await store.appendEvents(full.flatMap(({ outbox }) => outbox.map(keep))))
    // At once: nobody else tells what is in the audit already.
    for (const key of full) {
      for (const event of key.outbox) if (added.has(event.id)) emitter.told(event, key)
    }
    const [gone, kept] = [full.filter(isPurged), full.filter(key => !isPurged(key))]
    await store.clearOutboxes(
      kept.map(({ id, outbox }) => ({ keyId: id, eventIds: outbox.map(event => event.id) })),
    )
    for (const { id, version } of gone) await store.remove(id, version)
  }

  return {
    drain,
    async settle(keys) {
      try {
        await drain(keys)
      } catch (error) {
        warn(error, 'the audit could not be told of a change yet; the sweep tells it')
      }
    },
  }
}

function isPurged({ deleted }: StoredKey): boolean {
  return deleted?.forGood === true
}
