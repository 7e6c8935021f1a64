/** Takes the pictures of the page that the documents show, from the demo: `npm run docs:images`. */
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { memoryStore } from 'sidekey'
import { openBrowser } from '../../test/support/browser.js'
import { type Demo, keysOfDemo, startDemo } from '../../test/ui/browser/demo.js'
import { openContext } from '../../test/ui/browser/visit.js'
import { holdRandomness, seed } from './seed.js'
import { lookOf, PICTURES, type Picture, type SeededKey } from './views.js'

const FOLDER = join(process.cwd(), 'docs/images')
const MOST_BYTES = 150_000

async function take(browser: Browser, picture: Picture, look: Picture['looks'][number]): Promise<void> {
  // From the beginning each time: what one picture's act has changed is not on the next.
  holdRandomness()
  const store = memoryStore()
  const keys = keysOfDemo(store)
  const key = await seed(keys)
  await keys.close()
  const again = keysOfDemo(store)
  await again.verify(key.token, { ip: '203.0.113.9' })
  await again.close()
  const demo = await startDemo(store)
  try {
    await takeOf(browser, demo, picture, look, key)
  } finally {
    await demo.close()
  }
}

async function takeOf(
  browser: Browser,
  demo: Demo,
  { name, user, hash, ready, whole = false }: Picture,
  look: Picture['looks'][number],
  key: SeededKey,
): Promise<void> {
  const context = await openContext(browser, lookOf(look))
  try {
    const page = await context.newPage()
    await page.clock.install({ time: Date.now() })
    const { pathname } = new URL(demo.page)
    const address = hash.replace('{id}', key.id)
    if (user === null) await page.goto(demo.page + address)
    else await demo.enter(page, user, pathname + address)
    await ready(page, key)
    await page.evaluate(() => document.fonts.ready)
    const path = join(FOLDER, `${name}-${look}.png`)
    await page.screenshot({ path, fullPage: whole, animations: 'disabled', caret: 'hide' })
    const { size } = statSync(path)
    console.log(`${path}: ${size} bytes`)
    if (size > MOST_BYTES) throw new Error(`${path} has more than ${MOST_BYTES} bytes`)
  } finally {
    await context.close()
  }
}

mkdirSync(FOLDER, { recursive: true })
const browser = await openBrowser()
try {
  for (const picture of PICTURES) for (const look of picture.looks) await take(browser, picture, look)
} finally {
  await browser.close()
}
