/**
 * How `maxKeysPerOwner` holds under concurrency: a key takes a slot in its owner's one document, by one atomic
 * operation, before it comes to life. Slots are not given back when a key ends, but when they are wanted: then those
 * of keys that are revoked, deleted, expired, given away or were never made are reclaimed. A slot is reclaimed only as the claim
 * that was read, so that a key coming back to life at the same moment (which renews its claim) keeps its slot.
 */

import type { Config } from '../config.js'
import { SidekeyError } from '../errors.js'
import { randomBase62 } from '../key/base62.js'
import {
  KEY_STATUSES,
  LIVING_STATUSES,
  type Owner,
  type StoredKey,
  sameOwner,
  statusOf,
} from '../key/record.js'
import type { Slot } from '../store/store.js'
import { everyKey } from './batches.js'
import type { Deps } from './deps.js'

/** A claim whose change has not come by then is an orphan. */
const ORPHAN_MS = 60_000
const BATCH = 200
/** The version of a claim that no change is behind. */
const NONE = -1

/**
 * Takes a slot for a key that comes to life, or renews the one it has.
 * @param version the version of the record that the change was decided on; 0 for a new key
 * @throws SidekeyError `KEY_LIMIT_REACHED`
 */
export async function takeSlot(deps: Deps, owner: Owner, keyId: string, version: number): Promise<void> {
  const max = deps.config.maxKeysPerOwner
  if (max === null) return
  const slot: Slot = { keyId, claim: randomBase62(8), at: new Date(deps.now()), version }
  let result = await deps.store.claimSlot(owner, slot, max)
  if (result === 'unseeded') {
    await deps.store.seedSlots(owner, await livingSlots(deps, owner))
    result = await deps.store.claimSlot(owner, slot, max)
  }
  if (result === 'full' && (await reclaim(deps, owner, max)))
    result = await deps.store.claimSlot(owner, slot, max)
  if (result !== 'claimed') throw limitReached(max)
}

/**
 * The same without taking it: whether there is one for the key now.
 * @throws SidekeyError `KEY_LIMIT_REACHED`
 */
export async function refuseWithoutSlot(deps: Deps, owner: Owner, keyId: string): Promise<void> {
  const max = deps.config.maxKeysPerOwner
  if (max === null) return
  const kept = await deps.store.slots(owner)
  const slots = kept.length > 0 ? kept : await livingSlots(deps, owner)
  if (slots.some(slot => slot.keyId === keyId)) return
  const free = await heldByNobody(deps, owner, slots)
  if (slots.length - free.length >= max) throw limitReached(max)
}

export function limitReached(max: number): SidekeyError {
  return new SidekeyError('KEY_LIMIT_REACHED', `An owner may have ${max} keys; revoke or delete one first.`)
}

/** Whether a key counts among those that its owner may have. */
export function isLiving(key: StoredKey, now: number): boolean {
  const status = statusOf(key, now)
  return LIVING_STATUSES.some(one => one === status)
}

/**
 * Whether a change needs a slot for its key: where it brings the key to life, and where what keeps it alive changes. Also where it is
 * living: it may expire, and its place be given away, before what keeps it alive has landed.
 */
export function needsSlot(
  key: StoredKey,
  next: StoredKey,
  { staysAlive, now }: { readonly staysAlive: boolean; readonly now: number },
): boolean {
  return isLiving(next, now) && (staysAlive || !isLiving(key, now))
}

/** Slots for the keys that an owner had before slots were kept: all of them, also where they are more than allowed. */
async function livingSlots(deps: Deps, owner: Owner): Promise<Slot[]> {
  const at = new Date(deps.now())
  const slots: Slot[] = []
  for await (const { id } of livingKeys(deps, owner))
    slots.push({ keyId: id, claim: randomBase62(8), at, version: NONE })
  return slots
}

/** The owner's keys that count among those that an owner may have. */
export function livingKeys(deps: Deps, owner: Owner): AsyncGenerator<StoredKey> {
  return everyKey(deps, { owners: [owner], statuses: LIVING_STATUSES, now: deps.now() })
}

/** Frees the slot of a key that is about to go for good. */
export function slotFreer({ maxKeysPerOwner, store }: Pick<Config, 'maxKeysPerOwner' | 'store'>) {
  return async (owner: Owner, keyId: string): Promise<void> => {
    if (maxKeysPerOwner === null) return
    const slot = (await store.slots(owner)).find(one => one.keyId === keyId)
    if (slot !== undefined) await store.releaseSlot(owner, slot)
  }
}

/** Frees what is held by nobody; whether there is room then, also where another process has freed it. */
async function reclaim(deps: Deps, owner: Owner, max: number): Promise<boolean> {
  const slots = await deps.store.slots(owner)
  const free = await heldByNobody(deps, owner, slots)
  for (const slot of free) await deps.store.releaseSlot(owner, slot)
  return slots.length - free.length < max
}

async function heldByNobody(deps: Deps, owner: Owner, slots: readonly Slot[]): Promise<Slot[]> {
  const keys = await keysOf(deps, slots)
  const now = deps.now()
  return slots.filter(slot => !isHeld(slot, keys.get(slot.keyId), owner, now))
}

/** The records of these slots, in a few reads. */
async function keysOf({ store, now }: Deps, slots: readonly Slot[]): Promise<Map<string, StoredKey>> {
  const found = new Map<string, StoredKey>()
  for (let i = 0; i < slots.length; i += BATCH) {
    const ids = slots.slice(i, i + BATCH).map(slot => slot.keyId)
    const keys = await store.list({ ids, statuses: KEY_STATUSES, now: now(), limit: BATCH })
    for (const key of keys) found.set(key.id, key)
  }
  return found
}

/**
 * Whether a slot is taken by a living key of this owner's, or may be about to be: where the record still has the version
 * that the claim was made for (or is not there yet), the change is on its way. No clocks are compared but for its age.
 */
function isHeld(slot: Slot, key: StoredKey | undefined, owner: Owner, now: number): boolean {
  if (key !== undefined && sameOwner(key.owner, owner) && isLiving(key, now)) return true
  const underWay = key === undefined || key.version === slot.version
  return underWay && now - slot.at.getTime() < ORPHAN_MS
}
