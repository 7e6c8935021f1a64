import type { Config } from '../config.js'
import { type Owner, ownerName } from '../key/record.js'
import { isThenable, type Soon } from '../soon.js'
import { tellOnce } from '../tell.js'

/** What an owner may do now: patterns; `null` for an owner who is switched off. */
export type Granted = readonly string[] | null

/** A promise only where the app's is. */
export type Grants = (owner: Owner, organizationId: string | null) => Soon<Granted>

/**
 * The app's `grants`, made safe: without the option everything is granted, and an answer that is not a list of
 * strings (a forgotten `return`, say) grants nothing rather than everything.
 */
export function ownerGrants(config: Config): Grants {
  const { grants } = config
  if (grants === null) return () => EVERYTHING
  const checked = (granted: unknown) => {
    // A copy: the app may hand out one list, and change it.
    if (isStrings(granted)) return Object.freeze([...granted])
    if (granted !== null) tellOnce(config, 'malformed-answer', MUST, { option: 'grants' })
    return null
  }
  return (owner, organizationId) => {
    const granted = grants(owner, organizationId)
    return isThenable(granted) ? Promise.resolve(granted).then(checked) : checked(granted)
  }
}

/** The app's `user`, made safe: a promise where the app's answer is only like one, which may do its work once for each `then`. */
export function ownerUser({ user }: Config): (owner: Owner) => unknown {
  return owner => {
    const found = user?.(owner)
    return isThenable(found) ? Promise.resolve(found) : found
  }
}

/**
 * `ownerName`, once for each owner: to write the name takes longer than to find a user by it. For owners of accepted keys,
 * which never change.
 */
export function createOwnerNames(): (owner: Owner) => string {
  const names = new WeakMap<Owner, string>()
  return owner => {
    let name = names.get(owner)
    if (name === undefined) {
      name = ownerName(owner)
      names.set(owner, name)
    }
    return name
  }
}

const MUST =
  'grants must answer a list of permissions, or null for an owner who is switched off; anything else refuses'
export const EVERYTHING: readonly string[] = Object.freeze(['*'])

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(one => typeof one === 'string')
}
