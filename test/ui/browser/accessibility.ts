/** What axe-core finds on a page as it is shown now. */
import { readFileSync } from 'node:fs'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

// The page's policy lets no script in by an element; what is evaluated through the debugger needs none.
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

declare global {
  var axe: { run(context: Document | Element, options: object): Promise<AxeResults> } | undefined
}

/**
 * Violations of WCAG 2.2 AA and of axe's best practices, each with where it is and what is wrong; while a dialog is open, of that
 * alone: what is behind it is out of reach.
 */
export async function violationsOn(page: Page): Promise<string[]> {
  const isThere = await page.evaluate(() => globalThis.axe !== undefined)
  if (!isThere) await page.evaluate(AXE)
  const { violations, passes } = await page.evaluate(async runOnly => {
    const place = document.querySelector('dialog[open]') ?? document
    return await (globalThis.axe as NonNullable<typeof axe>).run(place, {
      runOnly,
      resultTypes: ['violations'],
    })
  }, RULES)
  if (passes.length < 10) throw new Error('axe has looked at hardly anything: is the page there?')
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary}`),
  )
}

/** Whether the document is wider than the window: whoever reads must then scroll in two directions. */
export async function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return scrollWidth - clientWidth
  })
}
