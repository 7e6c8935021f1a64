/**
 * Somebody who looks at the page in Chromium, logged in by the app's own login. Whatever a visit should not have fails its test:
 * a violation of the policy, an error in the console or on the page, a request that leaves the app's origin.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Demo, User } from './demo.js'

/** How the page is looked at. */
export interface Look {
  readonly scheme?: 'light' | 'dark'
  /** In CSS pixels. */
  readonly width?: number
  readonly height?: number
  readonly locale?: string
  readonly timeZone?: string
  readonly motion?: 'reduce' | 'no-preference'
}

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** What went wrong so far; it is fetched once. */
  faults(): string[]
  /** Takes faults for granted that a test brings about itself, a failed request for example. */
  expectFaults(pattern: RegExp): void
}

/** 320 px: WCAG 2.2, 1.4.10. */
export const LOOKS = {
  light: { scheme: 'light' },
  dark: { scheme: 'dark' },
  narrow: { scheme: 'light', width: 320, height: 640 },
} as const satisfies Record<string, Look>

type LookName = keyof typeof LOOKS

/** Each user in a way of their own. */
export const EVERYBODY = [
  ['alice', 'light'],
  ['carol', 'dark'],
  ['root', 'narrow'],
] as const satisfies readonly (readonly [User, LookName])[]

/**
 * Rows of who looks, and how. As they are, each user looks in one way; with `SIDEKEY_LOOKS=all`, each in every way there is.
 */
export function inLooks<R extends readonly [User, LookName, ...unknown[]]>(rows: readonly R[]): readonly R[] {
  if (process.env.SIDEKEY_LOOKS !== 'all') return rows
  const looks = Object.keys(LOOKS) as LookName[] // its own
  return rows.flatMap(([user, _, ...more]) => looks.map(look => [user, look, ...more] as unknown as R))
}

export async function openContext(
  browser: Browser,
  { scheme = 'light', width = 1120, height = 800, locale = 'en-GB', timeZone, motion = 'reduce' }: Look = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height },
    locale,
    timezoneId: timeZone ?? 'Europe/Berlin',
    reducedMotion: motion,
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  context.setDefaultTimeout(30_000)
  return context
}

/** @param user `null`: nobody is logged in */
export async function visit(
  browser: Browser,
  demo: Demo,
  user: User | null,
  { hash = '', ...look }: Look & { readonly hash?: string } = {},
): Promise<Visit> {
  const context = await openContext(browser, look)
  let faults: string[] = []
  const expected: RegExp[] = []
  context.on('request', request => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== demo.origin && protocol !== 'data:') faults.push(`a request to ${request.url()}`)
  })
  context.on('console', message => {
    const isFault = message.type() === 'error' || message.type() === 'warning'
    if (isFault) faults.push(`${message.type()}: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', error => faults.push(`thrown: ${String(error.error())}`))
  await context.exposeFunction('sidekeyTold', (what: string) => faults.push(`policy: ${what}`))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
      Reflect.get(globalThis, 'sidekeyTold')(`${violatedDirective} ${blockedURI} ${sample}`)
    })
  })
  const page = await context.newPage()
  if (user === null) await page.goto(demo.page + hash)
  else await demo.enter(page, user, new URL(demo.page).pathname + hash)
  return {
    page,
    context,
    expectFaults: pattern => void expected.push(pattern),
    faults() {
      const found = faults.filter(fault => !expected.some(pattern => pattern.test(fault)))
      faults = []
      return found
    },
  }
}
