/** The tests in the order in which parts.json names them: the first file that fails ends a mutant's run, so quick ones come first. */
import { createRequire } from 'node:module'
import Sequencer from '@jest/test-sequencer'

const { SIDEKEY_MUTATE, SIDEKEY_MUTATE_GROUP } = process.env
const { tests } = createRequire(import.meta.url)('./parts.json')[SIDEKEY_MUTATE][SIDEKEY_MUTATE_GROUP]
const placeOf = ({ path }) => tests.findIndex(name => path.endsWith(`/${name}`))

export default class Listed extends Sequencer {
  sort(all) {
    return [...all].sort((a, b) => placeOf(a) - placeOf(b) || a.path.localeCompare(b.path))
  }
}
