import type { TestServer } from './server.js'

// jest maps no names for its global set-up, so the file is named as it is on disk.
const { startServer } = require('./server.ts') as typeof import('./server.js')

declare global {
  var sidekeyTestServer: TestServer | undefined
}

/** One server for the whole run; each test has databases of its own in it. */
export default async function setup(): Promise<void> {
  const server = await startServer(`sidekey-test-${process.pid}`)
  globalThis.sidekeyTestServer = server
  process.env.SIDEKEY_TEST_URI = server.uri
  process.stderr.write(`MongoDB protocol by ${server.described}\n`)
}
