/** How every view looks to everybody: axe finds nothing, and nothing is wider than the window, in light, dark and at 320 px. */
import type { Page } from 'playwright-core'
import { overflowOf, violationsOn } from './browser/accessibility.js'
import { button, dialog, field, heading, link, says } from './browser/says.js'
import { scene } from './browser/scene.js'
import { LOOKS } from './browser/visit.js'

const on = scene()

afterEach(() => {
  delete process.env.FRESH_MINUTES
})

const LONG = `${'A name that goes on '.repeat(2)}${'x'.repeat(50)}`

/** What is wrong with the view that is shown now. */
async function faultsOf(page: Page, view: string): Promise<string[]> {
  const overflow = await overflowOf(page)
  const found = await violationsOn(page)
  return [...(overflow > 0 ? [`${overflow} px too wide`] : []), ...found].map(fault => `${view}: ${fault}`)
}

/** Goes through the views as alice, who has keys of all sorts; `look` is told of each. */
async function throughViews(page: Page, id: string, look: (view: string) => Promise<void>): Promise<void> {
  await page.getByRole('link', { name: 'Weekly' }).waitFor()
  await look('list')
  await page.goto(`${on.demo.page}#/?status=deleted`)
  await page.getByRole('button', { name: 'Restore Deleted' }).waitFor()
  await look('deleted keys')
  await page.goto(`${on.demo.page}#/?status=scheduled`)
  await page.getByText(says('keys.noMatch')).waitFor()
  await look('no match')

  await page.goto(`${on.demo.page}#/new`)
  await heading(page, says('create.title'))
  await button(page, 'create.submit').click()
  await page.getByText(says('form.needed')).waitFor()
  await look('form with a fault')
  await field(page, 'form.name').fill('Another')
  await button(page, 'create.submit').click()
  await dialog(page).waitFor()
  await look('token')
  await page.keyboard.press('Escape')
  await look('token, not copied')
  await button(page, 'token.closeAnyway').click()
  await heading(page, 'Another')

  await page.goto(`${on.demo.page}#/keys/${id}`)
  await page.locator('canvas').waitFor()
  await page.getByRole('list', { name: says('history.caption') }).waitFor()
  await look('key')
  for (const name of ['key.rotate', 'key.revoke', 'key.delete', 'key.disable'] as const) {
    await button(page, name).click()
    await dialog(page).waitFor()
    await look(name)
    await page.keyboard.press('Escape')
  }
  await link(page, 'key.edit').click()
  await field(page, 'form.name').waitFor()
  await look('edit')
  await page.goto(`${on.demo.page}#/keys/0000000000000000`)
  await page.getByText(says('key.missingHint')).waitFor()
  await look('no such key')
}

async function keysOfAllSorts(): Promise<string> {
  const { keys } = on.demo
  const make = (name: string, more: object = {}) => keys.create({ name, owner: { id: 'alice' }, ...more })
  const full = await make(LONG, {
    description: LONG,
    permissions: ['reports:read', 'reports:write', 'api-keys:read'],
    organizationId: 'acme',
    expiresIn: '20d',
    tags: ['one', 'x'.repeat(60)],
    resources: ['project:42'],
    metadata: { team: 'x'.repeat(80) },
    restrictions: { ips: ['10.0.0.0/8', '2001:db8::/32'], origins: ['https://app.example.com'] },
    limits: { requests: { points: 600, per: '1m' } },
    credits: { balance: 100, refill: { amount: 100, every: 'month' } },
  })
  await keys.update(full.apiKey.id, { tags: ['one'] })
  // By the demo itself: what other processes count is told some seconds later.
  await fetch(`${on.demo.origin}/reports`, { headers: { authorization: `Bearer ${full.token}` } })
  const [revoked, disabled, deleted] = [await make('Revoked'), await make('Disabled'), await make('Deleted')]
  await keys.revoke(revoked.apiKey.id, { reason: 'left' })
  await keys.update(disabled.apiKey.id, { enabled: false })
  await keys.delete(deleted.apiKey.id)
  await make('Weekly', { permissions: ['reports:*'] })
  return full.apiKey.id
}

it.each(Object.entries(LOOKS))(
  'every view is for everybody: %s',
  async (_name, look) => {
    const id = await keysOfAllSorts()
    const { page, expectFaults } = await on.visit('alice', look)
    expectFaults(/status of 404/)
    const faults: string[] = []
    await throughViews(page, id, async view => void faults.push(...(await faultsOf(page, view))))
    expect(faults).toEqual([])
  },
  60_000,
)

it.each(Object.entries(LOOKS))('so are what stands in the place of views: %s', async (_name, look) => {
  const { page, context, expectFaults } = await on.visit(null, look)
  expectFaults(/status of 401|status of 503|ERR_/)
  await heading(page, says('session.title'))
  const faults = await faultsOf(page, 'log in')

  const { page: empty } = await on.visit('bob', look)
  await empty.getByText(says('keys.empty')).waitFor()
  faults.push(...(await faultsOf(empty, 'no keys')))

  await context.route('**/api-keys/config', route => route.fulfill({ status: 503, body: 'away' }))
  await button(page, 'action.retry').click()
  await page.getByText(says('failure.unavailable')).waitFor()
  faults.push(...(await faultsOf(page, 'failure')))
  expect(faults).toEqual([])
})

it.each(Object.entries(LOOKS))(
  'so is what is said over a view, or before it is there: %s',
  async (_name, look) => {
    const { page, context, expectFaults } = await on.visit('bob', { ...look, hash: '#/new' })
    expectFaults(/status of 401|ERR_INTERNET_DISCONNECTED|ERR_FAILED/)
    const faults: string[] = []
    await field(page, 'form.name').fill(LONG)
    process.env.FRESH_MINUTES = '0'
    await button(page, 'create.submit').click()
    await dialog(page).getByText(says('reauthenticate.why')).waitFor()
    faults.push(...(await faultsOf(page, 'fresh login')))
    delete process.env.FRESH_MINUTES
    await button(dialog(page), 'action.cancel').click()

    const session = await context.cookies()
    await context.clearCookies()
    await button(page, 'create.submit').click()
    await dialog(page).getByText(says('session.ended')).waitFor()
    faults.push(...(await faultsOf(page, 'session that has ended')))
    await context.addCookies(session)
    await button(dialog(page), 'action.cancel').click()

    await context.setOffline(true)
    await page.getByText(says('offline.banner')).waitFor()
    faults.push(...(await faultsOf(page, 'offline')))
    await context.setOffline(false)

    let answer = () => {}
    await context.route('**/api-keys?**', async route => {
      await new Promise<void>(resolve => {
        answer = resolve
      })
      await route.continue()
    })
    await page.goto(`${on.demo.page}#/`)
    await page.getByText(says('page.loading')).waitFor({ state: 'attached' })
    faults.push(...(await faultsOf(page, 'loading')))
    answer()
    await page.getByText(says('keys.empty')).waitFor()
    expect(faults).toEqual([])
  },
)

it.each([
  ['wide', { width: 1040, height: 640 }],
  ['narrow', LOOKS.narrow],
] as const)('what closes a dialog is in sight, however long that is: %s', async (_name, look) => {
  const { page } = await on.visit('alice', { ...look, hash: '#/new' })
  await field(page, 'form.name').fill('Mine')
  await button(page, 'create.submit').click()
  await dialog(page).waitFor()
  const [isLong, atTheEdge] = await dialog(page).evaluate(element => {
    const { bottom, left, width } = element.getBoundingClientRect()
    const lowest = document.elementFromPoint(left + width / 2, bottom - 6)
    return [element.scrollHeight > element.clientHeight, lowest?.className]
  })
  expect([isLong, atTheEdge]).toEqual([true, 'actions'])
})
