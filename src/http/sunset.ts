import type { Accepted } from '../verify/verification.js'

/**
 * `Sunset` (RFC 8594) for answers to a token that has been rotated away: its holder still works, and should move on. The
 * time is in the form of RFC 9110, section 5.6.7.
 */
export function sunsetOf({ tokenEndsAt }: Pick<Accepted, 'tokenEndsAt'>): Readonly<Record<string, string>> {
  return tokenEndsAt === null ? NONE : { sunset: tokenEndsAt.toUTCString() }
}

const NONE = Object.freeze({})
