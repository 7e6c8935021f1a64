/** Who did what, and how keys were used, over all of them. */
import { text } from 'node:stream/consumers'
import { button, link, says, section } from '../browser/says.js'
import { scene } from '../browser/scene.js'
import { LOOKS } from '../browser/visit.js'
import { expectFine, IN_ACME, maker } from './support.js'

const on = scene()
const make = maker(on)

describe('the audit', () => {
  it.each(['light', 'dark', 'narrow'] as const)(
    'tells who did what, and what was refused: %s',
    async look => {
      const { apiKey } = await make('alice', 'Alpha', IN_ACME)
      await on.demo.keys.update(apiKey.id, { name: 'Beta' })
      await on.demo.keys
        .as({ id: 'bob', memberships: [] })
        .revoke(apiKey.id)
        .catch(() => {})
      const { page } = await on.visit('root', { ...LOOKS[look], hash: '#/audit' })
      const events = page.getByRole('list', { name: says('audit.caption') })
      await events.getByText('The app created Beta').waitFor()
      await events.getByText('The app changed Beta').waitFor()
      await events.getByText('bob tried to revoke Beta').waitFor()
      await expectFine(page)

      await page.getByLabel(says('audit.result')).selectOption('true')
      await events.getByText('The app created Beta').waitFor({ state: 'detached' })
      await events.getByText('bob tried to revoke Beta').waitFor()
      const download = page.waitForEvent('download')
      await button(page, 'audit.download').click()
      const csv = await text(await (await download).createReadStream())
      const [, row = '', ...rest] = csv.split('\r\n')
      expect(row).toContain(`,revoke,NOT_FOUND,1,bob,session,,${apiKey.id},Beta,`)
      expect(rest).toEqual([''])
      expect(await events.getByRole('listitem').count()).toBe(1)
      await link(page, 'keys.clear').click()
      await events.getByText('The app changed Beta').waitFor()
      await page.getByLabel(says('audit.action')).selectOption('create')
      await events.getByText('The app changed Beta').waitFor({ state: 'detached' })
      await events.getByText('The app created Beta').waitFor()
      await page.goto(`${on.demo.page}#/audit?to=2001-01-01`)
      await page.getByText(says('audit.empty')).waitFor()
    },
  )

  it('is of the organisation alone for its admin', async () => {
    await make('alice', 'At acme', IN_ACME)
    await make('alice', 'Elsewhere')
    const { page } = await on.visit('carol', { hash: '#/audit' })
    await page.getByText('The app created At acme').waitFor()
    expect(await page.getByText('Elsewhere').count()).toBe(0)
  })
})

describe('usage over all', () => {
  it.each(['light', 'dark', 'narrow'] as const)(
    'is drawn, and told as a table and as CSV: %s',
    async look => {
      const { token } = await make('alice', 'Alpha', IN_ACME)
      for (let i = 0; i < 3; i++) await on.demo.keys.verify(token, { permissions: 'reports:read' })
      await on.demo.keys.verify(token, { permissions: 'reports:write' })
      await on.demo.keys.usage({ by: 'day' })
      const { page } = await on.visit('root', { ...LOOKS[look], hash: '#/usage' })
      await page.locator('canvas').waitFor()
      await section(page, 'usage.table').click()
      const today = page.getByRole('table').getByRole('row').nth(1).getByRole('cell')
      expect(await today.allInnerTexts()).toEqual(['3', '0', '1', '4'])
      await expectFine(page)

      const download = page.waitForEvent('download')
      await button(page, 'usageOf.download').click()
      const csv = await text(await (await download).createReadStream())
      expect(csv.split('\r\n')[0]).toBe('from,to,total,accepted,INSUFFICIENT_PERMISSIONS')
      expect(csv).toMatch(/,4,3,1\r\n$/)

      await page.getByLabel(says('usageOf.range'), { exact: true }).selectOption('90')
      await page.getByLabel(says('usageOf.by'), { exact: true }).selectOption('month')
      await page.waitForURL(/range=90.*by=month|by=month.*range=90/)
      await page.locator('canvas').waitFor()
      await page.goto(`${on.demo.page}#/usage?owner=bob`)
      await page.getByText(says('usage.none')).waitFor()
    },
  )
})
