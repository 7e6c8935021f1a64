/** The options of the page: documented, and checked where the router is made. */
import { z } from 'zod'
import { type Parsed, parsedOptions } from '../validation.js'
import { isCssValue, isLanguage, isLink, isOwnImage, isPathOrHttp, isToken } from './ui-values.js'

/** What an app may set of the looks of the page, with the values that CSS has for it. */
export const THEME_PROPERTIES = [
  '--sidekey-accent',
  '--sidekey-accent-text',
  '--sidekey-background',
  '--sidekey-surface',
  '--sidekey-text',
  '--sidekey-muted',
  '--sidekey-border',
  '--sidekey-danger',
  '--sidekey-ok',
  '--sidekey-warning',
  '--sidekey-radius',
  '--sidekey-font',
  '--sidekey-font-mono',
] as const

/**
 * A CSS custom property of the page.
 * @useDeclaredType
 */
export type ThemeProperty = (typeof THEME_PROPERTIES)[number]

/**
 * The page at `ui/` below the router. All is optional. Everybody may read what is set here: the page itself is public, and
 * shows keys only to who is logged in.
 */
export interface UiOptions {
  /** The heading of the page, and the name of its tab. Default: `API keys`. */
  readonly title?: string
  /** An image beside the title: a path of the app's own, such as `/logo.svg`, or `data:image/…`. */
  readonly logo?: string
  /** Where the page leads besides: back to the app, to its documentation. */
  readonly links?: readonly { readonly label: string; readonly href: string }[]
  /** Where users log in: a path, or a URL of http or https. Without it the page says that they should. */
  readonly loginUrl?: string
  /** Where they log in anew, where an act asks for it (`REAUTHENTICATION_REQUIRED`). Default: `loginUrl`. */
  readonly reauthenticateUrl?: string
  /**
   * The query parameter of these two that takes the way back, as a path with a hash. The app must lead to paths of its own
   * alone. Default: `returnTo`.
   */
  readonly returnTo?: string
  /**
   * Where the app wants a CSRF token with each change: the cookie that the page finds it in, which scripts must be able to
   * read, and the header that the app looks for it in. Default: none is sent.
   */
  readonly csrf?: { readonly cookie: string; readonly header: string }
  /** Texts in place of the page's own, by their names in docs/page.md. */
  readonly messages?: Readonly<Record<string, string>>
  /** The language of these texts, and of dates and numbers, as BCP 47 has it. Default: the page is English, dates are the browser's. */
  readonly lang?: string
  /** The direction of these texts. Default: `ltr`. */
  readonly dir?: 'ltr' | 'rtl'
  /** Colours, fonts and the radius of corners. A colour for each scheme: `light-dark(#06c, #6cf)`. */
  readonly theme?: Readonly<Partial<Record<ThemeProperty, string>>>
}

const takesImage =
  "takes a path of the app's own, such as /logo.svg, or data:image/…: the page loads nothing from elsewhere"
const takesUrl = 'takes a path such as /login, or a URL of http or https'
const takesValue = 'takes a value of CSS, without any of ; { } < > ! @ \\\\ and comments'

const text = (least: number, most: number) => {
  const takes = `takes a text of ${least} to ${most} characters`
  return z.string(takes).min(least, takes).max(most, takes)
}
const that = (most: number, fits: (value: string) => boolean, takes: string) =>
  z.string(takes).max(most, `takes up to ${most} characters`).refine(fits, takes)

const name = (what: string) => that(100, isToken, `takes the name of ${what}`)
const login = that(2_000, isPathOrHttp, takesUrl)
const link = z.strictObject(
  { label: text(1, 100), href: that(2_000, isLink, 'takes a path, or a URL of http, https or mailto') },
  'takes { label, href }',
)
const language = that(100, isLanguage, 'takes a language as BCP 47 has it, such as "de" or "pt-BR"')

const schema = z.strictObject(
  {
    title: text(1, 100).exactOptional(),
    logo: that(20_000, isOwnImage, takesImage).exactOptional(),
    links: z.array(link, 'takes a list of { label, href }').max(10, 'takes up to 10').exactOptional(),
    loginUrl: login.exactOptional(),
    reauthenticateUrl: login.exactOptional(),
    returnTo: that(64, name => /^[\w.-]+$/.test(name), 'takes the name of a query parameter').exactOptional(),
    csrf: z
      .strictObject({ cookie: name('a cookie'), header: name('a header') }, 'takes { cookie, header }')
      .exactOptional(),
    messages: z.record(z.string(), text(0, 2_000), 'takes texts by their names').exactOptional(),
    lang: language.exactOptional(),
    dir: z.enum(['ltr', 'rtl'], 'takes "ltr" or "rtl"').exactOptional(),
    theme: z
      .partialRecord(
        z.enum(THEME_PROPERTIES),
        that(500, isCssValue, takesValue),
        'takes values of CSS by property',
      )
      .exactOptional(),
  },
  'takes true, or an object such as { title: "API keys", loginUrl: "/login" }',
) satisfies z.ZodType<UiOptions>

/** The names of the options. */
export const UI_OPTIONS: readonly string[] = Object.keys(schema.shape)

/** What the option `ui` says, or what is wrong with it. */
export function uiOptions(option: unknown, messageNames: ReadonlySet<string>): Parsed<UiOptions> {
  const parsed = parsedOptions(schema, option === true ? {} : option, 'ui')
  if ('errors' in parsed) return parsed
  const unknown = Object.keys(parsed.value.messages ?? {}).filter(name => !messageNames.has(name))
  if (unknown.length === 0) return parsed
  return {
    errors: unknown.map(name => ({ path: `ui.messages.${name}`, message: 'is not a text of the page' })),
  }
}
