import { deepFreeze, type Owner, ownerName, type StoredKey, sameOwner, statusOf } from '../key/record.js'
import { localCounters } from '../limit/counters.js'
import { memoryChanges } from './memory-changes.js'
import { memoryCredits } from './memory-credits.js'
import { memoryEvents } from './memory-events.js'
import { memoryUsage } from './memory-usage.js'
import type { Alias, KeyQuery, Slot, Store, Use } from './store.js'

/**
 * Keeps keys in this process's memory: for development and tests. They are gone with the process and are not
 * shared with another.
 *
 * @example
 * ```ts
 * const keys = apiKeys({ prefix: 'acme_test', store: memoryStore() })
 * ```
 */
export function memoryStore(): Store {
  const keys = new Map<string, StoredKey>()
  const slotsByOwner = new Map<string, readonly Slot[]>()
  const events = memoryEvents()
  const changes = memoryChanges()
  const aliases = new Map<string, Alias>()
  const uses = new Map<string, Use>()
  /** Whether anything is to be kept of a key: not of one that is gone, or about to go. */
  const isKept = (id: string) => {
    const key = keys.get(id)
    return key !== undefined && !key.deleted?.forGood
  }
  const usage = memoryUsage(isKept)
  /** Ids of keys with something in the outbox. */
  const undrained = new Set<string>()
  /** Ids, newest first; made anew when a key comes or goes. */
  let order: readonly string[] | null = null

  const slotsOf = (owner: Owner) => slotsByOwner.get(ownerName(owner))
  const put = (key: StoredKey) => {
    keys.set(key.id, own(key))
    if (key.outbox.length > 0) undrained.add(key.id)
    else undrained.delete(key.id)
  }
  const changed = (id: string) => changes.publish({ keyIds: [id], owners: [] })
  const insert = (key: StoredKey) => {
    if (keys.has(key.id)) return false
    put(key)
    order = null
    changed(key.id)
    return true
  }
  const claimAlias = (alias: Alias) => {
    const known = aliases.get(alias.id)
    if (known !== undefined && (known.expireAt === null || known.expireAt > alias.at)) return known
    aliases.set(alias.id, { ...alias })
    return alias
  }

  return {
    name: 'memory',
    changes,
    counters: localCounters(),
    credits: memoryCredits(),
    async ready() {},
    insert: async key => insert(key),
    insertMany: async many => many.filter(insert).map(({ id }) => id),
    async find(id) {
      return keys.get(id) ?? null
    },
    async replace(key, ifVersion) {
      if (keys.get(key.id)?.version !== ifVersion) return false
      put(key)
      changed(key.id)
      return true
    },
    async rehash(id, from, to) {
      const key = keys.get(id)
      if (key?.hash !== from) return false
      keys.set(id, own({ ...key, hash: to }))
      changed(id)
      return true
    },
    async remove(id, ifVersion) {
      if (keys.get(id)?.version !== ifVersion) return false
      order = null
      undrained.delete(id)
      uses.delete(id)
      usage.remove(id)
      keys.delete(id)
      changed(id)
      return true
    },
    async list(query) {
      order ??= [...keys.keys()].sort().reverse()
      const found: StoredKey[] = []
      for (const id of order) {
        if (found.length >= query.limit) break
        if (query.before !== undefined && id >= query.before) continue
        const key = keys.get(id)
        if (key !== undefined && matches(key, query)) found.push(key)
      }
      return found
    },
    async moveIdleChecks(checks) {
      for (const { keyId, at } of checks) {
        const key = keys.get(keyId)
        if (key?.idle) keys.set(keyId, own({ ...key, idle: { ...key.idle, checkAt: at } }))
      }
    },
    async pending(before, limit) {
      const isOld = (key: StoredKey) => key.outbox.some(({ at }) => at < before)
      const found = [...undrained].map(id => keys.get(id)).filter(key => key !== undefined && isOld(key))
      return found.slice(0, limit) as StoredKey[] // those that are not there were filtered out
    },
    async clearOutboxes(drained) {
      for (const { keyId, eventIds } of drained) {
        const key = keys.get(keyId)
        if (key !== undefined) put({ ...key, outbox: key.outbox.filter(({ id }) => !eventIds.includes(id)) })
      }
    },
    ...events,
    async claimAlias(alias) {
      for (const { id, expireAt } of aliases.values()) {
        if (expireAt !== null && expireAt <= alias.at) aliases.delete(id)
      }
      return claimAlias(alias)
    },
    claimAliases: async many => many.map(claimAlias),
    async findAlias(id) {
      return aliases.get(id) ?? null
    },
    async retireAlias(id, keyId) {
      const known = aliases.get(id)
      if (known?.keyId === keyId) aliases.set(id, { ...known, retired: true })
    },
    async releaseAlias(id, keyId) {
      if (aliases.get(id)?.keyId === keyId) aliases.delete(id)
    },
    async recordUses(noted) {
      for (const use of noted) {
        if (!isKept(use.keyId)) continue
        const known = uses.get(use.keyId)
        if (known === undefined || known.at < use.at) uses.set(use.keyId, { ...use, at: new Date(use.at) })
      }
    },
    async lastUses(keyIds) {
      return keyIds.flatMap(keyId => {
        const use = uses.get(keyId)
        return use === undefined ? [] : [{ ...use, at: new Date(use.at) }]
      })
    },
    addUsage: usage.addUsage,
    usage: usage.usage,
    usedKeys: usage.usedKeys,
    async claimSlot(owner, slot, max) {
      const slots = slotsOf(owner)
      if (slots === undefined) return 'unseeded'
      const others = slots.filter(one => one.keyId !== slot.keyId)
      const renewed = others.length < slots.length
      if (!renewed && others.length >= max) return 'full'
      slotsByOwner.set(ownerName(owner), [...others, slot])
      return 'claimed'
    },
    async seedSlots(owner, slots) {
      if (slotsOf(owner) === undefined) slotsByOwner.set(ownerName(owner), [...slots])
    },
    async slots(owner) {
      return [...(slotsOf(owner) ?? [])]
    },
    async releaseSlot(owner, slot) {
      const slots = slotsOf(owner)
      if (slots === undefined) return
      const kept = slots.filter(one => one.keyId !== slot.keyId || one.claim !== slot.claim)
      slotsByOwner.set(ownerName(owner), kept)
    },
    async ping() {},
    async close() {},
  }
}

/** A frozen copy, so that nobody outside can change what is stored. */
function own(key: StoredKey): StoredKey {
  return deepFreeze(structuredClone(key))
}

function matches(key: StoredKey, query: KeyQuery): boolean {
  const { ids, owners, organizationId, parentId, kind, tag, text } = query
  const { expiresAfter, expiresBy, deletedBefore, idleCheckBy } = query
  const { expiresAt, deleted, idle } = key
  return (
    (expiresAfter === undefined || (expiresAt !== null && expiresAt > expiresAfter)) &&
    (expiresBy === undefined || (expiresAt !== null && expiresAt <= expiresBy)) &&
    (idleCheckBy === undefined || (idle !== null && idle.endedAt === null && idle.checkAt <= idleCheckBy)) &&
    (deletedBefore === undefined || (deleted !== null && deleted.at < deletedBefore)) &&
    (ids === undefined || ids.includes(key.id)) &&
    (owners === undefined || owners.some(owner => sameOwner(owner, key.owner))) &&
    (organizationId === undefined || key.organizationId === organizationId) &&
    (parentId === undefined || key.parentId === parentId) &&
    (kind === undefined || key.kind === kind) &&
    (tag === undefined || key.tags.includes(tag)) &&
    (text === undefined || key.name.toLowerCase().includes(text.toLowerCase())) &&
    (query.statuses.includes(statusOf(key, query.now)) ||
      (query.orUnsettled === true && key.outbox.length > 0))
  )
}
