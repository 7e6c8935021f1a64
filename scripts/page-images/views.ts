/** Which pictures there are: of whom, of what, and how it is looked at. */
import type { Page } from 'playwright-core'
import type { User } from '../../test/ui/browser/demo.js'
import { button, dialog, field, says } from '../../test/ui/browser/says.js'
import { LOOKS, type Look } from '../../test/ui/browser/visit.js'

/** The key that has a past. */
export interface SeededKey {
  readonly id: string
  readonly token: string
}

export interface Picture {
  /** Of the file, without what says how it is looked at. */
  readonly name: string
  readonly user: User | null
  /** `{id}` stands for the key that has a past. */
  readonly hash: string
  readonly looks: readonly (keyof typeof LOOKS)[]
  /** Does what must be done before, and waits until all is there. */
  readonly ready: (page: Page, key: SeededKey) => Promise<void>
  /** The whole page, not only what the window shows. */
  readonly whole?: boolean
}

const EVERY = ['light', 'dark', 'narrow'] as const

export const PICTURES: readonly Picture[] = [
  {
    name: 'keys',
    user: 'alice',
    hash: '#/',
    looks: EVERY,
    ready: page => page.getByRole('link', { name: 'Nightly export' }).waitFor(),
  },
  {
    name: 'create',
    user: 'alice',
    hash: '#/new',
    looks: EVERY,
    whole: true,
    async ready(page) {
      await field(page, 'form.name').fill('Quarterly figures')
      await page.getByRole('checkbox', { name: 'reports:read' }).check()
    },
  },
  {
    name: 'token',
    user: 'alice',
    hash: '#/new',
    looks: EVERY,
    async ready(page) {
      await field(page, 'form.name').fill('Quarterly figures')
      await page.getByRole('checkbox', { name: 'reports:read' }).check()
      await button(page, 'create.submit').click()
      await dialog(page).getByText(says('token.once')).waitFor()
    },
  },
  {
    name: 'key',
    user: 'alice',
    hash: '#/keys/{id}',
    looks: EVERY,
    whole: true,
    async ready(page) {
      await page.locator('canvas').waitFor()
      await page.getByRole('list', { name: says('history.caption') }).waitFor()
    },
  },
  {
    name: 'rotate',
    user: 'alice',
    hash: '#/keys/{id}',
    looks: ['light'],
    async ready(page) {
      await page.locator('canvas').waitFor()
      await button(page, 'key.rotate').click()
      await dialog(page).waitFor()
    },
  },
  {
    name: 'revoke',
    user: 'alice',
    hash: '#/keys/{id}',
    looks: ['light'],
    async ready(page) {
      await page.locator('canvas').waitFor()
      await button(page, 'key.revoke').click()
      await field(dialog(page), 'revoke.reason').fill('Found in a log')
    },
  },
  {
    name: 'all',
    user: 'root',
    hash: '#/all',
    looks: EVERY,
    async ready(page) {
      await page.getByRole('link', { name: 'Billing sync' }).waitFor()
      await page.getByRole('checkbox').nth(1).check()
      await page.getByRole('checkbox').nth(2).check()
    },
  },
  {
    name: 'find',
    user: 'root',
    hash: '#/find',
    looks: ['light', 'dark'],
    async ready(page, { token }) {
      await field(page, 'find.token').fill(token)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 2, name: 'Nightly export' }).waitFor()
    },
  },
  {
    name: 'offboard',
    user: 'root',
    hash: '#/offboard?owner=alice',
    looks: ['light', 'dark'],
    ready: page => button(page, 'offboard.open').waitFor(),
  },
  {
    name: 'audit',
    user: 'root',
    hash: '#/audit',
    looks: EVERY,
    ready: page => page.getByRole('list', { name: says('audit.caption') }).waitFor(),
  },
  {
    name: 'usage',
    user: 'root',
    hash: '#/usage',
    looks: ['light', 'dark'],
    ready: page => page.locator('canvas').waitFor(),
  },
  {
    name: 'login',
    user: null,
    hash: '#/',
    looks: ['light'],
    ready: page => page.getByRole('heading', { name: says('session.title') }).waitFor(),
  },
]

/** Small windows: the pictures are shown small. */
export function lookOf(look: keyof typeof LOOKS): Look {
  return look === 'narrow' ? { ...LOOKS.narrow, height: 640 } : { ...LOOKS[look], width: 1040, height: 640 }
}
