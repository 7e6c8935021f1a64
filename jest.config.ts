/** @jest-config-loader esbuild-register */
import { availableParallelism } from 'node:os'
import type { Config } from 'jest'

// This file is loaded as it is: nothing leads it from the names of built files to the sources.
const { bundled } = require('./test/support/bundles.ts') as typeof import('./test/support/bundles.js')

/** The package's own names lead to its sources; `test/consumers` has the packed tarball in their place. */
const ENTRY_POINTS = {
  '^sidekey$': '<rootDir>/src/index.ts',
  '^sidekey/(express|koa|fetch|passport)$': '<rootDir>/src/http/$1.ts',
  '^sidekey/mongoose$': '<rootDir>/src/store/mongoose/index.ts',
  '^sidekey/(logs|opentelemetry)$': '<rootDir>/src/$1/index.ts',
  '^sidekey/import$': '<rootDir>/src/import/index.ts',
  '^sidekey/client$': '<rootDir>/src/client/index.ts',
  '^sidekey/store-contract$': '<rootDir>/src/store/contract-suite.ts',
}

/** Leads to packages of many files as bundles of one (test/support/bundles.ts). */
const AS_ONE = bundled([
  'mongoose',
  'express',
  'express4',
  'koa',
  'supertest',
  'fast-check',
  'rate-limiter-flexible',
])

const config: Config = {
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', ...ENTRY_POINTS, ...AS_ONE },
  transform: {
    '^.+\\.[jt]s$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } },
    ],
  },
  // More than there are cores: some tests wait most of the time, for a lease to lapse or for another process.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // Far more than any test takes: a slow machine is no fault of what is tested.
  testTimeout: 60_000,
  randomize: true,
}

export default config
