/** The page's own words, by which people, and these tests, find things on it. */
import type { Locator, Page } from 'playwright-core'
import { fill, type Values } from '../../../ui/fill.js'
import { type MessageKey, messages } from '../../../ui/messages.js'

export function says(key: MessageKey, values?: Values): string {
  return fill(messages[key], values)
}

export function button(page: Page | Locator, key: MessageKey, values?: Values): Locator {
  return page.getByRole('button', { name: says(key, values), exact: true })
}

export function link(page: Page | Locator, key: MessageKey, values?: Values): Locator {
  return page.getByRole('link', { name: says(key, values), exact: true })
}

export function field(page: Page | Locator, key: MessageKey): Locator {
  return page.getByLabel(says(key), { exact: false }).first()
}

/** What opens a part of a form that is folded. */
export function section(page: Page | Locator, key: MessageKey): Locator {
  return page.locator('summary', { hasText: says(key) })
}

/** The dialog that is open. */
export function dialog(page: Page): Locator {
  return page.locator('dialog[open]')
}

/** The heading of the view, once it is there. */
export async function heading(page: Page, text: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: text }).waitFor()
}
