/** What is done when a token leaks, or somebody leaves. */
import { button, dialog, field, heading, says } from '../browser/says.js'
import { scene } from '../browser/scene.js'
import { inLooks, LOOKS } from '../browser/visit.js'
import { whereaboutsOf } from '../browser/whereabouts.js'
import { expectFine, IN_ACME, maker } from './support.js'

const on = scene()
const make = maker(on)

describe('finding by a leaked token', () => {
  it.each(
    inLooks([
      ['root', 'dark'],
      ['carol', 'narrow'],
    ] as const),
  )('tells whose it is, ends it at once, and keeps it nowhere: %s, %s', async (user, look) => {
    const { token } = await make('alice', 'Alpha', IN_ACME)
    const { page, context } = await on.visit(user, { ...LOOKS[look], hash: '#/find' })
    await field(page, 'find.token').fill(token)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 2, name: 'Alpha' }).waitFor()
    expect(await whereaboutsOf(token.slice(-40, -6), page, context)).toEqual([])
    await expectFine(page)
    await button(page, 'find.revoke').click()
    await expectFine(page)
    await button(dialog(page), 'find.revoke').click()
    await page.locator('.found').getByText(says('status.revoked')).first().waitFor()
    expect(await on.demo.keys.verify(token)).toMatchObject({ code: 'KEY_REVOKED' })
    expect(await button(page, 'find.revoke').count()).toBe(0)
    expect(await whereaboutsOf(token.slice(-40, -6), page, context)).toEqual([])
  })

  it('says no more of a key that is not for the viewer than of none', async () => {
    const { token } = await make('alice', 'Private')
    const { page, context, expectFaults } = await on.visit('carol', { hash: '#/find' })
    expectFaults(/404/)
    for (const text of [token, `${token.slice(0, -3)}xyz`, 'nothing of ours']) {
      await field(page, 'find.token').fill(text)
      await button(page, 'find.action').click()
      await page.getByText(says('find.nobody')).waitFor()
      expect(await whereaboutsOf(text.slice(-12), page, context)).toEqual([])
    }
  })
})

describe('offboarding', () => {
  it.each(
    inLooks([
      ['root', 'light', ''],
      ['carol', 'narrow', ' in acme'],
    ] as const),
  )('shows what it will end, and ends it: %s, %s', async (user, look, where) => {
    const here = await make('alice', 'At acme', IN_ACME)
    const elsewhere = await make('alice', 'Elsewhere')
    const bobs = await make('bob', "Bob's", IN_ACME)
    const count = user === 'root' ? 2 : 1
    const { page } = await on.visit(user, { ...LOOKS[look], hash: '#/offboard' })
    await heading(page, says('offboard.title'))
    await expectFine(page)
    await page.getByLabel(says('scope.owner'), { exact: true }).fill('alice')
    await button(page, 'offboard.show').click()
    await page.getByRole('heading', { level: 2, name: `Keys of alice${where}` }).waitFor()
    await page.getByText(says('offboard.ending', { count })).waitFor()
    await expectFine(page)
    await button(page, 'offboard.open').click()
    await expectFine(page)
    await dialog(page).getByRole('textbox').last().fill('alice')
    await button(dialog(page), 'offboard.action').click()
    await page.getByText(says('offboard.over')).waitFor()
    const ok = async ({ token }: { token: string }) => (await on.demo.keys.verify(token)).ok
    expect(await ok(here)).toBe(false)
    expect(await ok(elsewhere)).toBe(user === 'carol')
    expect(await ok(bobs)).toBe(true)
    expect((await on.demo.keys.get(here.apiKey.id))?.revoked?.reason).toBe(says('offboard.reason'))
  })

  it('shows how far it has come', async () => {
    await make('alice', 'Alpha')
    await make('alice', 'Beta')
    const { page, context } = await on.visit('root', { hash: '#/offboard?owner=alice' })
    let goOn = () => {}
    await context.route('**/api-keys/revoke', async route => {
      await new Promise<void>(resolve => {
        goOn = resolve
      })
      await route.continue()
    })
    await button(page, 'offboard.open').click()
    await dialog(page).getByRole('textbox').last().fill('alice')
    await button(dialog(page), 'offboard.action').click()
    const bar = dialog(page).getByRole('progressbar', { name: says('revokeMany.progressName') })
    await bar.waitFor()
    expect([await bar.getAttribute('max'), await bar.getAttribute('value')]).toEqual(['2', '0'])
    await dialog(page)
      .getByText(says('revokeMany.progress', { done: 0, count: 2 }))
      .waitFor()
    await expectFine(page)
    goOn()
    await page.getByText(says('offboard.over')).waitFor()
  })

  it('says that there is nobody of that name', async () => {
    const { page } = await on.visit('root', { hash: '#/offboard?owner=nobody' })
    await page.getByText(says('offboard.none', { owner: 'nobody' })).waitFor()
    expect(await button(page, 'offboard.open').count()).toBe(0)
  })
})
