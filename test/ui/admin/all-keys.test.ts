/** All keys: found, and revoked many at a time; by those whose they are to look after, and nobody else. */
import type { Page } from 'playwright-core'
import { button, dialog, field, heading, link, says, section } from '../browser/says.js'
import { scene } from '../browser/scene.js'
import { inLooks, LOOKS } from '../browser/visit.js'
import { whereaboutsOf } from '../browser/whereabouts.js'
import { expectFine, IN_ACME, maker } from './support.js'

const on = scene()
const make = maker(on)

/** The names of the keys that are listed, sorted. */
async function listed(page: Page, count: number): Promise<string[]> {
  await page.getByText(says('list.shownMore', { count })).waitFor()
  return (await page.locator('a.key-name').allInnerTexts()).sort()
}

describe('the search over all keys', () => {
  it('finds by name, owner, organisation, tag and status, and keeps the question in the address', async () => {
    await make('alice', 'Alpha', { ...IN_ACME, tags: ['etl'] })
    await make('alice', 'Beta')
    await make('bob', 'Alphabet', IN_ACME)
    const ended = await make('bob', 'Gamma')
    await on.demo.keys.revoke(ended.apiKey.id)
    const { page } = await on.visit('root', { hash: '#/all' })
    expect(await listed(page, 4)).toEqual(['Alpha', 'Alphabet', 'Beta', 'Gamma'])

    await field(page, 'all.name').fill('alpha')
    await button(page, 'all.search').click()
    expect(await listed(page, 2)).toEqual(['Alpha', 'Alphabet'])
    await section(page, 'filter.more').click()
    await field(page, 'all.tag').fill('etl')
    await button(page, 'filter.apply').click()
    expect(await listed(page, 1)).toEqual(['Alpha'])
    await page.reload()
    expect(await listed(page, 1)).toEqual(['Alpha'])
    expect(await field(page, 'all.name').inputValue()).toBe('alpha')
    await page.goBack()
    expect(await listed(page, 2)).toEqual(['Alpha', 'Alphabet'])
    await link(page, 'keys.clear').click()
    expect(await listed(page, 4)).toHaveLength(4)

    await page.getByLabel(says('keys.status')).selectOption('revoked')
    expect(await listed(page, 1)).toEqual(['Gamma'])
    await page.getByRole('link', { name: 'bob' }).click()
    expect(await listed(page, 2)).toEqual(['Alphabet', 'Gamma'])
    await page.getByRole('link', { name: 'Alphabet' }).click()
    await heading(page, 'Alphabet')
  })

  it('finds what was not used for long', async () => {
    await make('alice', 'Alpha')
    const { page } = await on.visit('root', { hash: '#/all' })
    await listed(page, 1)
    await section(page, 'filter.more').click()
    await page.getByLabel(says('all.unused')).selectOption('30')
    await page.getByText(says('keys.noMatch')).waitFor()
    await page.clock.setFixedTime(Date.now() + 40 * 86_400_000)
    await page.reload()
    expect(await listed(page, 1)).toEqual(['Alpha'])
  })

  it('is not for those who look after no keys, and within an organisation for its admin', async () => {
    await make('alice', 'At acme', IN_ACME)
    await make('alice', 'Elsewhere')
    const { page } = await on.visit('carol', { hash: '#/all' })
    expect(await listed(page, 1)).toEqual(['At acme'])
    const { page: other } = await on.visit('alice', { hash: '#/all' })
    await heading(other, says('page.notFound'))
    for (const name of ['nav.all', 'nav.find', 'nav.offboard', 'nav.audit', 'nav.usage'] as const)
      expect(await link(other, name).count()).toBe(0)
  })

  it('shows thousands of keys page by page', async () => {
    for (let i = 0; i < 250; i++) await make('alice', `Key ${i}`)
    const { page } = await on.visit('root', { hash: '#/all' })
    for (const count of [100, 200]) {
      await page.getByText(says('list.shownMore', { count })).waitFor()
      await button(page, 'action.more').click()
    }
    expect(await listed(page, 250)).toHaveLength(250)
    expect(await button(page, 'action.more').count()).toBe(0)
  })

  it('takes no token into the address', async () => {
    const { token } = await make('alice', 'Alpha')
    const { page, context } = await on.visit('root', { hash: '#/all' })
    await field(page, 'all.name').fill(`see ${token}`)
    await button(page, 'all.search').click()
    await page.getByText(says('filter.token')).waitFor()
    await page.getByRole('alert').getByRole('link').click()
    await heading(page, says('find.title'))
    expect(await whereaboutsOf(token.slice(-40, -6), page, context)).toEqual([])
  })
})

describe('revoking many', () => {
  it.each(
    inLooks([
      ['root', 'light'],
      ['carol', 'narrow'],
    ] as const),
  )('ends those that are chosen, and no other: %s, %s', async (user, look) => {
    const tokens = []
    for (const name of ['<img src=x onerror=alert(1)>', 'Beta', 'Gamma'])
      tokens.push((await make('alice', name, IN_ACME)).token)
    const { page } = await on.visit(user, { ...LOOKS[look], hash: '#/all' })
    await page.getByLabel(says('select.all', { count: 3 })).check()
    await page.getByLabel(says('select.one', { name: 'Gamma' })).uncheck()
    await page.getByText(says('select.count', { count: 2 })).waitFor()
    await expectFine(page)
    await button(page, 'revokeMany.open').click()
    await expectFine(page)
    await field(dialog(page), 'revokeMany.reason').fill('found in a log')
    await button(dialog(page), 'revokeMany.action', { count: 2 }).click()
    await dialog(page).getByText(says('confirm.mismatch')).waitFor()
    await dialog(page).getByRole('textbox').last().fill('2')
    await button(dialog(page), 'revokeMany.action', { count: 2 }).click()
    await page.getByText(says('revokeMany.done', { count: 2 })).waitFor()
    await page.getByLabel(says('select.all', { count: 1 })).waitFor()
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
    const codes = await Promise.all(tokens.map(token => on.demo.keys.verify(token)))
    expect(codes.map(answer => (answer.ok ? 'accepted' : answer.code))).toEqual([
      'KEY_REVOKED',
      'KEY_REVOKED',
      'accepted',
    ])
    const { data } = await on.demo.keys.list({ status: 'revoked' })
    expect(data.map(({ revoked }) => revoked?.reason)).toEqual(['found in a log', 'found in a log'])
  })

  it('does nothing where it is called off', async () => {
    const { token } = await make('alice', 'Alpha')
    const { page } = await on.visit('root', { hash: '#/all' })
    await page.getByLabel(says('select.one', { name: 'Alpha' })).check()
    await button(page, 'revokeMany.open').click()
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(says('revokeMany.open'))
    expect(await on.demo.keys.verify(token)).toMatchObject({ ok: true })
  })
})
