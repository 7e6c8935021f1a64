/** What is in the simulated database. Values are never changed in place: what was read stays as it was read. */
import type { StoredKey } from '../../src/key/record.js'
import { aKey } from '../../src/store/contract-data.js'
import type { ChangeEntry, Lease } from '../../src/store/store.js'

export interface Documents {
  readonly records: Map<string, StoredKey>
  /** What the app itself knows of its users: a number for each that rises with each change. */
  readonly users: Map<string, number>
  readonly leases: Map<string, Lease>
  /** The ids of its events. */
  readonly audit: Set<string>
  tag: string | null
  recent: readonly ChangeEntry[]
}

export function copyOf({ records, users, leases, audit, tag, recent }: Documents): Documents {
  return {
    records: new Map(records),
    users: new Map(users),
    leases: new Map(leases),
    audit: new Set(audit),
    tag,
    recent,
  }
}

/** These keys as they were made, and nothing else, unless something has been published: with this tag. */
export function documentsWith(keyIds: readonly string[], tag: string | null): Documents {
  return {
    records: new Map(keyIds.map(id => [id, { ...KEY, id }])),
    users: new Map(),
    leases: new Map(),
    audit: new Set(),
    tag,
    recent: tag === null ? [] : [{ tag, keyIds: [], owners: [] }],
  }
}

const KEY = aKey()
