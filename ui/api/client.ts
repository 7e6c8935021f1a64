/** The client of the REST API that the page is mounted with; the app's session cookie goes along by itself. */
import { keyClient } from '../../src/client/index.js'
import { apiBase, settings } from '../page.js'

export const client = keyClient({ baseUrl: apiBase, headers: csrfHeader })

/** The app's own CSRF token, out of the cookie in which it gives it to its pages; read anew for each request. */
function csrfHeader(): Record<string, string | undefined> {
  if (settings.csrf === undefined) return {}
  const { cookie, header } = settings.csrf
  const start = `${cookie}=`
  const found = document.cookie.split('; ').find(part => part.startsWith(start))
  return { [header]: found === undefined ? undefined : decoded(found.slice(start.length)) }
}

/** A cookie that is not encoded is taken as it is. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
