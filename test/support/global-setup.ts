import type { TestServer } from './mongo/server.js'

// jest maps no names for its global set-up, so files are named as they are on disk.
const { startServer } = require('./mongo/server.ts') as typeof import('./mongo/server.js')
const { offerBrowser } = require('./shared-browser.ts') as typeof import('./shared-browser.js')

declare global {
  var sidekeyTestServer: TestServer | undefined
  var sidekeyTestBrowser: { close(): Promise<void> } | undefined
}

/** One server for the whole run, in which each test has databases of its own; and one browser, once a test asks for it. */
export default async function setup(): Promise<void> {
  const server = await startServer(`sidekey-test-${process.pid}`)
  globalThis.sidekeyTestServer = server
  process.env.SIDEKEY_TEST_URI = server.uri
  process.stderr.write(`MongoDB protocol by ${server.described}\n`)
  globalThis.sidekeyTestBrowser = await offerBrowser()
}
