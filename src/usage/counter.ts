/** What is counted of one key in one hour: numbers in memory, until they are written. */
import type { RefusalCode } from '../errors.js'
import type { Owner } from '../key/record.js'
import type { UsageBucket } from '../store/store.js'
import { endOfKeeping, HOUR_MS, hourOf } from './hours.js'

/** What came of a verification, as it is counted: of a refusal its code, where the secret was right. */
export type UsageOutcome = 'accepted' | RefusalCode

/** The key that is counted: a record, or what callers see of one. */
export interface CountedKey {
  readonly id: string
  readonly owner: Owner
  readonly organizationId: string | null
}

export interface UsageCounter extends Omit<CountedKey, 'id'> {
  readonly keyId: string
  readonly hour: number
  /** The first ms that is no longer in its hour. */
  readonly until: number
  /** Whether it is among those that are to be written. */
  noted: boolean
  accepted: number
  /** By code; `null`: none. */
  refused: Map<string, number> | null
}

export function counterFor({ id, owner, organizationId }: CountedKey, at: number): UsageCounter {
  const hour = hourOf(at)
  const until = (hour + 1) * HOUR_MS
  return { keyId: id, owner, organizationId, hour, until, noted: false, accepted: 0, refused: null }
}

export function increase(counter: UsageCounter, outcome: string, by: number): void {
  if (outcome === 'accepted') {
    counter.accepted += by
    return
  }
  counter.refused ??= new Map()
  counter.refused.set(outcome, (counter.refused.get(outcome) ?? 0) + by)
}

export function isEmpty({ accepted, refused }: UsageCounter): boolean {
  return accepted === 0 && refused === null
}

/** What it has, for the store; it begins anew. */
export function taken(counter: UsageCounter): UsageBucket {
  const { keyId, owner, organizationId, hour, accepted, refused } = counter
  counter.accepted = 0
  counter.refused = null
  const counts = { ...(accepted > 0 && { accepted }), ...Object.fromEntries(refused ?? []) }
  return { keyId, owner, organizationId, hour, counts, expireAt: endOfKeeping(hour) }
}
