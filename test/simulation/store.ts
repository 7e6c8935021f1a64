/** The store as one process has it: each operation goes over the network, and is one step on the documents. */
import type { StoredKey } from '../../src/key/record.js'
import type { SharedChanges, Store } from '../../src/store/store.js'
import type { Machine } from './machine.js'
import type { Network } from './network.js'

/** What a verification and a change ask for. */
export type SimulatedStore = Pick<
  Store,
  'find' | 'replace' | 'remove' | 'pending' | 'appendEvents' | 'clearOutboxes'
> & {
  readonly changes: SharedChanges
  /** The app's own database: it answers like ours. */
  readonly users: {
    find(id: string): Promise<number>
    /** Changes it, and answers how often it has been changed. */
    change(id: string): Promise<number>
  }
}

export interface StoreParts {
  readonly network: Network
  readonly machine: Machine
  /** So many entries of the changes are kept. */
  readonly entries: number
  /** An outbox is empty: all that was written to this record has been heard of, or so a bulk revoke will believe. */
  readonly onSettled: (key: StoredKey) => void
}

export function storeOf({ network, machine, entries, onSettled }: StoreParts): SimulatedStore {
  return {
    find: id => network.ask(machine, 'find', ({ records }) => records.get(id) ?? null),
    replace: (key: StoredKey, ifVersion: number) =>
      network.ask(machine, 'replace', ({ records }) => {
        if (records.get(key.id)?.version !== ifVersion) return false
        records.set(key.id, key)
        return true
      }),
    remove: (id, ifVersion) =>
      network.ask(machine, 'remove', ({ records }) => {
        if (records.get(id)?.version !== ifVersion) return false
        return records.delete(id)
      }),
    // However old what it holds is: to sweep early does no harm.
    pending: () =>
      network.ask(machine, 'pending', ({ records }) =>
        [...records.values()].filter(({ outbox }) => outbox.length > 0),
      ),
    appendEvents: events =>
      network.ask(machine, 'append events', ({ audit }) => {
        const added = events.map(({ id }) => id).filter(id => !audit.has(id))
        for (const id of added) audit.add(id)
        return added
      }),
    clearOutboxes: drained =>
      network.ask(machine, 'clear outboxes', ({ records }) => {
        for (const { keyId, eventIds } of drained) {
          const key = records.get(keyId)
          if (key === undefined) continue
          const outbox = key.outbox.filter(({ id }) => !eventIds.includes(id))
          records.set(keyId, { ...key, outbox })
          if (outbox.length === 0) onSettled(key)
        }
      }),
    users: {
      find: id => network.ask(machine, 'user', ({ users }) => users.get(id) ?? 0),
      change: id =>
        network.ask(machine, 'write user', ({ users }) => {
          const next = (users.get(id) ?? 0) + 1
          users.set(id, next)
          return next
        }),
    },
    changes: changesOf(network, machine, entries),
  }
}

function changesOf(network: Network, machine: Machine, entries: number): SharedChanges {
  return {
    kind: 'shared',
    read: wanted =>
      network.ask(machine, 'changes', ({ tag, recent }) => ({ tag, recent: recent.slice(-wanted) })),
    tags: () => network.ask(machine, 'tags', ({ recent }) => recent.map(({ tag }) => tag)),
    publish: entry =>
      network.ask(machine, 'publish', documents => {
        documents.tag = entry.tag
        documents.recent = [...documents.recent, entry].slice(-entries)
      }),
    insertLease: lease =>
      network.ask(machine, 'insert lease', ({ leases }) => {
        leases.set(lease.id, lease)
      }),
    renewLease: (id, tag) =>
      network.ask(machine, 'renew', ({ leases }) => {
        const lease = leases.get(id)
        if (lease === undefined) return false
        leases.set(id, { ...lease, tag, beat: lease.beat + 1 })
        return true
      }),
    leases: () => network.ask(machine, 'leases', ({ leases }) => [...leases.values()]),
    removeLease: (id, beat) =>
      network.ask(machine, 'remove lease', ({ leases }) => {
        if (beat === undefined || leases.get(id)?.beat === beat) leases.delete(id)
      }),
  }
}
