/** What the audit tells of a request, from whatever request object the app's framework has. */
import { redact } from '../key/redact.js'

export interface RequestFacts {
  readonly ip: string | null
  readonly userAgent: string | null
  readonly requestId: string | null
}

const NONE: RequestFacts = { ip: null, userAgent: null, requestId: null }
const LONGEST = 256
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is control characters that are taken out
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

/** Addresses of requests that do not tell them themselves (those of the Fetch standard). */
const addresses = new WeakMap<object, string>()

/** Notes the client's address for a request that does not tell it. */
export function noteAddress(request: object, ip: string | undefined): void {
  if (ip !== undefined) addresses.set(request, ip)
}

/**
 * Address, user agent and id of a request of Express, Koa or the Fetch standard, or of anything that has `ip`, `id` and
 * `headers`; `null` for what is not there. What a client may write is cut to 256 characters, without control characters
 * and without tokens.
 */
export function requestFacts(request: unknown): RequestFacts {
  if (typeof request !== 'object' || request === null) return NONE
  const { ip, id, headers } = request as { ip?: unknown; id?: unknown; headers?: unknown } // any object; only looked at
  return {
    ip: told(addresses.get(request) ?? ip),
    userAgent: told(headerOf(headers, 'user-agent')),
    requestId: told(id) ?? told(headerOf(headers, 'x-request-id')),
  }
}

function headerOf(headers: unknown, name: string): unknown {
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  return typeof headers === 'object' && headers !== null ? Reflect.get(headers, name) : undefined
}

function told(value: unknown): string | null {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string' || value === '') return null
  // Redacted once nothing more is taken out of it, and before it is cut: half a token would not be known for one.
  const plain = value.replace(CONTROL, '').replace(/\p{Surrogate}/gu, '')
  return redact(plain).slice(0, LONGEST)
}
