/** What the server tells the page, as JSON in its head. Types only. */
import type { Messages } from './messages.js'

/** A link of the app's in the page's header. */
export interface PageLink {
  readonly label: string
  readonly href: string
}

/** The settings of the page: the router's option `ui`, as far as the page must know. */
export interface PageSettings {
  /** In the header, and at the end of the document's title. Default: `API keys`. */
  readonly title?: string
  /** An address of the app's own origin, or a `data:` image. */
  readonly logo?: string
  readonly links?: readonly PageLink[]
  /** Where the app logs in. Without it the page says what to do. */
  readonly loginUrl?: string
  /** Where the app asks for a fresh login. Default: `loginUrl`. */
  readonly reauthenticateUrl?: string
  /** The name of the query parameter that takes the way back. Default: `returnTo`. */
  readonly returnTo?: string
  /** A CSRF token of the app's: the cookie that it is in, and the header that takes it. */
  readonly csrf?: { readonly cookie: string; readonly header: string }
  /** Text in place of the page's own. */
  readonly messages?: Partial<Messages>
  /** The language of the messages, and of dates and numbers. Default: `en`. */
  readonly lang?: string
  readonly dir?: 'ltr' | 'rtl'
}
