import type { Owner } from '../key/record.js'
import type { Config } from '../options.js'

/** What an owner may do now: patterns, `null` for an owner who is switched off. */
export type Grants = (owner: Owner, organizationId: string | null) => Promise<readonly string[] | null>

/**
 * The app's `grants`, made safe: without the option everything is granted, and an answer that is not a list of
 * strings (a forgotten `return`, say) grants nothing rather than everything.
 */
export function ownerGrants(config: Config): Grants {
  const { grants } = config
  if (grants === null) return async () => EVERYTHING
  return async (owner, organizationId) => {
    const granted = await grants(owner, organizationId)
    return isStrings(granted) ? granted : null
  }
}

const EVERYTHING: readonly string[] = Object.freeze(['*'])

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(one => typeof one === 'string')
}
