/** What the document says of itself: read once. */
import type { PageSettings } from './page-settings.js'

/** The settings that the server has put into the page. */
export const settings = readSettings()

/** The address of the page's mount: that of the REST API, without a slash at its end. */
export const apiBase = new URL('..', document.baseURI).href.replace(/(?<!\/)\/+$/, '')

/** The language of dates and numbers: the reader's own form of the page's language (`en-GB` for `en`). */
export const locale = localeOf(settings.lang ?? 'en', navigator.languages)

/** The reader's time zone. */
export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone

function readSettings(): PageSettings {
  const text = document.getElementById('sidekey-page')?.textContent ?? '{}'
  // The server has checked it, and nobody else writes into the page.
  return JSON.parse(text) as PageSettings
}

function localeOf(lang: string, readers: readonly string[]): string {
  return readers.find(reader => reader === lang || reader.startsWith(`${lang}-`)) ?? lang
}
