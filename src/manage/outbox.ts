/**
 * What follows a change that is written, wherever the process that made it may die: all processes are told of it and have
 * heard it (verify/announce.ts), meanwhile the audit is told, and only then the event is taken out of the record, where it
 * was written with the change. So an event that is in an outbox tells of a change that may not have been heard everywhere, or that the
 * audit may not know; whoever finds it, the sweep at the latest, does it all again, and each step may be done twice.
 */
import type { Owner, StoredKey } from '../key/record.js'
import type { Store } from '../store/store.js'
import type { Published } from '../verify/hearing.js'
import type { Knowledge } from '../verify/knowledge.js'
import type { CreditOutbox } from './credit-outbox.js'
import type { Emitter } from './events.js'
import type { Keep } from './retention.js'

/**
 * How far a change must reach before its call resolves: nobody has the record in memory (a new one); others are told, and see
 * it soon (a name); everybody has heard it (what a key may do).
 */
export type Reach = 'here' | 'told' | 'heard'

export interface Outbox {
  /**
   * Right after a change. It stands also where the audit cannot be told now: the sweep does it then.
   * @throws SidekeyError `STORE_UNAVAILABLE` where others could not be told: repeating is safe.
   */
  settle(keys: readonly StoredKey[], reach: Reach): Promise<void>
  /** The same for whatever these records hold; rejects also where the audit cannot be told. Removes those that are purged. */
  drain(keys: readonly StoredKey[]): Promise<void>
  /** For many changes: others are told batch by batch, and waited for at the end. */
  inBulk(): BulkOutbox
}

export interface BulkOutbox {
  /** Others are told of these: 200 at most. */
  add(keys: readonly StoredKey[]): Promise<void>
  /** Resolves once everybody has heard of all that was added. */
  end(): Promise<void>
}

interface OutboxParts {
  readonly store: Pick<Store, 'appendEvents' | 'clearOutboxes' | 'remove'>
  readonly knowledge: Pick<Knowledge, 'publish'>
  readonly keep: Keep
  readonly emitter: Emitter
  readonly creditOutbox: Pick<CreditOutbox, 'remove'>
  /** Marks what has led from an imported token to the key. */
  readonly retireAlias: Store['retireAlias']
  /** Frees the slot that the key has, where owners have slots. */
  readonly freeSlot: (owner: Owner, keyId: string) => Promise<void>
  readonly warn: (error: unknown, message: string) => void
}

/** Of a bulk change so many batches wait to be heard: more would be a matter of memory. */
const BATCHES_AHEAD = 5

export function createOutbox({
  store,
  knowledge,
  keep,
  emitter,
  creditOutbox,
  retireAlias,
  freeSlot,
  warn,
}: OutboxParts): Outbox {
  const publish = (keys: readonly StoredKey[]) =>
    knowledge.publish({ keyIds: keys.map(({ id }) => id), owners: [] })

  const untold = (keys: readonly StoredKey[]) => keys.filter(({ outbox }) => outbox.length > 0)

  /** Tells the audit. */
  async function tell(keys: readonly StoredKey[]): Promise<void> {
    const full = untold(keys)
    if (full.length === 0) return
    const added = new Set(await store.appendEvents(full.flatMap(({ outbox }) => outbox.map(keep))))
    // At once: nobody else tells what is in the audit already.
    for (const key of full) {
      for (const event of key.outbox) if (added.has(event.id)) emitter.told(event, key)
    }
  }

  /** Takes what the audit has been told, and all have heard of, out of the records. */
  async function clear(keys: readonly StoredKey[]): Promise<void> {
    const full = untold(keys)
    if (full.length === 0) return
    const [gone, kept] = [full.filter(isPurged), full.filter(key => !isPurged(key))]
    await store.clearOutboxes(
      kept.map(({ id, outbox }) => ({ keyId: id, eventIds: outbox.map(event => event.id) })),
    )
    for (const { id, version, owner, imported } of gone) {
      // Its name stays: neither an import nor the option `fallback` brings it back.
      if (imported !== null) await retireAlias(imported.alias, id)
      // First, so that nothing is left of a key that is gone.
      await creditOutbox.remove(id)
      await freeSlot(owner, id)
      await store.remove(id, version)
    }
  }

  /** Resolves once all have heard, whether or not the audit could be told. */
  async function conclude(keys: readonly StoredKey[], heard: Promise<void> | undefined): Promise<void> {
    const unlessTold = (error: unknown) =>
      warn(error, 'the audit could not be told of a change yet; the sweep tells it')
    const telling = tell(keys).then(
      () => true,
      error => {
        unlessTold(error)
        return false
      },
    )
    const [isTold] = await Promise.all([telling, heard])
    if (isTold) await clear(keys).catch(unlessTold)
  }

  return {
    async settle(keys, reach) {
      const published = reach === 'here' ? null : await publish(keys)
      await conclude(keys, reach === 'heard' ? published?.heard() : undefined)
    },
    async drain(keys) {
      if (keys.length === 0) return
      const published = await publish(keys)
      await Promise.all([tell(keys), published.heard()])
      await clear(keys)
    },
    inBulk() {
      const ahead: { readonly keys: readonly StoredKey[]; readonly published: Published }[] = []
      const settleFirst = async () => {
        const first = ahead.shift()
        if (first === undefined) return
        await conclude(first.keys, first.published.heard())
      }
      return {
        async add(keys) {
          if (keys.length > 0) ahead.push({ keys, published: await publish(keys) })
          if (ahead.length > BATCHES_AHEAD) await settleFirst()
        },
        async end() {
          while (ahead.length > 0) await settleFirst()
        },
      }
    },
  }
}

function isPurged({ deleted }: StoredKey): boolean {
  return deleted?.forGood === true
}
