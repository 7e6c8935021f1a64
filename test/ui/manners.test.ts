/** What an app sets of the page, and whom the page must suit: languages, directions, time zones, many keys, little motion. */
import type { RequestHandler } from 'express'
import { MANAGEMENT_PERMISSIONS } from '../../src/key/permission.js'
import { messages } from '../../ui/messages.js'
import { CATALOGUE, testKeys } from '../support/keys.js'
import { overflowOf, violationsOn } from './browser/accessibility.js'
import { startApp } from './browser/app.js'
import { button, dialog, field, heading, link, says } from './browser/says.js'
import { scene } from './browser/scene.js'
import { LOOKS } from './browser/visit.js'

const on = scene('none')

/** Every text of the page in Arabic letters, a third longer; what stands for something stays. */
const ARABIC = Object.fromEntries(
  Object.entries(messages).map(([key, text]) => [
    key,
    text.replace(/[A-Za-z]+(?![^{]*\})/g, word => 'مفتاح'.repeat(1 + word.length / 6)),
  ]),
)

describe('the page in another language', () => {
  it.each([
    ['wide', LOOKS.light],
    ['narrow', LOOKS.narrow],
  ] as const)('runs from right to left, with all its texts replaced: %s', async (_name, look) => {
    const app = await startApp({ ui: { lang: 'ar', dir: 'rtl', messages: ARABIC } })
    await app.keys.create({
      name: 'תצוגה and English',
      owner: { id: 'alice' },
      permissions: ['reports:read'],
      expiresIn: '30d',
    })
    const { page, expectFaults } = await on.visitTo(app, 'alice', look)
    await page.getByRole('link', { name: 'תצוגה and English' }).waitFor()
    expect(await page.evaluate(() => getComputedStyle(document.body).direction)).toBe('rtl')
    const seen: string[] = []
    for (const hash of ['#/', '#/new']) {
      await page.goto(app.page + hash)
      await page.getByRole('heading', { level: 1, name: 'مفتاح' }).waitFor()
      seen.push(...(await violationsOn(page)), `${await overflowOf(page)} px too wide`)
    }
    expect(seen).toEqual(['0 px too wide', '0 px too wide'])
    // What the server refuses is told in the page's words too.
    expectFaults(/status of 400/)
    await page.getByRole('textbox').first().fill('تصدير')
    await page.locator('summary').first().click()
    await page.locator('textarea').nth(1).fill('10.0.0.0/99')
    await page.locator('button[type=submit]').click()
    await page.locator('textarea[aria-invalid=true]').waitFor()
    // What is left are names: of permissions, and of the organisation.
    const names = [...CATALOGUE, ...MANAGEMENT_PERMISSIONS, 'reports', 'exports', 'api-keys', 'acme']
    const text = (await page.locator('main').textContent()) ?? ''
    const words = names.reduce((rest, name) => rest.replaceAll(name, ' '), text).match(/[A-Za-z]{3,}/g)
    expect(words).toBeNull()
  })

  it('has dates and times as its language and the viewer’s time zone have them', async () => {
    const app = await startApp({ ui: { lang: 'de' } })
    const { apiKey } = await app.keys.create({
      name: 'Ends',
      owner: { id: 'alice' },
      expiresAt: new Date('2031-03-01T02:30:00Z'),
    })
    const { page } = await on.visitTo(app, 'alice', {
      timeZone: 'America/New_York',
      hash: `#/keys/${apiKey.id}`,
    })
    await heading(page, 'Ends')
    // In New York it is still February.
    await page.getByText('28.02.2031, 21:30').waitFor()
  })
})

describe('an app’s own looks', () => {
  it('are its title, its logo, its links and its colours', async () => {
    const app = await startApp({
      ui: {
        title: 'Schlüssel der Acme',
        logo: '/logo.svg',
        links: [{ label: 'Handbuch', href: 'https://example.com/handbook' }],
        theme: { '--sidekey-accent': 'light-dark(#7a1f5c, #ffb3e1)', '--sidekey-radius': '0px' },
      },
      before: app =>
        void app.get(
          '/logo.svg',
          (_req, res) =>
            void res
              .type('svg')
              .send(
                '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
              ),
        ),
    })
    const colours: string[] = []
    for (const look of [LOOKS.light, LOOKS.dark]) {
      const { page } = await on.visitTo(app, 'alice', look)
      const create = link(page, 'keys.create').first()
      await create.waitFor()
      expect(await page.title()).toContain('Schlüssel der Acme')
      expect(await page.getByRole('link', { name: 'Handbuch' }).getAttribute('href')).toBe(
        'https://example.com/handbook',
      )
      const logo = page.locator('header img')
      expect(await logo.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBe(9)
      const [colour, radius] = await create.evaluate(element => {
        const { backgroundColor, borderRadius } = getComputedStyle(element)
        return [backgroundColor, borderRadius] as const
      })
      colours.push(colour)
      expect(radius).toBe('0px')
    }
    expect(colours).toEqual(['rgb(122, 31, 92)', 'rgb(255, 179, 225)'])
  })
})

describe('an app that wants a CSRF token', () => {
  const requireToken: RequestHandler = (req, res, next) => {
    res.cookie('XSRF-TOKEN', 'a=token/1')
    if (req.method === 'GET' || req.get('x-xsrf-token') === 'a=token/1') next()
    else res.sendStatus(403)
  }

  it('gets it with each change', async () => {
    const app = await startApp({
      ui: { csrf: { cookie: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN' } },
      before: app => void app.use(requireToken),
    })
    const { page } = await on.visitTo(app, 'alice', { hash: '#/new' })
    await field(page, 'form.name').fill('With a token')
    await button(page, 'create.submit').click()
    await dialog(page).waitFor()
    expect((await app.keys.list()).data).toMatchObject([{ name: 'With a token' }])
  })
})

describe('the page', () => {
  it('is at home wherever the router is mounted', async () => {
    const app = await startApp({ mount: '/v1/acme/keys', ui: true })
    const { page } = await on.visitTo(app, 'alice', { hash: '#/new' })
    await field(page, 'form.name').fill('Mounted')
    await button(page, 'create.submit').click()
    await dialog(page).getByText(`${app.origin}/v1/acme/keys/me`).waitFor()
    expect((await app.keys.list()).data).toMatchObject([{ name: 'Mounted' }])
  })

  it('says what to do where the app has named no login', async () => {
    const app = await startApp({ ui: true })
    const { page, expectFaults } = await on.visitTo(app, null)
    expectFaults(/status of 401/)
    await page.getByText(says('session.endedHint')).waitFor()
    expect(await link(page, 'session.login').count()).toBe(0)
  })

  it('shows thousands of keys page by page, and finds one among them', async () => {
    const app = await startApp({ ui: true, keys: testKeys({ maxKeysPerOwner: 5000 }) })
    for (let made = 0; made < 2_000; made++) {
      await app.keys.create({ name: `Key ${String(made).padStart(4, '0')}`, owner: { id: 'alice' } })
    }
    const { page } = await on.visitTo(app, 'alice')
    await page.getByRole('link', { name: 'Key 1999' }).waitFor()
    const rows = page.locator('tbody tr')
    const first = await rows.count()
    expect(first).toBeLessThan(200)
    await button(page, 'action.more').click()
    await page.getByText(says('list.shownMore', { count: 2 * first })).waitFor()
    expect(await rows.count()).toBe(2 * first)
    await page.getByLabel(says('keys.search')).fill('y 0007')
    await page.getByRole('link', { name: 'Key 0007' }).waitFor()
    expect(await rows.count()).toBe(1)
  })

  it.each(['reduce', 'no-preference'] as const)(
    'moves only for who has not asked for less of it: %s',
    async motion => {
      const app = await startApp({ ui: true })
      const { page } = await on.visitTo(app, 'alice', { motion })
      await link(page, 'keys.create').first().waitFor()
      const seconds = await page.evaluate(() => {
        const times = [...document.querySelectorAll('*')].flatMap(element => {
          const { transitionDuration, animationDuration } = getComputedStyle(element)
          return `${transitionDuration},${animationDuration}`.split(',').map(Number.parseFloat)
        })
        return Math.max(...times)
      })
      if (motion === 'reduce') expect(seconds).toBeLessThan(0.02)
      else expect(seconds).toBeLessThan(0.5)
    },
  )
})
