/** A process that verifies and changes keys, by what the library has for it: the parts of src/verify as they are. */

import type { Soon } from '../../src/soon.js'
import type { Store } from '../../src/store/store.js'
import { createKnowledge, grantsName, type Knowledge } from '../../src/verify/knowledge.js'
import type { KnownKey } from '../../src/verify/known.js'
import type { Machine } from './machine.js'
import type { SimulatedStore } from './store.js'

/** A key, or a user. */
export interface Thing {
  readonly sort: 'key' | 'user'
  readonly id: string
}

export interface Node {
  readonly machine: Machine
  readonly knowledge: Knowledge
  /** What verification goes by: how often the thing has been changed. `null` where that cannot be told now. */
  versionOf(thing: Thing): number | Promise<number | null>
}

export interface NodeParts {
  readonly machine: Machine
  readonly store: SimulatedStore
  readonly pollMs: number
  readonly leaseMs: number
  /** `none`: a process that keeps nothing, as `cache: false` makes it. */
  readonly memory: 'shared' | 'none'
  readonly newId: () => string
}

const MEMORY = { records: 4, owners: 4, ownersForMs: 1e9 }

export function createNode({ machine, store, pollMs, leaseMs, memory, newId }: NodeParts): Node {
  const { clock } = machine
  const knowledge = createKnowledge({
    config: { cache: memory === 'none' ? null : MEMORY, coherence: { pollMs, leaseMs } },
    store: store as unknown as Store, // what nobody asks for here is not there
    clock,
    newId,
    later: clock.after,
    // An answer of the app's: that its owner has been changed so many times.
    readGrants: async ({ id }) => [`${await store.users.find(id)}`],
    readUser: () => null,
    onRecordGone() {},
  })
  const { records, grants } = knowledge
  /** As proofs.ts has them: cells that are asked for by no name. */
  const cells = new Map<string, KnownKey>()

  function recordOf(id: string): Soon<KnownKey | null> {
    const now = clock.monotonic()
    const cell = cells.get(id)
    if (cell !== undefined && records.isFresh(cell, now)) return cell
    const fresh = records.fresh(id, now)
    if (fresh !== undefined) cells.set(id, fresh)
    return fresh ?? records.read(id)
  }

  function versionOf({ sort, id }: Thing): number | Promise<number | null> {
    knowledge.use(clock.monotonic())
    const known = sort === 'key' ? recordOf(id) : grants.load(grantsName({ type: 'user', id }, null))
    return known instanceof Promise ? known.then(toVersion).catch(() => null) : toVersion(known)
  }

  return { machine, knowledge, versionOf }
}

/** A key that is gone is accepted by no version. */
function toVersion(known: KnownKey | readonly string[] | null): number {
  if (known === null) return Number.POSITIVE_INFINITY
  return 'seen' in known ? known.seen.version : Number(known[0])
}
