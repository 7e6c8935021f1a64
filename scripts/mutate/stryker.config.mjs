/** How Stryker makes mutants and runs the tests of jest.config.ts on each. It is started by run.mjs. */
const OUT = 'scripts/.out'
const part = `${process.env.SIDEKEY_MUTATE}-${process.env.SIDEKEY_MUTATE_GROUP}`

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  // jest follows imports within its roots alone, which are the tests: which of them a mutant concerns is known by coverage.
  jest: { configFile: 'scripts/mutate/jest.config.ts', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  // It would be read by an interface that TypeScript 7 does not have.
  tsconfigFile: 'none',
  ignorePatterns: ['dist', 'docs', 'examples', 'bench', 'ui', '.ci', 'scripts/.out'],
  // What runs when a file is loaded is tried by loading all anew for each mutant: hours, for a few constants.
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 5000,
  timeoutFactor: 1.5,
  dryRunTimeoutMinutes: 15,
  tempDirName: `${OUT}/stryker-${part}`,
  reporters: ['clear-text', 'progress-append-only', 'json', 'html'],
  jsonReporter: { fileName: `${OUT}/mutation-${part}.json` },
  htmlReporter: { fileName: `${OUT}/mutation-${part}.html` },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: null },
}
