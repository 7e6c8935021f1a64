/** What others have written into keys is text on the page, in whatever field and view, and never runs. */
import { heading, says } from './browser/says.js'
import { scene } from './browser/scene.js'

const on = scene()

const EVIL = '<img src=x onerror=alert(1)>'
const MORE = '"><svg onload=alert(1)><script>alert(1)</script>{{constructor}}'

it('is text: markup in names, descriptions, tags, metadata, reasons and owners', async () => {
  const keys = on.demo.keys
  const { apiKey } = await keys.create({
    name: EVIL,
    description: MORE,
    owner: { id: 'alice' },
    tags: [EVIL],
    metadata: { evil: MORE },
    resources: ['project:42'],
  })
  await keys.update(apiKey.id, { name: `${EVIL}2` })
  await keys.revoke(apiKey.id, { reason: MORE })
  const { page } = await on.visit('alice')
  const alerts: string[] = []
  page.on('dialog', async shown => {
    alerts.push(shown.message())
    await shown.dismiss()
  })
  const isText = async (...texts: string[]) => {
    for (const text of texts) await page.getByText(text).first().waitFor()
    expect(await page.locator('main img, main script, main svg[onload]').count()).toBe(0)
  }
  await isText(`${EVIL}2`)
  await page.getByRole('link', { name: EVIL }).click()
  await heading(page, EVIL)
  await isText(EVIL, MORE)
  await page
    .getByRole('list', { name: says('history.caption') })
    .getByText(MORE)
    .waitFor()
  expect(await page.title()).toContain(EVIL)
  await page.goto(`${on.demo.page}#/keys/${apiKey.id}/edit`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await isText()
  expect(alerts).toEqual([])
})

it.each([
  '#/<img src=x onerror=alert(1)>',
  '#/keys/javascript:alert(1)',
  '#//example.com',
  '#/%00',
  '#/__proto__',
])('is no more than an address that there is not: %s', async hash => {
  const { page } = await on.visit('alice', { hash: `#/` })
  await page.goto(on.demo.page + hash)
  await heading(page, says('page.notFound'))
  expect(new URL(page.url()).origin).toBe(on.demo.origin)
})

it('takes no token into an address: what looks like one is not searched by name', async () => {
  const { token } = await on.demo.keys.create({ name: 'Found', owner: { id: 'alice' } })
  const { page, context } = await on.visit('alice')
  const asked: string[] = []
  context.on('request', request => asked.push(request.url()))
  await page.getByLabel(says('keys.search')).fill(token)
  await page.getByText(says('keys.looksLikeToken')).waitFor()
  await page.getByRole('button', { name: says('keys.findToken') }).click()
  await heading(page, 'Found')
  expect([page.url(), ...asked].filter(url => url.includes(token.slice(-40)))).toEqual([])
})
