/** How many processes there are, what they do, and what befalls them. Times are in virtual ms. */

import type { Death, Operation, Weather } from './network.js'
import type { Thing } from './node.js'
import type { Act } from './writer.js'

export interface Schedule {
  readonly weather: Weather
  /** Whether something had been published before. */
  readonly isNew: boolean
  /** So many entries of the changes are kept. */
  readonly entries: number
  readonly processes: readonly PlannedProcess[]
  /** Of all processes. */
  readonly longestLeaseMs: number
  /** It is over by then. */
  readonly endsBy: number
  readonly changes: readonly PlannedChange[]
  /** Other processes publish so many entries each time, of keys that nobody here has. */
  readonly noise: readonly { readonly start: Start; readonly entries: number }[]
  readonly failOvers: readonly FailOver[]
}

/** From then on: at once, or when such an operation takes effect next, whoever has asked for it. */
export interface Start {
  readonly at: number
  readonly upon: Operation | null
}

/** Another server becomes the primary, after `gapMs` without any; the old one is asked for `deposedMs` more. */
export interface FailOver {
  readonly start: Start
  readonly gapMs: number
  readonly deposedMs: number
}

export interface PlannedProcess {
  readonly startsAt: number
  readonly leaseMs: number
  readonly memory: 'shared' | 'none'
  /** How often it verifies, in ms. */
  readonly everyMs: number
  readonly incidents: readonly Incident[]
  readonly death: Death | null
}

export interface Incident {
  readonly start: Start
  /** `restart`: killed, and started anew after `ms`. `set clock`: by `ms`. Of others, how long it takes, if it takes any time. */
  readonly kind:
    | 'pause'
    | 'suspend'
    | 'cut off'
    | 'idle'
    | 'set clock'
    | 'kill'
    | 'restart'
    | 'stop'
    | 'sweep'
  readonly ms: number
}

export interface PlannedChange {
  readonly start: Start
  readonly by: number
  readonly act: Act
  readonly things: readonly Thing[]
  /** Whether whoever called calls again where it fails. */
  readonly again: boolean
}

export const POLL_MS = 20
/** Four polls: the least that the options take. */
export const LEASE_MS = 80

export const KEYS: readonly [Thing, ...Thing[]] = [
  { sort: 'key', id: 'aaaaaaaaaaaaaaaa' },
  { sort: 'key', id: 'bbbbbbbbbbbbbbbb' },
]
export const USER: Thing = { sort: 'user', id: 'u' }
export const THINGS: readonly [Thing, ...Thing[]] = [...KEYS, USER]
