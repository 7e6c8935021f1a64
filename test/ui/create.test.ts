/** Making a key on the page, and what becomes of its token. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { testKeys } from '../support/keys.js'
import { eventually } from '../support/verify-store.js'
import { startApp } from './browser/app.js'
import { button, dialog, field, heading, link, says, section } from './browser/says.js'
import { scene } from './browser/scene.js'
import { EVERYBODY, inLooks, LOOKS } from './browser/visit.js'
import { whereaboutsOf } from './browser/whereabouts.js'

const run = promisify(execFile)
const on = scene()

const tokenIn = async (page: Page) => (await dialog(page).locator('code').first().textContent()) ?? ''
const idIn = (page: Page) => /#\/keys\/(\w{16})$/.exec(page.url())?.[1] ?? ''

describe('a new key', () => {
  it.each(inLooks(EVERYBODY))(
    'is what was chosen, and its token is shown once: %s, %s',
    async (user, look) => {
      const { page, context } = await on.visit(user, LOOKS[look])
      await link(page, 'keys.create').first().click()
      await heading(page, says('create.title'))
      await field(page, 'form.name').fill('Nightly export')
      await page.getByRole('checkbox', { name: 'reports:read' }).check()
      await page.getByRole('radio', { name: '30 days' }).check()
      await section(page, 'form.where').click()
      await field(page, 'form.ips').fill('127.0.0.1\n10.0.0.0/8')
      await button(page, 'create.submit').click()

      await dialog(page).waitFor()
      const token = await tokenIn(page)
      expect(await on.demo.keys.verify(token, { permissions: 'reports:read', ip: '10.1.2.3' })).toMatchObject(
        {
          ok: true,
          apiKey: {
            name: 'Nightly export',
            owner: { type: 'user', id: user },
            permissions: ['reports:read'],
          },
        },
      )
      expect(await on.demo.keys.verify(token, { ip: '192.0.2.1' })).toMatchObject({ code: 'IP_NOT_ALLOWED' })
      const [, curl = '', env = ''] = await dialog(page).locator('code').allTextContents()
      const { stdout } = await run('bash', ['-c', curl])
      expect(JSON.parse(stdout)).toMatchObject({ name: 'Nightly export' })
      expect(env).toBe(`ACME_LIVE_API_KEY=${token}`)

      // The clipboard is the browser's, into which other files of tests copy meanwhile.
      await eventually(async () => {
        await button(page, 'action.copyNamed', { what: says('token.token') }).click()
        return (await page.evaluate(() => navigator.clipboard.readText())) === token
      })
      await button(page, 'action.close').click()
      await dialog(page).waitFor({ state: 'detached' })
      await heading(page, 'Nightly export')
      expect(await on.demo.keys.get(idIn(page))).toMatchObject({ name: 'Nightly export' })

      for (const part of [token, token.slice(-49, -6)])
        expect(await whereaboutsOf(part, page, context)).toEqual([])
      await page.reload()
      await heading(page, 'Nightly export')
      await page.goBack()
      expect(await whereaboutsOf(token.slice(-49, -6), page, context)).toEqual([])
    },
  )

  it('belongs to the organisation where its admin says so, within what that may do', async () => {
    const { page } = await on.visit('carol', { hash: '#/new' })
    await field(page, 'form.name').fill('Shared')
    await page
      .getByLabel(says('form.owner'))
      .selectOption({ label: says('owner.organization', { id: 'acme' }) })
    await page.getByRole('checkbox', { name: 'reports:write' }).check()
    await button(page, 'create.submit').click()
    await dialog(page).waitFor()
    const { data } = await on.demo.keys.list({ owner: { type: 'organization', id: 'acme' } })
    expect(data).toMatchObject([{ name: 'Shared', organizationId: 'acme', permissions: ['reports:write'] }])
  })

  it('is told the limits of its kind before it is made', async () => {
    const limits = {
      requests: { points: 600, per: '1m' },
      exports: { points: 5, per: '1d', by: 'owner' },
    } as const
    const keys = testKeys({ kinds: { plain: {}, bounded: { limits } } })
    const app = await startApp({ keys, ui: true })
    const { page } = await on.visitTo(app, 'alice', { hash: '#/new' })
    await field(page, 'form.name').fill('Bounded')
    expect(await page.getByRole('heading', { name: says('form.limits') }).count()).toBe(0)
    await page.getByRole('radio', { name: 'bounded' }).check()
    const shown = page.locator('section', { has: page.getByRole('heading', { name: says('form.limits') }) })
    await shown.getByText('600 in 1 minute').waitFor()
    await shown.getByText('5 in 1 day').waitFor()
  })

  it('is offered no permission that its owner does not have', async () => {
    const { page } = await on.visit('bob', { hash: '#/new' })
    await page.getByRole('checkbox', { name: 'reports:read' }).waitFor()
    expect(await page.getByRole('checkbox', { name: 'reports:write' }).count()).toBe(0)
    expect(await page.getByRole('checkbox', { name: /^api-keys:/ }).count()).toBe(0)
  })

  it('is not lost by a slip: Escape asks first', async () => {
    const { page } = await on.visit('alice', { hash: '#/new' })
    await field(page, 'form.name').fill('Slip')
    await button(page, 'create.submit').click()
    await dialog(page).waitFor()
    await page.keyboard.press('Escape')
    await dialog(page).getByText(says('token.notCopied')).waitFor()
    expect(await on.demo.keys.verify(await tokenIn(page))).toMatchObject({ ok: true })
    await button(page, 'token.closeAnyway').click()
    await heading(page, 'Slip')
  })

  it('says which field needs another look, and keeps what was typed', async () => {
    const { page, expectFaults } = await on.visit('alice', { hash: '#/new' })
    await field(page, 'form.description').fill('for the night')
    await button(page, 'create.submit').click()
    const name = field(page, 'form.name')
    expect(await name.getAttribute('aria-invalid')).toBe('true')
    expect(await name.evaluate(element => element === document.activeElement)).toBe(true)
    expect((await on.demo.keys.list({ owner: { id: 'alice' } })).data).toEqual([])

    expectFaults(/status of 400/)
    await name.fill('Export')
    await section(page, 'form.where').click()
    await field(page, 'form.ips').fill('10.0.0.0/99')
    await button(page, 'create.submit').click()
    await page.locator('textarea[aria-invalid=true]').waitFor()
    expect(await field(page, 'form.description').inputValue()).toBe('for the night')
    await field(page, 'form.ips').fill('10.0.0.0/9')
    await button(page, 'create.submit').click()
    await dialog(page).waitFor()
    expect((await on.demo.keys.list({ owner: { id: 'alice' } })).data).toMatchObject([
      { name: 'Export', description: 'for the night', restrictions: { ips: ['10.0.0.0/9'] } },
    ])
  })
})
