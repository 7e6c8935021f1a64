/** What is wrong with what all stands on: the database, and the clocks. */
import { type Mutant, type Mutants, mutant } from './mutant.js'

const NETWORK = 'test/simulation/network.ts'
const STORE = 'test/simulation/store.ts'
const MACHINE = 'test/simulation/machine.ts'

/** A deposed primary that answers as if nothing had happened. */
const staleAnswer = (seed: number, operation: string): Mutant =>
  mutant(seed, NETWORK, 'new Set<Operation>([])', `new Set<Operation>(['${operation}'])`)

export const MUTANTS_OF_STORES: Mutants = {
  'a tag that is seen before its entry is': mutant(
    470,
    STORE,
    `        documents.tag = entry.tag
        documents.recent = [...documents.recent, entry].slice(-entries)
      }),
`,
    `        documents.tag = entry.tag
      }).then(() => network.ask(machine, 'publish', documents => {
        documents.recent = [...documents.recent, entry].slice(-entries)
      })),
`,
  ),
  'a stale record from a deposed primary': staleAnswer(514, 'find'),
  'stale changes from a deposed primary': staleAnswer(797, 'changes'),
  'stale leases from a deposed primary': staleAnswer(2753, 'leases'),
  // What is assumed, in docs/: without it nothing could be promised, and the simulation sees that too.
  'clocks that are 20 % apart': mutant(431, MACHINE, 'Math.sqrt(1.05)', 'Math.sqrt(1.2)'),
  'a machine that is suspended with both its clocks': mutant(
    342,
    MACHINE,
    '      stoodStill += ms * rate\n',
    '      stoodStill += ms * rate\n      wallOffset -= ms * rate\n',
  ),
}
