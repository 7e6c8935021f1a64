/** The page by keyboard alone: everything is reached, the focus is always somewhere, and goes back where it came from. */
import type { Page } from 'playwright-core'
import { button, dialog, field, heading, link, says } from './browser/says.js'
import { scene } from './browser/scene.js'

const on = scene()

/** What a screen reader says of what has the focus: its name. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement
    if (element === null || element === document.body) return null
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null
    return (element.getAttribute('aria-label') ?? label ?? element.textContent ?? '').trim()
  })

/** Presses Tab until the focus is on what has this name; fails where it comes round again without. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if ((await focused(page))?.startsWith(name)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach "${name}"`)
}

it('makes a key, copies its token and comes back, without a mouse', async () => {
  const { page } = await on.visit('alice')
  await heading(page, says('keys.title'))
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe(says('page.skip'))
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('content')

  await tabTo(page, says('keys.create'))
  await page.keyboard.press('Enter')
  await heading(page, says('create.title'))
  await waitForFocus(page, says('create.title'))
  await tabTo(page, says('form.name'))
  await page.keyboard.type('By keyboard')
  await tabTo(page, 'reports:read')
  await page.keyboard.press('Space')
  await tabTo(page, says('create.submit'))
  await page.keyboard.press('Enter')

  await dialog(page).waitFor()
  await waitForFocus(page, says('action.copyNamed', { what: says('token.token') }))
  // Round and round, and never behind the dialog.
  for (let presses = 0; presses < 8; presses++) {
    await page.keyboard.press('Tab')
    const where = await page.evaluate(() => document.activeElement?.closest('dialog, body')?.tagName)
    expect(where === 'DIALOG' || (await focused(page)) === null).toBe(true)
  }
  await tabTo(page, says('action.copyNamed', { what: says('token.token') }))
  await page.keyboard.press('Enter')
  await tabTo(page, says('action.close'))
  await page.keyboard.press('Enter')
  await heading(page, 'By keyboard')
  await waitForFocus(page, 'By keyboard')
  expect(await on.demo.keys.list({ owner: { id: 'alice' } })).toMatchObject({
    data: [{ name: 'By keyboard', permissions: ['reports:read'] }],
  })
})

it('gives the focus back to the button that opened a dialog', async () => {
  const { apiKey } = await on.demo.keys.create({ name: 'Mine', owner: { id: 'alice' } })
  const { page } = await on.visit('alice', { hash: `#/keys/${apiKey.id}` })
  await heading(page, 'Mine')
  for (const name of ['key.rotate', 'key.revoke', 'key.delete', 'key.disable'] as const) {
    await tabTo(page, says(name))
    await page.keyboard.press('Enter')
    await dialog(page).waitFor()
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'detached' })
    await waitForFocus(page, says(name))
  }
})

it('keeps a token on the page, however often Escape is pressed', async () => {
  const { page } = await on.visit('alice', { hash: '#/new' })
  await heading(page, says('create.title'))
  await field(page, 'form.name').fill('Mine')
  await page.getByRole('checkbox', { name: 'reports:read' }).check()
  await button(page, 'create.submit').click()
  await dialog(page).waitFor()
  // At the second one the browser closes a dialog by itself.
  for (let presses = 0; presses < 5; presses++) await page.keyboard.press('Escape')
  await page.evaluate(() => new Promise(requestAnimationFrame))
  await dialog(page).getByText(says('token.once')).waitFor()
  await button(page, 'token.closeAnyway').click()
  await heading(page, 'Mine')
})

it('shows where the focus is', async () => {
  const { page } = await on.visit('alice')
  await link(page, 'keys.create').first().waitFor()
  await tabTo(page, says('keys.create'))
  const outline = await page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement ?? document.body)
    return [outlineStyle, Number.parseFloat(outlineWidth)] as const
  })
  expect(outline[0]).not.toBe('none')
  expect(outline[1]).toBeGreaterThanOrEqual(2)
})

async function waitForFocus(page: Page, name: string): Promise<void> {
  for (let frames = 0; frames < 300; frames++) {
    if ((await focused(page))?.startsWith(name)) return
    await page.evaluate(() => new Promise(requestAnimationFrame))
  }
  throw new Error(`the focus is not on "${name}" but on "${await focused(page)}"`)
}

it('finds, chooses and revokes the keys of others, without a mouse', async () => {
  const made = await Promise.all(
    ['Alpha', 'Beta'].map(name => on.demo.keys.create({ name, owner: { id: 'alice' } })),
  )
  const { page } = await on.visit('root', { hash: '#/all' })
  await heading(page, says('all.title'))
  await tabTo(page, says('all.name'))
  await page.keyboard.type('Alpha')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Beta' }).waitFor({ state: 'detached' })
  await tabTo(page, says('select.one', { name: 'Alpha' }))
  await page.keyboard.press('Space')
  await tabTo(page, says('revokeMany.open'))
  await page.keyboard.press('Enter')
  await dialog(page).waitFor()
  await tabTo(page, says('revokeMany.reason'))
  await page.keyboard.type('left')
  await page.keyboard.press('Tab')
  await page.keyboard.type('1')
  await tabTo(page, says('revokeMany.action', { count: 1 }))
  await page.keyboard.press('Enter')
  await page.getByText(says('revokeMany.done', { count: 1 })).waitFor()
  const answers = await Promise.all(made.map(({ token }) => on.demo.keys.verify(token)))
  expect(answers.map(({ ok }) => ok)).toEqual([false, true])
})
