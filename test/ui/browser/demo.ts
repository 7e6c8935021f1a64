/** The demo, in this process: the app of examples/express-passport as it is, over the sources. */
import { createServer } from 'node:http'
import { MemoryStore, type Store as SessionStore } from 'express-session'
import type { Page } from 'playwright-core'
import { memoryStore, type Store } from 'sidekey'
import { close, listen } from '../../client/support.js'
import type { TestKeys } from '../../support/keys.js'

// The example is JavaScript.
const { createApp } = require('../../../examples/express-passport/app.js') as {
  createApp(options: {
    sessionSecret: string
    store: Store
    sessionStore: SessionStore
  }): Parameters<typeof createServer>[1]
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

const SESSION_COOKIE = 'connect.sid'
/** Sessions outlive the demos of a file: each user logs in once, which is slow by design. */
const sessionStore = new MemoryStore()
const sessions = new Map<User, string>()

/** The session cookie of somebody who has logged in by the app's own login. */
async function sessionOf(origin: string, user: User): Promise<string> {
  const known = sessions.get(user)
  // Who logs in anew, by the form, gets another session for it.
  const session = known !== undefined && (await isIn(origin, known)) ? known : await logIn(origin, user)
  sessions.set(user, session)
  return session
}

async function isIn(origin: string, session: string): Promise<boolean> {
  const { ok } = await fetch(`${origin}/reports`, { headers: { cookie: `${SESSION_COOKIE}=${session}` } })
  return ok
}

async function logIn(origin: string, user: User): Promise<string> {
  const body = new URLSearchParams({ username: user, password: `${user}-password` })
  const { headers } = await fetch(`${origin}/login`, { method: 'POST', body, redirect: 'manual' })
  const value = new RegExp(`${SESSION_COOKIE}=([^;]+)`).exec(headers.get('set-cookie') ?? '')?.[1]
  if (value === undefined) throw new Error(`the demo has not let ${user} in`)
  return value
}

export async function startDemo(store: Store = memoryStore()): Promise<Demo> {
  const app = createApp({ sessionSecret: 'a secret for tests only', store, sessionStore })
  const server = createServer(app)
  const origin = await listen(server)
  const keys = createKeys(store)
  return {
    origin,
    page: `${origin}/api-keys/ui/`,
    async enter(page, user, path) {
      const value = await sessionOf(origin, user)
      await page
        .context()
        .addCookies([{ name: SESSION_COOKIE, value, url: origin, httpOnly: true, sameSite: 'Lax' }])
      await page.goto(origin + path)
    },
    keys,
    stop: () => close(server),
    async close() {
      await close(server)
      await keys.close()
    },
  }
}
