/** What is bundled: with the library as it is, or with a mutant's changes. */
export { LIVENESS } from './liveness.js'
export { simulate } from './simulate.js'
