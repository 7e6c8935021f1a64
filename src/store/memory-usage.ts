/** What the memory store has counted of the use of keys. */
import { ownerName, sameOwner } from '../key/record.js'
import type { Store, UsageBucket, UsageFilter } from './store.js'

/** @param isKept whether anything is to be kept of a key with this id */
export function memoryUsage(
  isKept: (id: string) => boolean,
): Pick<Store, 'addUsage' | 'usage' | 'usedKeys'> & { remove(keyId: string): void } {
  /** By hour, and within it by whose use it was. */
  const hours = new Map<number, Map<string, UsageBucket>>()

  function forgetExpired(): void {
    const now = Date.now()
    for (const [hour, buckets] of hours) {
      for (const [name, { expireAt }] of buckets) if (expireAt.getTime() <= now) buckets.delete(name)
      if (buckets.size === 0) hours.delete(hour)
    }
  }

  function* found(filter: UsageFilter): Generator<UsageBucket> {
    forgetExpired()
    for (const [hour, buckets] of hours) {
      if (hour < filter.from || hour >= filter.to) continue
      for (const bucket of buckets.values()) if (matches(bucket, filter)) yield bucket
    }
  }

  return {
    async addUsage(added) {
      for (const bucket of added) {
        if (!isKept(bucket.keyId)) continue
        const buckets = hours.get(bucket.hour) ?? new Map<string, UsageBucket>()
        hours.set(bucket.hour, buckets)
        const name = JSON.stringify([bucket.keyId, ownerName(bucket.owner), bucket.organizationId])
        const known = buckets.get(name) ?? { ...bucket, counts: {} }
        buckets.set(name, { ...known, counts: sum(known.counts, bucket.counts) })
      }
    },
    async usage(filter) {
      const sums = new Map<number, Record<string, number>>()
      for (const { hour, counts } of found(filter)) sums.set(hour, sum(sums.get(hour) ?? {}, counts))
      return [...sums].sort(([a], [b]) => a - b).map(([hour, counts]) => ({ hour, counts }))
    },
    async usedKeys(filter, limit) {
      return [...new Set([...found(filter)].map(({ keyId }) => keyId))].slice(0, limit)
    },
    remove(keyId) {
      for (const buckets of hours.values()) {
        for (const [name, bucket] of buckets) if (bucket.keyId === keyId) buckets.delete(name)
      }
    },
  }
}

function sum(a: UsageBucket['counts'], b: UsageBucket['counts']): Record<string, number> {
  const counts = { ...a }
  for (const [outcome, n] of Object.entries(b)) counts[outcome] = (counts[outcome] ?? 0) + n
  return counts
}

function matches(bucket: UsageBucket, { keyIds, owners, organizationId }: UsageFilter): boolean {
  return (
    (keyIds === undefined || keyIds.includes(bucket.keyId)) &&
    (owners === undefined || owners.some(owner => sameOwner(owner, bucket.owner))) &&
    (organizationId === undefined || bucket.organizationId === organizationId)
  )
}
