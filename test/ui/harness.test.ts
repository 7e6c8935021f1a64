/** The visits of these tests themselves: what must fail a test does. */
import { violationsOn } from './browser/accessibility.js'
import { heading, says } from './browser/says.js'
import { scene } from './browser/scene.js'
import { whereaboutsOf } from './browser/whereabouts.js'

const on = scene()

it.each<[string, RegExp, () => unknown]>([
  ['an inline style', /policy: style-src/, () => document.body.setAttribute('style', 'color: red')],
  [
    'a script of text',
    /policy: script-src|TrustedScript/,
    () => {
      const script = document.createElement('script')
      try {
        script.text = 'globalThis.ran = true'
      } catch {
        // Trusted types do not even let it be written.
      }
      document.body.append(script)
    },
  ],
  [
    'markup of text',
    /policy: require-trusted-types-for|TrustedHTML/,
    () => {
      try {
        document.body.innerHTML = '<p>'
      } catch {}
    },
  ],
  [
    'an image of another origin',
    /policy: img-src https:\/\/example\.com/,
    () => {
      const image = new Image()
      image.src = 'https://example.com/x.png'
    },
  ],
  [
    'a call of another origin',
    /policy: connect-src/,
    () => void fetch('https://example.com/').catch(() => {}),
  ],
  ['an error in the console', /^error: /, () => console.error('told')],
  [
    'an error that nobody catches',
    /^thrown: /,
    () =>
      void setTimeout(() => {
        throw new Error('x')
      }),
  ],
])('sees %s', async (_what, fault, act) => {
  const visit = await on.visit('alice')
  await heading(visit.page, says('keys.title'))
  await visit.page.evaluate(act)
  const found: string[] = []
  while (!found.some(one => fault.test(one))) {
    await visit.page.evaluate(() => new Promise(requestAnimationFrame)) // a frame later
    found.push(...visit.faults())
  }
  visit.expectFaults(/./)
})

it('sees requests that leave the origin of the app', async () => {
  const visit = await on.visit('alice')
  const elsewhere = on.demo.origin.replace('127.0.0.1', 'localhost')
  await visit.page.goto(`${elsewhere}/login`)
  expect(visit.faults()).toEqual([`a request to ${elsewhere}/login`])
})

it('finds a token wherever a page may leave it', async () => {
  const { page, context } = await on.visit('alice')
  await heading(page, says('keys.title'))
  expect(await whereaboutsOf('hunter2', page, context)).toEqual([])
  await context.addCookies([{ name: 'a', value: 'hunter2', url: on.demo.origin }])
  await page.evaluate(() => {
    localStorage.setItem('a', 'hunter2')
    history.pushState({ a: 'hunter2' }, '', '#hunter2')
    window.name = 'hunter2'
    const input = document.createElement('input')
    input.value = 'hunter2'
    document.body.append(input, 'hunter2')
    Object.assign(globalThis, { leak: 'hunter2' })
  })
  const places = await whereaboutsOf('hunter2', page, context)
  expect(places.sort()).toEqual(
    [
      'address',
      'cookies',
      'document',
      'fields',
      'globals',
      'history',
      'name',
      'state',
      'storage',
      'storageState',
    ].sort(),
  )
})

it('sees what keeps people from using a page', async () => {
  const { page } = await on.visit('alice')
  await heading(page, says('keys.title'))
  expect(await violationsOn(page)).toEqual([])
  await page.evaluate(() => document.querySelector('main')?.append(document.createElement('button')))
  expect(await violationsOn(page)).toEqual([expect.stringMatching(/^button-name: /)])
})
