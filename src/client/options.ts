/** The options of the client, with their defaults and checks. */

/** What `fetch` is given: a part of what the platform's own takes. */
export interface FetchInit {
  readonly method: string
  readonly headers: Headers
  readonly body: string | null
  readonly credentials: 'same-origin' | 'include'
  readonly redirect: 'manual'
  readonly signal: AbortSignal | null
}

/** What `fetch` answers: a part of what the platform's own does. */
export interface FetchAnswer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
}

/** What the client calls with: the `fetch` of browsers and Node fits. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchAnswer>

/** Headers by name; one that is `undefined` is left out. */
export type HeaderValues = Readonly<Record<string, string | undefined>>

/** The options of `keyClient`. */
export interface KeyClientOptions {
  /**
   * Where `keyRouter` is mounted: a path (`/api-keys`) in a browser, an address
   * (`https://app.example.com/api-keys`) anywhere.
   */
  readonly baseUrl: string
  /**
   * Headers of every request, such as `Authorization` or the app's CSRF token; a function is asked anew for
   * each request, also for one that is repeated.
   */
  readonly headers?: HeaderValues | (() => HeaderValues | Promise<HeaderValues>)
  /** In place of the platform's own `fetch`. */
  readonly fetch?: Fetch
  /** Whether cookies go along: to the page's own origin, or to any. Default: `'same-origin'`. */
  readonly credentials?: 'same-origin' | 'include'
  /** How often a call that failed is tried again at most, where that is safe: 0 to 10. Default: 2. */
  readonly retries?: number
}

export interface Settings extends Required<KeyClientOptions> {}

/** @throws TypeError for a wrong option, naming it and what it takes. */
export function settingsOf(options: KeyClientOptions): Settings {
  const { baseUrl, headers = {}, fetch, credentials = 'same-origin', retries = 2, ...unknown } = options
  for (const name of Object.keys(unknown)) refuse(name, 'is not a known option')
  if (!isObjectOrFunction(headers)) refuse('headers', 'takes an object, or a function that answers one')
  if (fetch !== undefined && typeof fetch !== 'function') refuse('fetch', 'takes a function')
  if (credentials !== 'same-origin' && credentials !== 'include')
    refuse('credentials', 'takes "same-origin" or "include"')
  if (!Number.isInteger(retries) || retries < 0 || retries > 10) refuse('retries', 'takes 0 to 10')
  return {
    baseUrl: checkedBase(baseUrl, fetch),
    headers,
    fetch: fetch ?? platformFetch,
    credentials,
    retries,
  }
}

/** Looked up at each call, since apps put their own in its place. */
const platformFetch: Fetch = (url, init) => globalThis.fetch(url, init)

function checkedBase(baseUrl: string, fetch: Fetch | undefined): string {
  const isPath = typeof baseUrl === 'string' && /^\/(?![/\\])[^?#]*$/.test(baseUrl)
  if (isPath && fetch === undefined && !('location' in globalThis))
    refuse('baseUrl', 'takes an address such as "https://app.example.com/api-keys" outside of browsers')
  if (!isPath && !isAddress(baseUrl))
    refuse('baseUrl', 'takes a path such as "/api-keys", or an http or https address without login and query')
  let end = baseUrl.length
  while (baseUrl[end - 1] === '/') end--
  return baseUrl.slice(0, end)
}

function isAddress(text: string): boolean {
  try {
    const { protocol, username, password, search, hash } = new URL(text)
    return /^https?:$/.test(protocol) && username + password + search + hash === ''
  } catch {
    return false
  }
}

function isObjectOrFunction(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'object' && value !== null)
}

function refuse(option: string, message: string): never {
  throw new TypeError(`sidekey/client: ${option}: ${message}`)
}
