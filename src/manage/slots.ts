/**
 * How `maxKeysPerOwner` holds under concurrency: a key takes a slot in its owner's one document, by one atomic
 * operation, before it comes to life. Slots are not given back when a key ends, but when they are wanted: then those
 * of keys that are revoked, deleted, expired, given away or were never made are reclaimed. A slot is reclaimed only as the claim
 * that was read, so that a key coming back to life at the same moment (which renews its claim) keeps its slot.
 */
import { SidekeyError } from '../errors.js'
import { randomBase62 } from '../key/base62.js'
import { type Owner, type StoredKey, sameOwner, statusOf } from '../key/record.js'
import type { Slot } from '../store/store.js'
import type { Deps } from './deps.js'

/** A slot without a key of this owner's is an orphan only after this: until then the key may be on its way. */
const ORPHAN_MS = 60_000
const LIVING = ['active', 'disabled', 'scheduled'] as const

/**
 * Takes a slot for a key that comes to life, or renews the one it has.
 * @throws SidekeyError `KEY_LIMIT_REACHED`
 */
export async function takeSlot(deps: Deps, owner: Owner, keyId: string): Promise<void> {
  const max = deps.config.maxKeysPerOwner
  if (max === null) return
  const slot: Slot = { keyId, claim: randomBase62(8), at: new Date(deps.now()) }
  let result = await deps.store.claimSlot(owner, slot, max)
  if (result === 'unseeded') {
    await deps.store.seedSlots(owner, await livingSlots(deps, owner, max))
    result = await deps.store.claimSlot(owner, slot, max)
  }
  if (result === 'full' && (await reclaim(deps, owner))) result = await deps.store.claimSlot(owner, slot, max)
  if (result !== 'claimed') {
    throw new SidekeyError('KEY_LIMIT_REACHED', `An owner may have ${max} keys; revoke or delete one first.`)
  }
}

/** Whether a key counts among those that its owner may have. */
export function isLiving(key: StoredKey, now: number): boolean {
  const status = statusOf(key, now)
  return LIVING.some(one => one === status)
}

/** Slots for the keys that an owner had before slots were kept; more than `max` need not be told. */
async function livingSlots(deps: Deps, owner: Owner, max: number): Promise<Slot[]> {
  const now = deps.now()
  const keys = await deps.store.list({ owners: [owner], statuses: LIVING, now, limit: max })
  return keys.map(key => ({ keyId: key.id, claim: randomBase62(8), at: new Date(now) }))
}

async function reclaim(deps: Deps, owner: Owner): Promise<boolean> {
  const now = deps.now()
  let freed = false
  for (const slot of await deps.store.slots(owner)) {
    const key = await deps.store.find(slot.keyId)
    const here = key !== null && sameOwner(key.owner, owner)
    if (here ? isLiving(key, now) : now - slot.at.getTime() < ORPHAN_MS) continue
    await deps.store.releaseSlot(owner, slot)
    freed = true
  }
  return freed
}
