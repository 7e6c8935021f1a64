/** What a process counts of itself. Plain fields: a verification from memory raises two of them. */
import type { UsageOutcome } from '../usage/counter.js'

export class Tally {
  /** Verifications of a token that memory knew. */
  hits = 0
  /** Those that had to ask the store. */
  misses = 0
  /** The most frequent outcome has a field of its own. */
  accepted = 0
  readonly #others = new Map<UsageOutcome, number>()
  readonly #storeErrors = new Map<string, number>()

  count(outcome: UsageOutcome): void {
    if (outcome === 'accepted') this.accepted++
    else raise(this.#others, outcome)
  }

  countStoreError(method: string): void {
    raise(this.#storeErrors, method)
  }

  verifications(): Partial<Record<UsageOutcome, number>> {
    return { ...(this.accepted > 0 && { accepted: this.accepted }), ...Object.fromEntries(this.#others) }
  }

  storeErrors(): Record<string, number> {
    return Object.fromEntries(this.#storeErrors)
  }
}

function raise<K>(counts: Map<K, number>, name: K): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
