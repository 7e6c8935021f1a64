/** The way to the app's own login, and back to where the viewer is. */
import { settings } from './page.js'

/** Where to log in; `null`: the app does not say. */
export function loginAddress(kind: 'session' | 'reauthenticate'): string | null {
  const { loginUrl, reauthenticateUrl = loginUrl, returnTo = 'returnTo' } = settings
  const address = kind === 'session' ? loginUrl : reauthenticateUrl
  if (address === undefined) return null
  const url = new URL(address, document.baseURI)
  if (!/^https?:$/.test(url.protocol)) return null
  url.searchParams.set(returnTo, location.pathname + location.search + location.hash)
  return url.href
}
