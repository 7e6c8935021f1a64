/**
 * What the simulation has to catch. A mutant that does not apply any more, since the source has another text now, fails the test:
 * it is to be brought up to date.
 */
import type { Mutants } from './mutant.js'
import { MUTANTS_OF_READERS } from './mutants-of-readers.js'
import { MUTANTS_OF_STORES } from './mutants-of-stores.js'
import { MUTANTS_OF_WRITERS } from './mutants-of-writers.js'

export const MUTANTS: Mutants = { ...MUTANTS_OF_READERS, ...MUTANTS_OF_WRITERS, ...MUTANTS_OF_STORES }
