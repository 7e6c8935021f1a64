/** What the page is told by its options, and that no option breaks out of its place in it. */
import { pathToFileURL } from 'node:url'
import express from 'express'
import express4 from 'express4'
import helmet from 'helmet'
import { keyRouter } from 'sidekey/express'
import request from 'supertest'
import { uiOf } from '../../src/http/ui.js'
import { pageIn } from '../../src/http/ui-files.js'
import type { UiOptions } from '../../src/http/ui-options.js'
import { testKeys } from '../support/keys.js'

const BUILT = {
  html:
    '<!doctype html><html lang="en"><head><title>API keys</title>' +
    '<script type="application/json" id="sidekey-page">{}</script></head><body><noscript>This page needs JavaScript.</noscript></body></html>',
  assets: new Map([['assets/index-abcdefgh.js', 'start()']]),
  messageNames: new Set<string>(),
}
const textAt = (path: string, options: UiOptions): string => uiOf(BUILT, options).get(path)?.text ?? ''
const page = (options: UiOptions) => textAt('/ui/', options)
const settingsIn = (html: string): unknown =>
  JSON.parse(/<script type="application\/json" id="sidekey-page">([^<]*)<\/script>/.exec(html)?.[1] ?? '')

describe('the page', () => {
  it.each([
    ['Express 5', express],
    ['Express 4', express4 as unknown as typeof express], // only what both have is used
  ])('keeps its own headers where helmet has set others before it, %s', async (_name, framework) => {
    const app = framework()
    app.use(helmet({ contentSecurityPolicy: { directives: { scriptSrc: ["'unsafe-inline'"] } } }))
    app.use('/api-keys', keyRouter(testKeys(), { ui: true }))
    const { headers } = await request(app).get('/api-keys/ui/').expect(200)
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'self'; /),
      'referrer-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'x-dns-prefetch-control': 'off', // helmet's
    })
  })

  it('is told all that is set, but for its theme', () => {
    const options: UiOptions = {
      title: 'Keys of Acme',
      logo: '/logo.svg',
      links: [{ label: 'Back', href: '/' }],
      loginUrl: '/login',
      reauthenticateUrl: 'https://sso.example.com/fresh?app=acme',
      returnTo: 'next',
      csrf: { cookie: '__Host-csrf', header: 'X-CSRF-Token' },
      messages: { 'list.title': 'Schlüssel' },
      lang: 'ar',
      dir: 'rtl',
    }
    const html = page({ ...options, theme: { '--sidekey-accent': '#06c' } })
    expect(settingsIn(html)).toEqual(options)
    expect(html).toContain('<html lang="ar" dir="rtl">')
    expect(html).toContain('<title>Keys of Acme</title>')
  })

  it('says what there is to say without its script in the words of the app', () => {
    const html = page({ messages: { 'page.noScript': 'JavaScript fehlt <hier>.' } })
    expect(html).toContain('<noscript>JavaScript fehlt &lt;hier>.</noscript>')
    expect(page({ messages: { 'list.title': 'x' } })).toContain(
      '<noscript>This page needs JavaScript.</noscript>',
    )
  })

  it('is as it was built where nothing is set', () => {
    expect(page({})).toBe(BUILT.html.replace('lang="en"', 'lang="en" dir="ltr"'))
    expect(textAt('/ui/theme.css', {})).toBe('')
    expect(textAt('/ui/assets/index-abcdefgh.js', {})).toBe('start()')
  })

  it.each([
    '</script><script>alert(1)</script>',
    '</title><img src=x onerror=alert(1)>',
    '<!--<script>',
    '$& $1 $`',
    '&lt;',
  ])('lets no text out of its place: %s', text => {
    const html = page({ title: text, links: [{ label: text, href: '/' }], messages: { a: text } })
    expect(html.match(/<script/g)).toHaveLength(1)
    expect(html.match(/<!--|<img/g)).toBeNull()
    expect(settingsIn(html)).toEqual({
      title: text,
      links: [{ label: text, href: '/' }],
      messages: { a: text },
    })
    const [, title = ''] = /<title>([^<]*)<\/title>/.exec(html) ?? []
    expect(title.replaceAll('&lt;', '<').replaceAll('&amp;', '&')).toBe(text)
  })

  it('has its theme in a file of its own', () => {
    const theme = {
      '--sidekey-accent': 'light-dark(#06c, #6cf)',
      '--sidekey-font': '"Acme Sans", sans-serif',
    }
    expect(textAt('/ui/theme.css', { theme })).toBe(
      ':root {\n  --sidekey-accent: light-dark(#06c, #6cf);\n  --sidekey-font: "Acme Sans", sans-serif;\n}\n',
    )
  })

  it('is not served from a build that has no place for the settings', () => {
    expect(() => uiOf({ ...BUILT, html: '<html><title>x</title></html>' }, {})).toThrow('sidekey-page')
    expect(() => uiOf({ ...BUILT, assets: new Map([['assets/x.wasm', '']]) }, {})).toThrow('x.wasm')
  })

  it('says so at once where it was not built', () => {
    const nowhere = pathToFileURL(`${__dirname}/nowhere/`).href
    expect(() => pageIn(nowhere)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        errors: [{ path: 'ui', message: expect.stringMatching(/npm run build.*nowhere.*ENOENT/) }],
      }),
    )
  })
})

const WRONG: readonly (readonly [path: string, ui: unknown])[] = [
  ['ui', 'yes'],
  ['ui', null],
  ['ui', 1],
  ['ui.tittle', { tittle: 'Keys' }],
  ['ui.title', { title: '' }],
  ['ui.title', { title: 'x'.repeat(101) }],
  ['ui.logo', { logo: 'https://cdn.example.com/logo.png' }],
  ['ui.logo', { logo: '//cdn.example.com/logo.png' }],
  ['ui.logo', { logo: 'logo.png' }],
  ['ui.logo', { logo: 'data:text/html,<b>' }],
  ['ui.links', { links: '/docs' }],
  ['ui.links.0.href', { links: [{ label: 'x', href: 'javascript:alert(1)' }] }],
  ['ui.links.0.href', { links: [{ label: 'x', href: 'java\nscript:alert(1)' }] }],
  ['ui.links.0.href', { links: [{ label: 'x', href: ' javascript:alert(1)' }] }],
  ['ui.links.0.href', { links: [{ label: 'x', href: 'data:text/html,x' }] }],
  ['ui.links.0.title', { links: [{ label: 'x', href: '/', title: 'y' }] }],
  ['ui.loginUrl', { loginUrl: 'javascript:alert(1)' }],
  ['ui.loginUrl', { loginUrl: 'login' }],
  ['ui.loginUrl', { loginUrl: '//example.com/login' }],
  ['ui.loginUrl', { loginUrl: '/\\example.com' }],
  ['ui.loginUrl', { loginUrl: '/\t/example.com' }],
  ['ui.reauthenticateUrl', { reauthenticateUrl: 'mailto:root@example.com' }],
  ['ui.returnTo', { returnTo: 'return to' }],
  ['ui.csrf', { csrf: 'x-csrf-token' }],
  ['ui.csrf.cookie', { csrf: { cookie: 'a;b', header: 'x-csrf-token' } }],
  ['ui.csrf.header', { csrf: { cookie: 'csrf', header: 'x csrf' } }],
  ['ui.messages.page.title', { messages: { 'page.title': 1 } }],
  ['ui.messages.page.tittle', { messages: { 'page.tittle': 'Keys' } }],
  ['ui.messages.constructor', { messages: { constructor: 'Keys' } }],
  ['ui.lang', { lang: 'english please' }],
  ['ui.lang', { lang: '"><script>' }],
  ['ui.dir', { dir: 'auto' }],
  ['ui.theme.--sidekey-acent', { theme: { '--sidekey-acent': 'red' } }],
  ...[
    'red; } body { display: none',
    'red}',
    '</style>',
    'url(x',
    '"x',
    "it's",
    'red /* never closed',
    'a)',
    '([)]',
    '\\',
    'red !important',
    'a\nb',
    ' ',
    '',
  ].map(value => ['ui.theme.--sidekey-accent', { theme: { '--sidekey-accent': value } }] as const),
]

describe('the option ui', () => {
  it.each(WRONG)('fails at once, and names what is wrong: %s in %j', (path, ui) => {
    const options = { ui } as object // wrong on purpose
    expect(() => keyRouter(testKeys(), options)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        errors: [{ path, message: expect.stringMatching(/^(takes|is) \S/) }],
      }),
    )
  })

  it('names all that is wrong at once, beside what is wrong with other options', () => {
    const options = { csrf: 1, ui: { title: '', dir: 'up' } } as object // wrong on purpose
    expect(() => keyRouter(testKeys(), options)).toThrow(/csrf: .*ui\.title: .*ui\.dir: /)
  })

  it.each<UiOptions>([
    {},
    { logo: 'data:image/svg+xml;base64,PHN2Zy8+' },
    { loginUrl: '/login?next=1#top', reauthenticateUrl: 'HTTPS://sso.example.com/' },
    {
      links: [
        { label: 'Help', href: 'mailto:help@example.com' },
        { label: 'Docs', href: 'https://example.com' },
      ],
    },
    { theme: { '--sidekey-radius': 'calc(2px + 0.1rem)', '--sidekey-font': "system-ui, 'Acme'" } },
    { lang: 'zh-Hant-TW', messages: { 'page.title': 'API 金鑰' } },
  ])('takes %j', ui => {
    expect(keyRouter(testKeys(), { ui })).toBeInstanceOf(Function)
  })
})
