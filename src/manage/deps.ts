import type { Config } from '../options.js'
import type { Store } from '../store/store.js'
import type { Grants } from '../verify/owner.js'
import type { Verifier } from '../verify/verifier.js'

/** What every operation of management works with. */
export interface Deps {
  readonly config: Config
  readonly store: Store
  readonly verifier: Verifier
  readonly grants: Grants
  readonly now: () => number
}
