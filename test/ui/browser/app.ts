/** An app of another make than the demo: its login is a cookie, and the page has options of the test's own. */
import { createServer } from 'node:http'
import express, { type Express, type RequestHandler } from 'express'
import { keyRouter, type RouterOptions } from 'sidekey/express'
import { close, listen } from '../../client/support.js'
import { type TestKeys, testKeys, USERS } from '../../support/keys.js'
import type { Demo } from './demo.js'

interface AppOptions extends RouterOptions {
  readonly keys?: TestKeys
  readonly mount?: string
  /** Puts something before the router. */
  readonly before?: (app: Express) => void
}

const login: RequestHandler = (req, _res, next) => {
  const [, id] = /(?:^|; )user=(\w+)/.exec(req.headers.cookie ?? '') ?? []
  Object.assign(req, { user: USERS.find(user => user.id === id) })
  next()
}

export async function startApp({
  keys = testKeys(),
  mount = '/api-keys',
  before = () => {},
  ...options
}: AppOptions): Promise<Demo> {
  const app = express()
  app.use(login)
  before(app)
  app.use(mount, keyRouter(keys, options))
  const server = createServer(app)
  const origin = await listen(server)
  return {
    origin,
    page: `${origin}${mount}/ui/`,
    async enter(page, user, path) {
      await page.context().addCookies([{ name: 'user', value: user, url: origin }])
      await page.goto(origin + path)
    },
    keys,
    stop: () => close(server),
    close: () => close(server),
  }
}
