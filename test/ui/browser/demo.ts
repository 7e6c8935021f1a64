/** The demo, in this process: the app of examples/express-passport as it is, over the sources. */
import { createServer } from 'node:http'
import type { Page } from 'playwright-core'
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

/** The app's keys over a store, for what is to be there before it starts. */
export const keysOfDemo = createKeys

export type User = 'alice' | 'bob' | 'carol' | 'root'

export interface Demo {
  readonly origin: string
  /** Where the page is. */
  readonly page: string
  /** Logs somebody in, who then is at this path. */
  enter(page: Page, user: User, path: string): Promise<void>
  /** The keys of the app, for what is to be there before somebody looks. */
  readonly keys: TestKeys
  /** Takes the server off the network, and puts it back at the same port. */
  stop(): Promise<void>
  close(): Promise<void>
}

/** Where the demo's login form is shown already. */
export async function fillLogin(page: Page, user: User): Promise<void> {
  await page.getByLabel('User').fill(user)
  await page.getByLabel('Password').fill(`${user}-password`)
  await page.getByRole('button', { name: 'Log in' }).click()
}

export async function startDemo(store: Store = memoryStore()): Promise<Demo> {
  const app = createApp({ sessionSecret: 'a secret for tests only', store })
  const server = createServer(app)
  const origin = await listen(server)
  const keys = createKeys(store)
  return {
    origin,
    page: `${origin}/api-keys/ui/`,
    async enter(page, user, path) {
      await page.goto(`${origin}/login?${new URLSearchParams({ returnTo: path })}`)
      await fillLogin(page, user)
      await page.waitForURL(origin + path)
    },
    keys,
    stop: () => close(server),
    async close() {
      await close(server)
      await keys.close()
    },
  }
}
