/**
 * The page at `ui/` below the router: its files, and the headers that bind it. They are the same for everybody, hold no
 * secret, and are found by name in a table. Who asks for keys does so by the routes, as any other program.
 */
import { hash } from 'node:crypto'
import { SidekeyError } from '../errors.js'
import type { Parsed } from '../validation.js'
import { type Answer, noRoute, problemAnswer } from './problem.js'
import { type BuiltPage, builtPage } from './ui-files.js'
import { type UiOptions, uiOptions } from './ui-options.js'

/** Answers, by their paths below the router. */
export type Ui = ReadonlyMap<string, Answer>

/** Of a request, what the page asks for. */
interface UiRequest {
  readonly method: string
  /** Below the mount. */
  readonly path: string
  header(name: string): string | undefined
}

/** Scripts, styles and data of the app's origin alone, nothing inline, and no other page around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

const COMMON = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
}
/** Asked for again each time, and answered 304 where nothing has changed. */
const ASKED = 'no-cache'
/** Their names change with what is in them. */
const FOR_EVER = 'public, max-age=31536000, immutable'

/** The page that the option asks for, or what is wrong with it; `null`: there is to be none. */
export function uiFor(option: unknown): Parsed<Ui | null> {
  if (option === undefined || option === false) return { value: null }
  const built = builtPage()
  const options = uiOptions(option, built.messageNames)
  return 'errors' in options ? options : { value: uiOf(built, options.value) }
}

/** The page as it was built, with what the app's options say. */
export function uiOf({ html, assets }: BuiltPage, options: UiOptions): Ui {
  const page = file('index.html', withOptions(html, options), ASKED)
  return new Map([
    ['/ui', MOVED],
    ['/ui/', page],
    // For frameworks that take the slash at an end away (Next, SvelteKit), and would go to and fro between the two.
    ['/ui/index.html', page],
    ['/ui/theme.css', file('theme.css', themeOf(options), ASKED)],
    ...[...assets].map(([name, text]) => [`/ui/${name}`, file(name, text, FOR_EVER)] as const),
  ])
}

/** The answer to a request for the page or one of its files; `null`: it is for a route. */
export function uiAnswer(ui: Ui, { method, path, header }: UiRequest): Answer | null {
  if (path !== '/ui' && !path.startsWith('/ui/')) return null
  const found = ui.get(path)
  if (found === undefined) return problemAnswer(noRoute())
  if (method !== 'GET' && method !== 'HEAD')
    return problemAnswer(new SidekeyError('METHOD_NOT_ALLOWED', 'Takes GET.', { allow: 'GET' }))
  return isKnown(header('if-none-match'), found.headers.etag) ? unchanged(found) : found
}

/** Relative: a proxy before the app may have taken off what is before it. */
const MOVED: Answer = {
  status: 308,
  headers: { location: 'ui/', 'content-type': 'text/plain; charset=utf-8', 'cache-control': ASKED },
  body: null,
  text: 'The page is at ui/.',
}

function file(name: string, text: string, cache: string): Answer {
  const type = TYPES[name.replace(/^.*\./, '')]
  if (type === undefined) throw new Error(`the page has a file of a type that is not served: ${name}`)
  // Weak: what compresses the answer on its way changes its bytes.
  const etag = `W/"${hash('sha256', text, 'base64url').slice(0, 22)}"`
  return {
    status: 200,
    headers: { ...COMMON, 'content-type': type, 'cache-control': cache, etag },
    body: null,
    text,
  }
}

function unchanged({ headers: { 'content-type': _, ...headers } }: Answer): Answer {
  return { status: 304, headers, body: null }
}

/** Whether `If-None-Match` names what would be answered (RFC 9110, section 13.1.2). */
function isKnown(condition: string | undefined, etag: string | undefined): boolean {
  if (condition === undefined || etag === undefined) return false
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  return condition.trim() === '*' || condition.split(',').some(tag => opaque(tag) === opaque(etag))
}

/** The one text that the page's own script cannot put there. */
const NO_SCRIPT = 'page.noScript'

function withOptions(html: string, { theme: _, ...settings }: UiOptions): string {
  const { title = 'API keys', lang = 'en', dir = 'ltr' } = settings
  const changes: [what: RegExp, by: string][] = [
    [/<html\b[^<>]*>/g, `<html lang="${lang}" dir="${dir}">`],
    [/(?<=<title>)[^<]*(?=<\/title>)/g, escaped(title)],
    [/(?<=<script type="application\/json" id="sidekey-page">)[^<]*(?=<\/script>)/g, inScript(settings)],
  ]
  const noScript = settings.messages?.[NO_SCRIPT]
  if (noScript !== undefined) changes.push([/(?<=<noscript>)[^<]*(?=<\/noscript>)/g, escaped(noScript)])
  return changes.reduce((all, [what, by]) => replacedOnce(all, what, by), html)
}

function replacedOnce(html: string, what: RegExp, by: string): string {
  const { length } = html.match(what) ?? []
  if (length !== 1) throw new Error(`the page as it was built has ${length ?? 0} times ${what.source}`)
  return html.replace(what, () => by) // as it is: a text of the app's may have a $
}

/** JSON that no end of a script, and no beginning of a comment, can be in. */
function inScript(value: object): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function themeOf({ theme = {} }: UiOptions): string {
  const lines = Object.entries(theme).map(([property, value]) => `  ${property}: ${value};\n`)
  return lines.length === 0 ? '' : `:root {\n${lines.join('')}}\n`
}
