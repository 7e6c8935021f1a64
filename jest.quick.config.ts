/** @jest-config-loader esbuild-register */
import type { Config } from 'jest'

const { default: config } = require('./jest.config.ts') as typeof import('./jest.config.js')

/** What `npm test` runs: all but what takes minutes, which is `npm run test:long`. */
const quick: Config = {
  ...config,
  testPathIgnorePatterns: ['/node_modules/', '/test/(processes|faults|consumers|rolling|release)/'],
}

export default quick
