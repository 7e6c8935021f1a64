/**
 * One Chromium for the whole run: starting one for each file took a fifth of the time of the page's tests. jest's own process has
 * it, so that it ends with the run however that ends, and starts it when the first test asks.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, type BrowserServer, chromium } from 'playwright-core'

// jest maps no names in what its global set-up loads, so the file is named as it is on disk.
const { launchOptions } = require('./browser.ts') as typeof import('./browser.js')

/** Where a worker asks for the browser's address. */
const ASK_AT = 'SIDEKEY_TEST_BROWSER'

/** For jest's own process. */
export async function offerBrowser(): Promise<{ close(): Promise<void> }> {
  let browser: Promise<BrowserServer> | undefined
  const server = createServer(async (_req, res) => {
    try {
      browser ??= chromium.launchServer({ ...launchOptions(), host: '127.0.0.1' })
      res.end((await browser).wsEndpoint())
    } catch (error) {
      res.writeHead(500).end(String(error))
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  // What does not ask for a browser must not be kept alive by the offer of one.
  server.unref()
  const { port } = server.address() as AddressInfo // it listens on a port
  process.env[ASK_AT] = `http://127.0.0.1:${port}`
  return {
    async close() {
      server.close()
      const started = await browser?.catch(() => undefined)
      await started?.close()
    },
  }
}

/**
 * The browser of the run, for a test file; `close` leaves it.
 * @throws Error where there is none and none can be installed, saying what to do.
 */
export async function sharedBrowser(): Promise<Browser> {
  const answer = await fetch(process.env[ASK_AT] ?? 'jest’s set-up has not run')
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return chromium.connect(text)
}
