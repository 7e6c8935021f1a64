/** The page over MongoDB: what it shows is what is kept there. */
import { button, dialog, field, heading, says } from './browser/says.js'
import { scene } from './browser/scene.js'

const on = scene('mongooseStore')

it('makes a key, shows it, and ends it', async () => {
  const { page } = await on.visit('alice', { hash: '#/new' })
  await field(page, 'form.name').fill('Kept')
  await button(page, 'create.submit').click()
  await dialog(page).getByText(says('token.once')).waitFor()
  const token = (await dialog(page).locator('code').first().textContent()) ?? ''
  expect(await on.demo.keys.verify(token)).toMatchObject({ ok: true })
  await page.keyboard.press('Escape')
  await button(page, 'token.closeAnyway').click()
  await heading(page, 'Kept')
  await button(page, 'key.revoke').click()
  await dialog(page).getByRole('textbox').last().fill('Kept')
  await button(dialog(page), 'revoke.action').click()
  await page.getByText(says('status.revoked'), { exact: true }).first().waitFor()
  expect(await on.demo.keys.verify(token)).toMatchObject({ code: 'KEY_REVOKED' })
  await page.goto(on.demo.page)
  await page.getByRole('row', { name: /Kept.*Revoked/ }).waitFor()
})
