import { SidekeyError } from '../errors.js'

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether a method changes nothing. */
export function isSafe(method: string): boolean {
  return SAFE.has(method)
}

/** What a cross-origin check looks at. */
export interface OriginFacts {
  readonly method: string
  /** `Sec-Fetch-Site`, which browsers set and pages cannot. */
  readonly fetchSite: string | undefined
  readonly origin: string | undefined
  /** The hosts by which this server is addressed. */
  readonly hosts: readonly string[]
}

/**
 * Refuses a change that a page of another origin asks for with the user's cookies (CSRF); same-site and `null`
 * origins are others too. Programs other than browsers send neither header.
 * @throws SidekeyError `CROSS_ORIGIN`
 */
export function refuseCrossOrigin(
  { method, fetchSite, origin, hosts }: OriginFacts,
  trusted: ReadonlySet<string>,
): void {
  if (isSafe(method) || (origin !== undefined && trusted.has(origin))) return
  const foreignSite = fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none'
  const foreignOrigin = fetchSite === undefined && origin !== undefined && !hosts.includes(hostOf(origin))
  if (foreignSite || foreignOrigin) {
    throw new SidekeyError(
      'CROSS_ORIGIN',
      'Changes are taken from pages of this origin only; see trustedOrigins.',
    )
  }
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : ''
}
