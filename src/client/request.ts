/** Sends one request. */
import { contentOf } from './answer.js'
import { networkError, refusedInput } from './error.js'
import type { FetchAnswer, HeaderValues, Settings } from './options.js'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `baseUrl`: encoded, and with the query. */
  readonly path: string
  /** JSON. */
  readonly body?: string
  readonly headers?: HeaderValues
  readonly signal?: AbortSignal | undefined
}

/**
 * What the server answers.
 * @throws KeyClientError the server's code, `NETWORK_ERROR`, `UNEXPECTED_ANSWER`; or the signal's reason.
 */
export async function send(settings: Settings, { method, path, body, headers, signal }: Call) {
  const { baseUrl, fetch, credentials } = settings
  const given = typeof settings.headers === 'function' ? await settings.headers() : settings.headers
  const content = body !== undefined && { 'content-type': 'application/json' }
  const init = {
    method,
    headers: headersOf(given, { accept: 'application/json', ...content, ...headers }),
    body: body ?? null,
    credentials,
    // A login page that is led to is no answer, and a token is not carried on to wherever it leads.
    redirect: 'manual' as const,
    signal: signal ?? null,
  }
  let answer: FetchAnswer
  let text: string
  try {
    signal?.throwIfAborted()
    answer = await fetch(urlOf(baseUrl, path), init)
    text = await answer.text()
  } catch (error) {
    signal?.throwIfAborted()
    throw networkError(error)
  }
  return contentOf(method, answer, text)
}

/** Mounted at the root, the list has no other path than `/`. */
function urlOf(baseUrl: string, path: string): string {
  return baseUrl === '' && !path.startsWith('/') ? `/${path}` : baseUrl + path
}

/** The later ones win, however their names are written. */
function headersOf(...sources: readonly HeaderValues[]): Headers {
  const headers = new Headers()
  for (const [name, value] of sources.flatMap(source => Object.entries(source))) {
    if (value === undefined) continue
    try {
      headers.set(name, value)
    } catch {
      // The platform's error repeats the value, which may be a token.
      throw refusedInput('headers', 'takes names and values that HTTP allows')
    }
  }
  return headers
}
