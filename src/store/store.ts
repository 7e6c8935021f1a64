/**
 * What sidekey asks of a database. Every method that writes is one atomic operation on one document, so that a
 * standalone server, a replica set and a sharded cluster serve alike. Methods reject with `SidekeyError`
 * `STORE_UNAVAILABLE` when the database does not answer in time. `sidekey/store-contract` holds a store to it.
 */
import type { KeyStatus, Owner, StoredKey } from '../key/record.js'

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
  /** Any of these at `now`. */
  readonly statuses: readonly KeyStatus[]
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

export interface Store {
  /** Tells what the store is, for messages: `memory`, `mongoose`. */
  readonly name: string
  /** Resolves once the store can serve (its indexes are there). */
  ready(): Promise<void>
  /** Adds a key; `false` where the id is taken. */
  insert(key: StoredKey): Promise<boolean>
  find(id: string): Promise<StoredKey | null>
  /** Puts `key` in place of the record with its id and version `ifVersion`; `false` where there is none. */
  replace(key: StoredKey, ifVersion: number): Promise<boolean>
  /** Changes the hash alone, and only where `from` still stands; no new version, no new `updatedAt`. */
  rehash(id: string, from: string, to: string): Promise<boolean>
  /** Removes the record with this id and version for good; `false` where there is none. */
  remove(id: string, ifVersion: number): Promise<boolean>
  /** Newest (greatest id) first. */
  list(query: KeyQuery): Promise<StoredKey[]>
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
