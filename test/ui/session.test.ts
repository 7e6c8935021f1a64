/** A login that is not there, or not fresh; a network that is away: what the page says, and how it goes on. */

import { fillLogin } from './browser/demo.js'
import { button, dialog, field, heading, link, says } from './browser/says.js'
import { scene } from './browser/scene.js'

const on = scene()

const FRESH = process.env.FRESH_MINUTES
afterEach(() => {
  if (FRESH === undefined) delete process.env.FRESH_MINUTES
  else process.env.FRESH_MINUTES = FRESH
})

describe('who is not logged in', () => {
  it("is led to the app's own login, and back to where they were", async () => {
    const { apiKey } = await on.demo.keys.create({ name: 'Mine', owner: { id: 'alice' } })
    const { page, expectFaults } = await on.visit(null, { hash: `#/keys/${apiKey.id}` })
    expectFaults(/status of 401/)
    await heading(page, says('session.title'))
    expect(await page.content()).not.toContain('Mine')
    await link(page, 'session.login').click()
    await page.waitForURL(`${on.demo.origin}/login?**`)
    await fillLogin(page, 'alice')
    await heading(page, 'Mine')
    expect(page.url()).toBe(`${on.demo.page}#/keys/${apiKey.id}`)
  })
})

describe('a session that ends while somebody types', () => {
  it('is told of over the form, which goes on after a login in another tab', async () => {
    const { page, context, expectFaults } = await on.visit('alice', { hash: '#/new' })
    await field(page, 'form.name').fill('Kept')
    await context.clearCookies()
    expectFaults(/status of 401/)
    await button(page, 'create.submit').click()
    await dialog(page).getByText(says('session.ended')).waitFor()
    const [tab] = await Promise.all([
      context.waitForEvent('page'),
      link(page, 'session.loginInNewTab').click(),
    ])
    await fillLogin(tab, 'alice')
    await heading(tab, says('create.title'))
    await tab.close()
    await button(dialog(page), 'action.retry').click()
    await dialog(page).getByText(says('token.once')).waitFor()
    expect((await on.demo.keys.list({ owner: { id: 'alice' } })).data).toMatchObject([{ name: 'Kept' }])
  })

  it('leaves nothing of the form in the browser', async () => {
    const { page, context, expectFaults } = await on.visit('alice', { hash: '#/new' })
    await field(page, 'form.name').fill('Secret plans')
    await context.clearCookies()
    expectFaults(/status of 401/)
    await button(page, 'create.submit').click()
    await link(page, 'session.login').click()
    await fillLogin(page, 'alice')
    await heading(page, says('create.title'))
    expect(await field(page, 'form.name').inputValue()).toBe('')
    expect(JSON.stringify(await context.storageState({ indexedDB: true }))).not.toContain('Secret plans')
  })
})

describe('an act that takes a fresh login', () => {
  it('leads to the login, and is done after it', async () => {
    const { page, expectFaults } = await on.visit('alice', { hash: '#/new' })
    process.env.FRESH_MINUTES = '0'
    expectFaults(/status of 401/)
    await field(page, 'form.name').fill('Fresh')
    await button(page, 'create.submit').click()
    await dialog(page).getByText(says('reauthenticate.why')).waitFor()
    expect((await on.demo.keys.list({ owner: { id: 'alice' } })).data).toEqual([])
    await link(page, 'reauthenticate.login').click()
    delete process.env.FRESH_MINUTES
    await fillLogin(page, 'alice')
    expect(page.url()).toBe(`${on.demo.page}#/new`)
    await field(page, 'form.name').fill('Fresh')
    await button(page, 'create.submit').click()
    await dialog(page).getByText(says('token.once')).waitFor()
  })
})

describe('a network that is away', () => {
  it('is told of, and the page goes on once it is back', async () => {
    await on.demo.keys.create({ name: 'Here', owner: { id: 'alice' } })
    const { page, context, expectFaults } = await on.visit('alice')
    await link(page, 'page.toKeys')
      .or(page.getByRole('link', { name: 'Here' }))
      .first()
      .waitFor()
    expectFaults(/ERR_INTERNET_DISCONNECTED/)
    await context.setOffline(true)
    await page.getByText(says('offline.banner')).waitFor()
    await page.getByLabel(says('keys.search')).fill('He')
    await page.getByText(says('failure.offline')).first().waitFor()
    await context.setOffline(false)
    await page.getByRole('link', { name: 'Here' }).waitFor()
    await page.getByText(says('offline.banner')).waitFor({ state: 'detached' })
  })

  it('is no reason to lose what was typed where the server is away', async () => {
    const { page, expectFaults } = await on.visit('alice', { hash: '#/new' })
    await field(page, 'form.name').fill('Later')
    expectFaults(/ERR_CONNECTION_REFUSED/)
    await on.demo.stop()
    await button(page, 'create.submit').click()
    await page.getByText(says('failure.unreachable')).waitFor()
    expect(await field(page, 'form.name').inputValue()).toBe('Later')
  })
})
