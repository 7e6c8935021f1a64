/** Reads answers: what was asked for, a problem document, or something that is not sidekey's. */
import type { Problem } from '../http/problem.js'
import { KeyClientError, unexpectedAnswer } from './error.js'
import type { FetchAnswer } from './options.js'

const JSON_TYPE = /^application\/(?:problem\+)?json\b/i

/**
 * What an answer brings: a JSON object, or nothing (204) where something was deleted.
 * @throws KeyClientError the server's code, or `UNEXPECTED_ANSWER`.
 */
export function contentOf(method: string, { status, headers }: FetchAnswer, text: string): unknown {
  const body = objectIn(headers, text)
  if (method === 'DELETE' ? status === 204 : status >= 200 && status < 300 && body !== null) return body
  const retryAfter = secondsIn(headers)
  if (body === null || !isProblem(body)) throw unexpectedAnswer(status, retryAfter)
  const { code, title, detail, errors } = body
  throw new KeyClientError({ status, code, title, detail, errors, retryAfter })
}

function objectIn(headers: FetchAnswer['headers'], text: string): object | null {
  if (!JSON_TYPE.test(headers.get('content-type') ?? '')) return null
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}

/** An app has problem documents of its own; the type tells which are sidekey's. */
function isProblem(body: object): body is Problem {
  return 'type' in body && String(body.type).startsWith('urn:sidekey:error:')
}

/** `Retry-After` in seconds; a date counts from the server's own clock where it tells it. */
function secondsIn(headers: FetchAnswer['headers']): number | undefined {
  const value = headers.get('retry-after')
  if (value === null) return undefined
  if (/^[0-9]+$/.test(value)) return Number(value)
  const now = Date.parse(headers.get('date') ?? '') || Date.now()
  const seconds = Math.ceil((Date.parse(value) - now) / 1000)
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}
