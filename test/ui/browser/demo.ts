/** The demo, in this process: the app of examples/express-passport as it is, over the sources. */
import { createServer } from 'node:http'
import { memoryStore, type Store } from 'sidekey'
import { close, listen } from '../../client/support.js'
import type { TestKeys } from '../../support/keys.js'

// The example is JavaScript.
const { createApp } = require('../../../examples/express-passport/app.js') as {
  createApp(options: { sessionSecret: string; store: Store }): Parameters<typeof createServer>[1]
}
const { createKeys } = require('../../../examples/express-passport/keys.js') as {
  createKeys(store: Store): TestKeys
}

export type User = 'alice' | 'bob' | 'carol' | 'root'

export interface Demo {
  readonly origin: string
  /** Where the page is. */
  readonly page: string
  /** The keys of the app, for what is to be there before somebody looks. */
  readonly keys: TestKeys
  /** Takes the server off the network, and puts it back at the same port. */
  stop(): Promise<void>
  close(): Promise<void>
}

export async function startDemo(store: Store = memoryStore()): Promise<Demo> {
  const app = createApp({ sessionSecret: 'a secret for tests only', store })
  const server = createServer(app)
  const origin = await listen(server)
  const keys = createKeys(store)
  return {
    origin,
    page: `${origin}/api-keys/ui/`,
    keys,
    stop: () => close(server),
    async close() {
      await close(server)
      await keys.close()
    },
  }
}
