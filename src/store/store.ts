/**
 * What sidekey asks of a database. Every method that writes is one atomic operation on one document, so that a
 * standalone server, a replica set and a sharded cluster serve alike. Methods reject with `SidekeyError`
 * `STORE_UNAVAILABLE` when the database does not answer in time. `sidekey/store-contract` holds a store to it.
 */
import type { AuditAction, AuditEvent } from '../key/audit-event.js'
import type { KeyStatus, Owner, StoredKey } from '../key/record.js'
import type { Counters } from '../limit/counters.js'
import type { CreditStore } from './credit-store.js'

/** Which keys to list. All given conditions must hold. */
export interface KeyQuery {
  readonly ids?: readonly string[]
  /** Keys of any of these owners. */
  readonly owners?: readonly Owner[]
  readonly organizationId?: string
  readonly parentId?: string
  readonly kind?: string
  readonly tag?: string
  /** A part of the name, in any case. */
  readonly text?: string
  /** Ends after this time, and not after that one. */
  readonly expiresAfter?: Date
  readonly expiresBy?: Date
  /** Ends when it is not used, has not ended so, and is to be looked at by this time. */
  readonly idleCheckBy?: Date
  /** Was deleted before this time. */
  readonly deletedBefore?: Date
  /** Any of these at `now`. */
  readonly statuses: readonly KeyStatus[]
  /** Whatever their status, keys with something in the outbox too. */
  readonly orUnsettled?: true
  /** The time that `statuses` are told for, in ms since the epoch. */
  readonly now: number
  /** Only keys whose id sorts before this one. */
  readonly before?: string
  /** At most this many. */
  readonly limit: number
}

/** A place taken by one key among the most that its owner may have. */
export interface Slot {
  readonly keyId: string
  /** Random, new with each claim: a slot is only released as the claim that was read. */
  readonly claim: string
  readonly at: Date
  /** The version of the key's record that the claim was made for: 0 before there is one, -1 for none. */
  readonly version: number
}

/** `unseeded`: nothing is kept for this owner yet; `seedSlots` first. */
export type ClaimResult = 'claimed' | 'full' | 'unseeded'

/** An audit event with when it goes; `null`: never. */
export interface KeptEvent extends AuditEvent {
  readonly expireAt: Date | null
}

/** Which audit events to list. All given conditions must hold. */
export interface EventQuery {
  readonly keyId?: string
  readonly actorId?: string
  /** Events of keys of any of these owners. */
  readonly owners?: readonly Owner[]
  readonly organizationId?: string
  readonly action?: AuditAction
  /** Refusals only, or acts only. */
  readonly refused?: boolean
  /** Not before this time, and before that one. */
  readonly from?: Date
  readonly to?: Date
  /** Only events whose id sorts before this one. */
  readonly before?: string
  /** At most this many. */
  readonly limit: number
}

/** The events of one key's outbox that the audit has. */
export interface Drained {
  readonly keyId: string
  readonly eventIds: readonly string[]
}

/** A name that leads to a key: of a request that may be repeated, or of a token that another system has made. */
export interface Alias {
  readonly id: string
  readonly keyId: string
  /** Of what was asked, or imported, under this name. */
  readonly digest: string
  readonly at: Date
  /** When it goes; `null`: never. */
  readonly expireAt: Date | null
  /** The key is gone for good: the name stays, so that nobody brings it back. */
  readonly retired?: true
}

/** When a key was last accepted. */
export interface Use {
  readonly keyId: string
  readonly at: Date
  /** From what address; `null`: it is not known. Left out: it is not to be kept. */
  readonly ip?: string | null
}

/** When a key that ends if it is not used is to be looked at next. */
export interface IdleCheck {
  readonly keyId: string
  readonly at: Date
}

/** What was counted of one key in one hour, while it was this owner's in this organisation. */
export interface UsageBucket {
  readonly keyId: string
  readonly owner: Owner
  readonly organizationId: string | null
  /** Whole hours since the epoch. */
  readonly hour: number
  /** How many by outcome: `accepted`, or the code of the refusal. */
  readonly counts: Readonly<Record<string, number>>
  /** When it goes. */
  readonly expireAt: Date
}

/** What to sum up. All given conditions must hold. */
export interface UsageFilter {
  /** Any of these keys. */
  readonly keyIds?: readonly string[]
  /** Keys while they were any of these owners'. */
  readonly owners?: readonly Owner[]
  readonly organizationId?: string
  /** Not before this hour, and before that one: whole hours since the epoch. */
  readonly from: number
  readonly to: number
}

/** The sums of an hour in which something was counted. */
export type HourlyUsage = Pick<UsageBucket, 'hour' | 'counts'>

/** What a change is about: keys, and owners whose grants and user are to be asked anew. */
export interface Named {
  readonly keyIds: readonly string[]
  readonly owners: readonly Owner[]
}

/** What one process has told the others. Its tag is random, and no other's. */
export interface ChangeEntry extends Named {
  readonly tag: string
}

/** What processes have told each other: the newest tag (`null`: nothing yet), and the last entries, oldest first. */
export interface Changes {
  readonly tag: string | null
  readonly recent: readonly ChangeEntry[]
}

/** A process's leave to use what it has in memory. `tag` is the last that it has heard; `beat` rises with each renewal. */
export interface Lease {
  readonly id: string
  readonly tag: string | null
  readonly beat: number
  /** How long a renewal holds, in ms, by the process that has it. */
  readonly leaseMs: number
}

/**
 * How the processes over one database hear of changes (verify/coherence.ts). What is read is what was written last,
 * also where another server has become the primary meanwhile.
 */
export interface SharedChanges {
  readonly kind: 'shared'
  /** The newest tag and at most `most` of the entries; at least the newest 512 are kept. */
  read(most: number): Promise<Changes>
  /** The tags of the entries that are kept, oldest first. */
  tags(): Promise<string[]>
  /** Adds the entry and makes its tag the newest, in one operation. */
  publish(entry: ChangeEntry): Promise<void>
  insertLease(lease: Lease): Promise<void>
  /** Sets the tag and raises the beat by one; `false` where there is no such lease. Never makes one. */
  renewLease(id: string, tag: string | null): Promise<boolean>
  leases(): Promise<Lease[]>
  /** Takes a lease away; with `beat` only while it is still at that. */
  removeLease(id: string, beat?: number): Promise<void>
}

/** The same within one process that has the store to itself: listeners are called in the moment of a write. */
export interface LocalChanges {
  readonly kind: 'local'
  watch(listener: (named: Named) => void): () => void
  publish(named: Named): void
}

/** Where keys are kept: what a store of your own must do. `sidekey/store-contract` is the suite that checks it. */
export interface Store {
  /** Tells what the store is, for messages: `memory`, `mongoose`. */
  readonly name: string
  /** Where limits are counted. Without it each process counts by itself. */
  readonly counters?: Counters
  /** How changes are heard of. A store without it is read at each verification. */
  readonly changes?: SharedChanges | LocalChanges
  readonly credits: CreditStore
  /** Resolves once the store can serve (its indexes are there). */
  ready(): Promise<void>
  /** Adds a key; `false` where the id is taken. */
  insert(key: StoredKey): Promise<boolean>
  /** Adds keys, each by itself; answers the ids of those that are added. */
  insertMany(keys: readonly StoredKey[]): Promise<string[]>
  find(id: string): Promise<StoredKey | null>
  /** Puts `key` in place of the record with its id and version `ifVersion`; `false` where there is none. */
  replace(key: StoredKey, ifVersion: number): Promise<boolean>
  /** Changes the hash alone, and only where `from` still stands; no new version, no new `updatedAt`. */
  rehash(id: string, from: string, to: string): Promise<boolean>
  /**
   * Removes the record with this id and version for good; `false` where there is none. Its last use and what was counted of
   * it go first, so that a process that dies in between leaves a record, which is found again, and nothing without one.
   */
  remove(id: string, ifVersion: number): Promise<boolean>
  /** Newest (greatest id) first. */
  list(query: KeyQuery): Promise<StoredKey[]>
  /** Sets when keys are to be looked at that end if they are not used; no new version, no new `updatedAt`. */
  moveIdleChecks(checks: readonly IdleCheck[]): Promise<void>
  /** Keys with an event in the outbox from before `before`: what a process that died has left. */
  pending(before: Date, limit: number): Promise<StoredKey[]>
  /** Adds events that are not there yet, and answers the ids of those. */
  appendEvents(events: readonly KeptEvent[]): Promise<string[]>
  /** Takes events out of outboxes; no new version, no new `updatedAt`. */
  clearOutboxes(drained: readonly Drained[]): Promise<void>
  /** Newest (greatest id) first. */
  events(query: EventQuery): Promise<AuditEvent[]>
  /** The alias with this id: this one, if there was none. Of many that claim one id at once, one is first. */
  claimAlias(alias: Alias): Promise<Alias>
  /** The same for several with different ids, each by itself; answers them in the same order. */
  claimAliases(aliases: readonly Alias[]): Promise<Alias[]>
  /** The alias with this id, as it was written last. */
  findAlias(id: string): Promise<Alias | null>
  /** Marks an alias as one of a key that is gone, if it still leads to this key. */
  retireAlias(id: string, keyId: string): Promise<void>
  /** Takes an alias away, if it still leads to this key. */
  releaseAlias(id: string, keyId: string): Promise<void>
  /** Notes uses; an earlier one never replaces a later. */
  recordUses(uses: readonly Use[]): Promise<void>
  /** The last uses of these keys, as far as there are any. */
  lastUses(keyIds: readonly string[]): Promise<Use[]>
  /**
   * Adds to what was counted: each bucket in one operation, which others at the same time add to as well. Of a key that there
   * is not, or that is deleted for good, nothing is kept.
   */
  addUsage(buckets: readonly UsageBucket[]): Promise<void>
  /** The sums by hour and outcome, oldest first. Costs what the buckets in range cost, however many others there are. */
  usage(filter: UsageFilter): Promise<HourlyUsage[]>
  /** The ids of the keys that those sums are of, each once; at most `limit`. */
  usedKeys(filter: UsageFilter, limit: number): Promise<string[]>
  /** Takes a slot, or renews the one that the key has, unless `max` are taken by others. */
  claimSlot(owner: Owner, slot: Slot, max: number): Promise<ClaimResult>
  /** Sets an owner's first slots; does nothing where there are some. */
  seedSlots(owner: Owner, slots: readonly Slot[]): Promise<void>
  slots(owner: Owner): Promise<Slot[]>
  /** Frees the slot of this key, if its claim is still the same. */
  releaseSlot(owner: Owner, slot: Slot): Promise<void>
  /** Rejects when the database cannot be reached. */
  ping(): Promise<void>
  /** Lets go of what the store itself opened; never of the app's connection. */
  close(): Promise<void>
}
