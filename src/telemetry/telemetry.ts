/** What can be watched: what an app hands in to be told, and what it may read at any time. */
import type { UsageOutcome } from '../usage/counter.js'

/** What an operation is called: that of the method, `verify` for a verification that memory could not answer. */
export type OperationName =
  | 'create'
  | 'get'
  | 'list'
  | 'update'
  | 'transfer'
  | 'rotate'
  | 'revoke'
  | 'previewRevoke'
  | 'revokeAll'
  | 'delete'
  | 'restore'
  | 'purge'
  | 'credits.add'
  | 'credits.set'
  | 'credits.refund'
  | 'lookup'
  | 'audit'
  | 'usage'
  | 'config'
  | 'import'
  | 'forget'
  | 'verify'

/**
 * Is told what a `keys` object does: the option `telemetry`. `sidekey/opentelemetry` makes one; for anything else it is two
 * functions (docs/watching.md has one for prom-client).
 */
export interface Telemetry {
  /**
   * Called once, by `apiKeys()`. `read` costs a few microseconds, and no I/O: call it whenever figures are collected. What it
   * returns, if anything, is called by `keys.close()`.
   */
  observe(read: () => Metrics): (() => void) | undefined
  /**
   * Called in place of each operation that may take time: it must call `run` once, at once, and return what that returns. A
   * verification that memory answers is none of them; `read` counts it.
   */
  around<T>(operation: OperationName, run: () => Promise<T>): Promise<T>
}

/** What a process has done and how it stands: `keys.metrics()`. Counts are since its start, and never fall. */
export interface Metrics {
  /** Verifications by what came of them. Those that never occurred are not in it. */
  readonly verifications: Readonly<Partial<Record<UsageOutcome, number>>>
  readonly cache: {
    /** Verifications of a token that memory knew. */
    readonly hits: number
    /** Those that had to ask the store. */
    readonly misses: number
    /** How many keys are in memory. */
    readonly records: number
  }
  /**
   * How long ago this process last renewed its lease, in ms; `null`: it has none, since nothing was verified for a minute, its
   * store has one process only, or nothing is cached.
   */
  readonly leaseAgeMs: number | null
  /** Store operations that failed, by the name of the store's method (`find`, `changes.read`). */
  readonly storeErrors: Readonly<Record<string, number>>
  /** How much waits in memory to be written. */
  readonly queues: {
    /** Keys whose last use is to be written. */
    readonly lastUses: number
    /** Keys and hours whose counts are to be written. */
    readonly usage: number
    /** Refusals that are to be in the audit. */
    readonly refusals: number
  }
}
