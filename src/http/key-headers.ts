/** What an answer tells the holder of a key that was accepted, or has reached its limit. */
import type { LimitStates } from '../limit/limiter.js'
import type { Accepted } from '../verify/verification.js'

type Headers = Readonly<Record<string, string>>

/**
 * `Sunset` (RFC 8594) for a token that has been rotated away: its holder still works, and should move on. The time is in the
 * form of RFC 9110, section 5.6.7. And where the request stands with its limits.
 */
export function keyHeaders({ tokenEndsAt, limits }: Pick<Accepted, 'tokenEndsAt' | 'limits'>): Headers {
  const standing = limitHeaders(limits, Date.now())
  return tokenEndsAt === null ? standing : { ...standing, sunset: tokenEndsAt.toUTCString() }
}

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): points a window of so many seconds; what is
 * left, and the seconds until there is more.
 */
export function limitHeaders(limits: LimitStates | undefined, now: number): Headers {
  const policies: string[] = []
  const standings: string[] = []
  for (const name in limits) {
    const state = limits[name]
    if (state === undefined) continue
    const { points, perMs, remaining, resetsAt } = state
    const seconds = Math.max(1, Math.ceil((resetsAt.getTime() - now) / 1000))
    policies.push(`"${name}";q=${points};w=${Math.ceil(perMs / 1000)}`)
    standings.push(`"${name}";r=${remaining};t=${seconds}`)
  }
  if (policies.length === 0) return NONE
  return { 'ratelimit-policy': policies.join(', '), ratelimit: standings.join(', ') }
}

const NONE: Headers = Object.freeze({})
