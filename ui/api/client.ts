/** The client of the REST API that the page is mounted with; the app's session cookie goes along by itself. */
import { keyClient } from '../../src/client/index.js'
import { apiBase, settings } from '../page.js'
import { cookieNamed } from './cookie.js'

export const client = keyClient({ baseUrl: apiBase, headers: csrfHeader })

/** The app's CSRF token, as its cookie has it now: apps change it. */
function csrfHeader(): Record<string, string> {
  const { cookie, header } = settings.csrf ?? {}
  const token = cookie === undefined ? null : cookieNamed(cookie, document.cookie)
  return header === undefined || token === null ? {} : { [header]: token }
}
