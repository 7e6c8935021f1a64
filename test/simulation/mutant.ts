import type { Patch } from '../support/patching.js'

/** One thing that is wrong with the library, or with what it stands on. */
export interface Mutant {
  readonly patches: readonly Patch[]
  /** The first seed that is tried: it catches the mutant, or did when this was written. */
  readonly seed: number
}

export type Mutants = Readonly<Record<string, Mutant>>

/** A mutant of one change. */
export function mutant(seed: number, file: string, from: string, to: string): Mutant {
  return { patches: [{ file, from, to }], seed }
}
