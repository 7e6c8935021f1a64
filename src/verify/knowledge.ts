/** What this process knows in memory of keys and their owners, and how it hears, and tells, that it is no longer true. */
import { SidekeyError } from '../errors.js'
import { type Owner, ownerName } from '../key/record.js'
import type { Named, Store } from '../store/store.js'
import {
  type Cache,
  type CacheSources,
  type Cell,
  createCache,
  noCache,
  type ValueCell,
  valueCells,
} from './cache.js'
import { createHearing, type Hearing, type HearingSources } from './hearing.js'
import { type KnownKey, toKnown } from './known.js'
import type { Granted, Grants } from './owner.js'

export interface Knowledge extends Pick<Hearing, 'use' | 'isAway' | 'leaseAge' | 'publish'> {
  readonly records: Cache<KnownKey | null, KnownKey>
  /** By `grantsName`. */
  readonly grants: Cache<Granted, ValueCell<Granted>>
  /** By `ownerName`. */
  readonly users: Cache<unknown, ValueCell<unknown>>
  /** How many processes have a lease: one at least. */
  processes(): Promise<number>
  /** Lets go of what is in memory, and of the lease. */
  stop(): Promise<void>
}

export interface KnowledgeSources extends HearingSources {
  readonly store: Store
  readonly readGrants: Grants
  readonly readUser: (owner: Owner) => unknown
  /** Is told of each record that goes from memory. */
  readonly onRecordGone: (known: KnownKey) => void
}

/** A record is read again after so long while it is used, for those who edit the database by hand. */
const REFRESH_MS = 30_000
const MAX_AGE_MS = 60_000
/** More records read at once would make each take longer, and hold up what keeps the lease. */
const READS_AT_ONCE = 32

export function createKnowledge(sources: KnowledgeSources): Knowledge {
  const { config, store, clock, readGrants, readUser, onRecordGone } = sources
  const { records: mostRecords, owners: mostOwners, ownersForMs } = config.cache ?? NONE

  function drop({ keyIds, owners }: Named): void {
    for (const id of keyIds) records.drop(id)
    for (const owner of owners) {
      users.drop(ownerName(owner))
      grants.dropWhere(name => name.startsWith(grantsOf(owner)))
    }
  }
  function clear(): void {
    for (const cache of [records, grants, users]) cache.clear()
  }
  const { untilAway, sendAway } = createPatience()
  const hearing = createHearing(sources, { drop, clear, onAway: sendAway })
  const standing = { holds: hearing.holds }
  const ofOwners = { standing, clock, max: mostOwners, maxAgeMs: ownersForMs }

  const records = cacheOf<KnownKey | null, KnownKey>(config, {
    standing,
    clock,
    readsAtOnce: READS_AT_ONCE,
    max: mostRecords,
    maxAgeMs: MAX_AGE_MS,
    refreshAgeMs: REFRESH_MS,
    read: async id => {
      if (hearing.isAway(clock.monotonic())) throw away()
      const key = await untilAway(store.find(id))
      return key && toKnown(key)
    },
    // Whoever sends unknown ids must not push out known ones.
    cellOf: known => known,
    valueIn: known => known,
    nameOf: ({ seen }) => seen.id,
    onGone: onRecordGone,
  })
  const grants = cacheOf<Granted, ValueCell<Granted>>(config, {
    ...ofOwners,
    ...valueCells(),
    read: name => {
      const [owner, organizationId] = fromGrantsName(name)
      return readGrants(owner, organizationId)
    },
  })
  const users = cacheOf<unknown, ValueCell<unknown>>(config, {
    ...ofOwners,
    ...valueCells(),
    read: name => readUser(fromOwnerName(name)),
  })

  let stopped = false
  return {
    records,
    grants,
    users,
    use(now) {
      if (!stopped) hearing.use(now)
    },
    isAway: hearing.isAway,
    leaseAge: hearing.leaseAge,
    publish: hearing.publish,
    async processes() {
      const { changes } = store
      return changes?.kind === 'shared' ? Math.max(1, (await changes.leases()).length) : 1
    },
    async stop() {
      stopped = true
      await hearing.stop()
      clear()
    },
  }
}

/** Who waits for the store is told as soon as it is known to be away, and need not wait until the operation is given up. */
function createPatience() {
  const waiting = new Set<(error: SidekeyError) => void>()
  return {
    untilAway: <T>(answer: Promise<T>): Promise<T> =>
      new Promise((done, failed) => {
        waiting.add(failed)
        answer.then(done, failed).then(() => waiting.delete(failed))
      }),
    sendAway(): void {
      for (const failed of waiting) failed(away())
      waiting.clear()
    },
  }
}

export function away(): SidekeyError {
  return new SidekeyError('STORE_UNAVAILABLE', 'The store does not answer.', { retryAfter: 1 })
}

/** Where nothing is to be kept, nothing is shared either: each verification asks for itself. */
function cacheOf<V, C extends Cell>(
  { cache }: KnowledgeSources['config'],
  sources: CacheSources<V, C>,
): Cache<V, C> {
  return cache === null || sources.maxAgeMs === 0 ? noCache(sources.read) : createCache(sources)
}

const NONE = { records: 1, owners: 1, ownersForMs: 0 }

export function grantsName({ type, id }: Owner, organizationId: string | null): string {
  return JSON.stringify([type, id, organizationId])
}

/** What every name of an owner's grants begins with. */
function grantsOf(owner: Owner): string {
  return `${ownerName(owner).slice(0, -1)},`
}

function fromOwnerName(name: string): Owner {
  const [type, id] = JSON.parse(name) as [string, string] // by ownerName
  return { type, id }
}

function fromGrantsName(name: string): [Owner, string | null] {
  const [type, id, organizationId] = JSON.parse(name) as [string, string, string | null] // by grantsName
  return [{ type, id }, organizationId]
}
