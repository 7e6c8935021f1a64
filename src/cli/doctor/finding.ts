/** What `sidekey doctor` finds. */
import type { Config } from '../../config.js'
import type { Interrupts } from '../interrupt.js'
import type { Output } from '../output.js'

/** `problem`: keys are refused, or promises not kept; `warning`: it should be otherwise; `note`: it is good to know. */
export type Level = 'ok' | 'note' | 'warning' | 'problem'

export interface Finding {
  readonly check: string
  readonly level: Level
  /** What was found, in one sentence. */
  readonly found: string
  /** What to do about it. */
  readonly advice?: string
  /** Ids of some of the keys that it is about. */
  readonly keys?: readonly string[]
}

/** What a check looks at. */
export interface Patient {
  readonly config: Config
  /** Whether the app's own options hold: without them some things cannot be told. */
  readonly by: 'config' | 'database'
  readonly interrupts: Interrupts
  readonly progress: Output['progress']
  readonly now: () => number
  /** The version of Node. */
  readonly node: string
}

export type Check = (patient: Patient) => Promise<readonly Finding[]>

/** So many, with the right word. */
export function counted(n: number, one: string, many: string): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`
}
