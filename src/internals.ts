/** What the framework adapters need of a `keys` object, out of sight of its users. */

import type { Config } from './config.js'
import { type RefusalCode, SidekeyError } from './errors.js'
import type { ApiKey, Owner } from './key/record.js'
import type { Meters } from './limit/meters.js'
import type { Checks } from './manage/checks.js'
import type { ImportResult } from './manage/import.js'
import type { ImportOptions, ImportRecord } from './manage/import-input.js'
import type { Leak, LeakOutcome, LeakPolicy } from './manage/leaks.js'
import type { ApiKeys, KeyManagement } from './sidekey.js'
import type { Soon } from './soon.js'
import type { UsageOutcome } from './usage/counter.js'
import type { Verification, VerifyRequest } from './verify/verification.js'

export const INTERNALS = Symbol.for('sidekey.internals')

export interface Internals {
  readonly config: Config
  /** As `keys.verify`, but draws on no limits, and a promise only where something has to be waited for. Throws `INVALID_INPUT`. */
  readonly identify: (token: unknown, request?: VerifyRequest) => Soon<Verification>
  /** Draws what a request costs. */
  readonly charge: Meters['chargeOnce']
  /** Counts what came of a verification. */
  readonly count: (key: ApiKey, outcome: UsageOutcome) => void
  /** Counts a request that was refused before there was a key to verify. */
  readonly countNobodys: (code: RefusalCode) => void
  /** The trusted face, with a request that the audit tells of: `ip`, `id` and `headers` are looked at. */
  readonly asServer: (request: object) => KeyManagement
  /** What the trusted face would refuse or do, without doing it. */
  readonly checks: Checks
  /** Tells of tokens that were found where they should not be, and ends them. Trusted, as `asServer` is. */
  readonly reportLeaks: (
    request: object,
    leaks: readonly Leak[],
    policyOf: (kind: string) => LeakPolicy,
  ) => Promise<readonly LeakOutcome[]>
  /** Begins a `keys.import` whose records come in several parts: a dry one remembers those before. */
  readonly importer: (options: ImportOptions) => (records: readonly ImportRecord[]) => Promise<ImportResult>
  /** The owner's user, as the app's option `user` loads it. */
  readonly userOf: (owner: Owner) => unknown
}

/**
 * The internals of what `apiKeys()` returned.
 * @throws SidekeyError `INVALID_OPTION` for anything else.
 */
export function internalsOf(keys: object): Internals {
  const internals: unknown = Reflect.get(Object(keys), INTERNALS)
  if (internals === undefined)
    throw new SidekeyError('INVALID_OPTION', 'sidekey: keys: takes what apiKeys() returned')
  return internals as Internals // set in apiKeys() only
}

/** The catalogue is in the type of `keys` for callers' sake; within the package any string is a permission. */
export function withoutCatalogue<P extends string>(keys: ApiKeys<P>): ApiKeys {
  return keys as unknown as ApiKeys
}
