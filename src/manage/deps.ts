import type { Config } from '../config.js'
import type { Store } from '../store/store.js'
import type { LastUse } from '../usage/last-use.js'
import type { Recorder } from '../usage/recorder.js'
import type { Grants } from '../verify/owner.js'
import type { Verifier } from '../verify/verifier.js'
import type { CreditOutbox } from './credit-outbox.js'
import type { Outbox } from './outbox.js'
import type { Refusals } from './refusals.js'
import type { Turns } from './turns.js'

/** What every operation of management works with. */
export interface Deps {
  readonly config: Config
  readonly store: Store
  readonly verifier: Verifier
  readonly grants: Grants
  readonly outbox: Outbox
  readonly creditOutbox: CreditOutbox
  readonly lastUse: LastUse
  readonly usage: Recorder
  readonly refusals: Refusals
  readonly turns: Turns
  readonly now: () => number
}
