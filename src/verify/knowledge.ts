/** What this process knows in memory of keys and their owners, and how it hears, and tells, that it is no longer true. */
import type { Clock } from '../clock.js'
import { SidekeyError } from '../errors.js'
import { type Owner, ownerName } from '../key/record.js'
import type { Config } from '../options.js'
import type { LocalChanges, Named, SharedChanges, Store } from '../store/store.js'
import { createAnnouncer } from './announce.js'
import {
  type Cache,
  type CacheSources,
  type Cell,
  createCache,
  noCache,
  type ValueCell,
  valueCells,
} from './cache.js'
import { type CoherenceSources, createCoherence } from './coherence.js'
import { type KnownKey, toKnown } from './known.js'
import type { Granted, Grants } from './owner.js'

export interface Knowledge {
  readonly records: Cache<KnownKey | null, KnownKey>
  /** By `grantsName`. */
  readonly grants: Cache<Granted, ValueCell<Granted>>
  /** By `ownerName`. */
  readonly users: Cache<unknown, ValueCell<unknown>>
  /** Somebody verifies. */
  use(now: number): void
  /** The store does not answer, and nothing in memory may be used. */
  isAway(now: number): boolean
  /** Tells all processes of a change that is written. */
  publish(named: Named): Promise<Published>
  /** Lets go of what is in memory, and of the lease. */
  stop(): Promise<void>
}

/** A change that others are told of. */
export interface Published {
  /** Resolves once no process uses what it knew before. */
  heard(): Promise<void>
}

export interface KnowledgeSources {
  readonly config: Pick<Config, 'cache' | 'coherence'>
  readonly store: Store
  readonly clock: Clock
  readonly newId: () => string
  /** Does something in so many ms, or later, that nobody waits for. */
  readonly later: Clock['after']
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
/** Unused for so long, a process lets go of its lease. */
const IDLE_MS = 60_000

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
    publish: hearing.publish,
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
  return new SidekeyError('STORE_UNAVAILABLE', 'The store does not answer.')
}

/** Where nothing is to be kept, nothing is shared either: each verification asks for itself. */
function cacheOf<V, C extends Cell>(
  { cache }: KnowledgeSources['config'],
  sources: CacheSources<V, C>,
): Cache<V, C> {
  return cache === null || sources.maxAgeMs === 0 ? noCache(sources.read) : createCache(sources)
}

const NONE = { records: 1, owners: 1, ownersForMs: 0 }

/** How a process hears of changes and tells of them. */
interface Hearing extends Pick<Knowledge, 'use' | 'isAway' | 'publish' | 'stop'> {
  holds(now: number): boolean
}

function createHearing(sources: KnowledgeSources, told: Told): Hearing {
  const { changes } = sources.store
  return changes?.kind === 'shared'
    ? sharedHearing(sources, changes, told)
    : localHearing(sources.config, changes, told)
}

/** What a process is told of what it keeps. */
type Told = Pick<CoherenceSources, 'drop' | 'clear' | 'onAway'>

/** One process has the store to itself; or, without `changes`, nothing is heard, and so nothing kept. */
function localHearing(
  { cache }: KnowledgeSources['config'],
  changes: LocalChanges | undefined,
  { drop }: Told,
): Hearing {
  let holds = cache !== null && changes !== undefined
  const unwatch = holds ? changes?.watch(drop) : undefined
  return {
    holds: () => holds,
    use() {},
    isAway: () => false,
    async publish(named) {
      changes?.publish(named)
      return AT_ONCE
    },
    async stop() {
      holds = false
      unwatch?.()
    },
  }
}

/** Many processes share the store. Without a cache there is no lease; others are told and waited for all the same. */
function sharedHearing(
  { config, clock, newId, later }: KnowledgeSources,
  changes: SharedChanges,
  { drop, clear, onAway }: Told,
): Hearing {
  const { pollMs, leaseMs } = config.coherence
  const coherence =
    config.cache === null
      ? null
      : createCoherence({ changes, clock, pollMs, leaseMs, idleMs: IDLE_MS, newId, drop, clear, onAway })
  const announcer = createAnnouncer({
    changes,
    clock,
    pollMs,
    newTag: newId,
    later,
    drop,
    isOwn: id => coherence?.isOwn(id) ?? false,
  })
  return {
    holds: now => coherence?.holds(now) ?? false,
    use: now => coherence?.use(now),
    isAway: now => coherence?.isAway(now) ?? false,
    async publish(named) {
      const ticket = await announcer.publish(named)
      return { heard: () => announcer.heard(ticket) }
    },
    stop: async () => coherence?.stop(),
  }
}

const AT_ONCE: Published = { async heard() {} }

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
