/** The page of a key: what is done there is done, and what an actor may not do is not offered. */
import type { User } from './browser/demo.js'
import { button, dialog, field, heading, link, says } from './browser/says.js'
import { scene } from './browser/scene.js'
import { EVERYBODY, inLooks, LOOKS } from './browser/visit.js'
import { whereaboutsOf } from './browser/whereabouts.js'

const on = scene()

const make = (user: User, more: object = {}) =>
  on.demo.keys.create({ name: 'Nightly export', owner: { id: user }, permissions: ['reports:read'], ...more })
const hashOf = ({ apiKey }: { apiKey: { id: string } }) => `#/keys/${apiKey.id}`

describe('a key of one’s own', () => {
  it.each(inLooks(EVERYBODY))('is changed, rotated and revoked: %s, %s', async (user, look) => {
    const made = await make(user)
    const { page, context } = await on.visit(user, LOOKS[look])
    await page.getByRole('link', { name: 'Nightly export' }).click()
    await heading(page, 'Nightly export')

    await link(page, 'key.edit').click()
    await field(page, 'form.name').fill('Weekly export')
    await page.getByRole('checkbox', { name: 'reports:write' }).check()
    await button(page, 'action.save').click()
    await heading(page, 'Weekly export')
    await page.getByText(says('edit.saved')).waitFor()
    expect(await on.demo.keys.get(made.apiKey.id)).toMatchObject({
      name: 'Weekly export',
      permissions: ['reports:read', 'reports:write'],
    })

    await button(page, 'key.rotate').click()
    await dialog(page).getByRole('radio', { name: '1 hour' }).check()
    await button(dialog(page), 'rotate.action').click()
    await dialog(page).getByText(says('token.once')).waitFor()
    const token = (await dialog(page).locator('code').first().textContent()) ?? ''
    expect(await on.demo.keys.verify(token)).toMatchObject({ ok: true, tokenEndsAt: null })
    const earlier = await on.demo.keys.verify(made.token)
    const ms = earlier.ok ? Number(earlier.tokenEndsAt) - Date.now() : 0
    expect(Math.round(ms / 60_000)).toBe(60)
    await button(page, 'action.copyNamed', { what: says('token.env') }).click()
    await button(page, 'action.close').click()
    await dialog(page).waitFor({ state: 'detached' })
    expect(await whereaboutsOf(token.slice(-49, -6), page, context)).toEqual([])

    await button(page, 'key.revoke').click()
    await field(dialog(page), 'revoke.reason').fill('found in a log')
    await button(dialog(page), 'revoke.action').click()
    await dialog(page).getByText(says('confirm.mismatch')).waitFor()
    expect(await on.demo.keys.verify(token)).toMatchObject({ ok: true })
    await dialog(page).getByRole('textbox').last().fill('Weekly export')
    await button(dialog(page), 'revoke.action').click()
    await dialog(page).waitFor({ state: 'detached' })
    await page.getByText(says('status.revoked'), { exact: true }).first().waitFor()
    for (const one of [token, made.token])
      expect(await on.demo.keys.verify(one)).toMatchObject({ code: 'KEY_REVOKED' })

    const history = page.getByRole('list', { name: says('history.caption') })
    await history.getByText('found in a log').waitFor()
    for (const did of ['history.did.revoke', 'history.did.rotate', 'history.did.update'] as const)
      expect(await history.getByText(says(did)).count()).toBe(1)
    for (const gone of ['key.rotate', 'key.revoke', 'key.disable'] as const)
      expect(await button(page, gone).count()).toBe(0)
  })

  it('is disabled and enabled, deleted and brought back', async () => {
    const { apiKey, token } = await make('alice')
    const { page } = await on.visit('alice', { hash: `#/keys/${apiKey.id}` })
    await button(page, 'key.disable').click()
    await button(dialog(page), 'key.disable').click()
    await button(page, 'key.enable').waitFor()
    expect(await on.demo.keys.verify(token)).toMatchObject({ code: 'KEY_DISABLED' })
    await button(page, 'key.enable').click()
    await button(page, 'key.disable').waitFor()
    expect(await on.demo.keys.verify(token)).toMatchObject({ ok: true })

    await button(page, 'key.delete').click()
    await button(dialog(page), 'delete.action').click()
    await heading(page, says('keys.title'))
    expect(await on.demo.keys.verify(token)).toMatchObject({ code: 'KEY_INVALID' })
    await button(page, 'action.undo').click()
    await heading(page, 'Nightly export')
    expect(await on.demo.keys.verify(token)).toMatchObject({ ok: true })
  })

  it('is not overwritten where somebody else has changed it meanwhile', async () => {
    const { apiKey } = await make('alice')
    const { page, expectFaults } = await on.visit('alice', { hash: `#/keys/${apiKey.id}/edit` })
    await field(page, 'form.name').fill('Mine')
    await on.demo.keys.update(apiKey.id, { name: 'Theirs' })
    expectFaults(/status of 412/)
    await button(page, 'action.save').click()
    await page.getByText(says('error.VERSION_MISMATCH')).waitFor()
    expect(await on.demo.keys.get(apiKey.id)).toMatchObject({ name: 'Theirs' })
    await button(page, 'edit.reload').click()
    await heading(page, says('edit.title', { name: 'Theirs' }))
    expect(await field(page, 'form.name').inputValue()).toBe('Theirs')
  })

  it('shows how it was used, as a drawing and as a table', async () => {
    const made = await make('alice')
    const headers = { authorization: `Bearer ${made.token}` }
    for (const method of ['GET', 'GET', 'POST']) await fetch(`${on.demo.origin}/reports`, { method, headers })
    const { page } = await on.visit('alice', { hash: hashOf(made) })
    await page.getByText(says('outcome.INSUFFICIENT_PERMISSIONS')).waitFor()
    const drawn = await page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {}
      return new Set(data && new Uint32Array(data.buffer)).size
    })
    expect(drawn).toBeGreaterThan(3) // colours
    await page.getByText(says('usage.table'), { exact: true }).click()
    const table = page.getByRole('table', { name: says('usage.caption') })
    const today = await table.getByRole('row').nth(1).getByRole('cell').allTextContents()
    expect([await table.getByRole('columnheader').allTextContents(), today]).toEqual([
      (['time', 'accepted', 'limited', 'refused', 'sum'] as const).map(name => says(`usage.${name}`)),
      ['2', '0', '1', '3'],
    ])
  })
})

describe('a key of somebody else’s', () => {
  it('is there for bob under no address', async () => {
    const made = await make('alice')
    const { page, expectFaults } = await on.visit('bob', { hash: hashOf(made) })
    expectFaults(/status of 404/)
    await heading(page, says('key.missing'))
    expect(await page.content()).not.toContain('Nightly')
  })

  it('is revoked by the admin of its organisation, who is offered no token of it', async () => {
    const made = await make('alice', { organizationId: 'acme' })
    const { page } = await on.visit('carol', { hash: hashOf(made) })
    await button(page, 'key.revoke').waitFor()
    expect(await button(page, 'key.rotate').count()).toBe(0)
    expect(await link(page, 'key.edit').count()).toBe(0)
    await button(page, 'key.revoke').click()
    await dialog(page).getByRole('textbox').last().fill('Nightly export')
    await button(dialog(page), 'revoke.action').click()
    await page.getByText(says('status.revoked'), { exact: true }).first().waitFor()
    expect(await on.demo.keys.get(made.apiKey.id)).toMatchObject({ revoked: { by: 'carol' } })
  })

  it('is changed by an admin, who is offered no token that acts as its owner', async () => {
    const made = await make('alice')
    const { page } = await on.visit('root', { hash: hashOf(made) })
    await link(page, 'key.edit').waitFor()
    expect(await button(page, 'key.rotate').count()).toBe(0)
    await button(page, 'key.disable').click()
    await button(dialog(page), 'key.disable').click()
    await button(page, 'key.enable').waitFor()
    expect(await on.demo.keys.get(made.apiKey.id)).toMatchObject({ status: 'disabled' })
    const alice = await on.visit('alice', { hash: hashOf(made) })
    await alice.page.getByText(says('status.disabled'), { exact: true }).first().waitFor()
  })
})
