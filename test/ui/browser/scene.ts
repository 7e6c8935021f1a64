/** What every file of browser tests has: the run's Chromium, a demo, and visits that must be without a fault. */
import type { Browser } from 'playwright-core'
import { BROWSER_TIMEOUT_MS } from '../../support/browser.js'
import { sharedBrowser } from '../../support/shared-browser.js'
import type { OpenStore } from '../../support/stores.js'
import { type Demo, startDemo, type User } from './demo.js'
import { type Look, type Visit, visit } from './visit.js'

export interface Scene {
  /** There within tests. */
  readonly demo: Demo
  visit(user: User | null, look?: Look & { readonly hash?: string }): Promise<Visit>
  /** To an app of the test's own. */
  visitTo(app: Demo, user: User | null, look?: Look & { readonly hash?: string }): Promise<Visit>
}

/**
 * @param store of the demo; `none`: there is no demo
 * Declares the scene of a file. Each test has an empty demo of its own, or visits an app that it starts itself
 * (`visitTo`), which is closed with it.
 */
export function scene(store: 'memoryStore' | 'mongooseStore' | 'none' = 'memoryStore'): Scene {
  let browser: Browser
  let opened: OpenStore | undefined
  let demo: Demo | undefined
  let visits: Visit[] = []
  const apps = new Set<Demo>()
  const keep = (made: Visit) => {
    visits.push(made)
    return made
  }

  beforeAll(async () => {
    browser = await sharedBrowser()
  }, BROWSER_TIMEOUT_MS)
  beforeEach(async () => {
    if (store === 'none') return
    if (store === 'mongooseStore') opened = await openMongoose()
    demo = await startDemo(opened?.store)
  })
  afterEach(async () => {
    const ended = visits
    visits = []
    await Promise.all(ended.map(({ context }) => context.close()))
    await Promise.all([demo, ...apps].map(app => app?.close()))
    apps.clear()
    await opened?.close()
    demo = undefined
    expect(ended.flatMap(one => one.faults())).toEqual([])
  })
  afterAll(async () => browser?.close())

  return {
    get demo() {
      if (demo === undefined) throw new Error('the demo is there within tests')
      return demo
    },
    async visit(user, look) {
      return keep(await visit(browser, this.demo, user, look))
    },
    async visitTo(app, user, look) {
      apps.add(app)
      return keep(await visit(browser, app, user, look))
    },
  }
}

/** mongoose takes a second to load, and one file alone needs it. */
async function openMongoose(): Promise<OpenStore | undefined> {
  const { STORES } = require('../../support/stores.js') as typeof import('../../support/stores.js')
  return STORES.find(({ name }) => name === 'mongooseStore')?.open()
}
