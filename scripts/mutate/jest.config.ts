/**
 * The tests that are to find mutants of one group out (`SIDEKEY_MUTATE`, `SIDEKEY_MUTATE_GROUP`; see parts.json). jest starts no server for them, as it
 * would for each of Stryker's processes: those that need one run where SIDEKEY_TEST_URI names it.
 * @jest-config-loader esbuild-register
 */
import type { Config } from 'jest'

const { default: usual } = require('../../jest.config.ts') as typeof import('../../jest.config.js')
const PARTS = require('./parts.json') as Parts
const { globalSetup: _setup, globalTeardown: _teardown, ...rest } = usual

type Parts = Readonly<Record<string, Readonly<Record<string, { readonly tests: readonly string[] }>>>>

const NEED_A_SERVER = [
  'away',
  'forgotten-elsewhere',
  'from-memory',
  'frozen',
  'immediate',
  'leases',
  'narrowed-elsewhere',
]
const { SIDEKEY_MUTATE = 'key', SIDEKEY_MUTATE_GROUP = 'token', SIDEKEY_TEST_URI } = process.env
const without = SIDEKEY_TEST_URI === undefined ? NEED_A_SERVER : []

const config: Config = {
  ...rest,
  rootDir: '../..',
  // Stryker loads it, and knows no <rootDir>.
  testEnvironment: require.resolve('../../test/support/environment.cjs'),
  testMatch:
    PARTS[SIDEKEY_MUTATE]?.[SIDEKEY_MUTATE_GROUP]?.tests.map(pattern => `<rootDir>/${pattern}`) ?? [],
  testPathIgnorePatterns: ['/node_modules/', ...without.map(name => `/test/verify/${name}\\.test\\.ts$`)],
  testSequencer: '<rootDir>/scripts/mutate/sequencer.mjs',
  // Which test meets a mutant first is the same in each run.
  randomize: false,
}

export default config
