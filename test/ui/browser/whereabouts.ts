/** Everywhere a page could have left a text: what is searched where a token must not be. */
import type { BrowserContext, Page } from 'playwright-core'

/** Where the text is found; empty: nowhere. */
export async function whereaboutsOf(text: string, page: Page, context: BrowserContext): Promise<string[]> {
  const places = {
    ...(await page.evaluate(inPage)),
    cookies: JSON.stringify(await context.cookies()),
    storageState: JSON.stringify(await context.storageState({ indexedDB: true })),
    history: JSON.stringify(await historyOf(page)),
  }
  return Object.entries(places)
    .filter(([, content]) => content.includes(text))
    .map(([place]) => place)
}

async function inPage(): Promise<Record<string, string>> {
  const fields = document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea')
  const databases = await indexedDB.databases()
  const cached = 'caches' in globalThis ? await caches.keys() : []
  return {
    document: document.documentElement.outerHTML,
    fields: [...fields].map(({ value }) => value).join('\n'),
    selection: String(getSelection()),
    address: location.href,
    state: JSON.stringify(history.state) ?? '',
    storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, databases, cached]),
    name: window.name,
    // What the browser's own record of what was asked for has.
    requests: performance
      .getEntries()
      .map(({ name }) => name)
      .join('\n'),
    globals: Object.values({ ...window })
      .filter(value => typeof value === 'string')
      .join('\n'),
  }
}

/** Every address that the back button leads to, titles included. */
async function historyOf(page: Page): Promise<unknown> {
  const session = await page.context().newCDPSession(page)
  try {
    return await session.send('Page.getNavigationHistory')
  } finally {
    await session.detach()
  }
}
