import type { Config } from '../config.js'
import { intersect } from '../key/permission.js'
import type { StoredKey } from '../key/record.js'

/** The part of a key that says what it was given. */
export type Given = Pick<StoredKey, 'permissions' | 'roles' | 'kind'>

/**
 * What a key was given: its permissions and those of its roles, within what its kind may carry. A role that
 * the options no longer name gives nothing.
 */
export function givenPatterns(key: Given, config: Config): readonly string[] {
  const named = [...key.permissions]
  for (const role of key.roles) named.push(...(config.roles.get(role) ?? []))
  const within = config.kinds.get(key.kind)?.permissions ?? null
  return within === null ? [...new Set(named)] : intersect(named, within)
}

/** Cuts what keys were given to what is granted: the same two lists, which nobody changes, are cut once. */
export function createCutter(): (given: readonly string[], granted: readonly string[]) => readonly string[] {
  const known = new WeakMap<readonly string[], WeakMap<readonly string[], readonly string[]>>()
  return (given, granted) => {
    let byGiven = known.get(granted)
    if (byGiven === undefined) {
      byGiven = new WeakMap()
      known.set(granted, byGiven)
    }
    let cut = byGiven.get(given)
    if (cut === undefined) {
      const both = intersect(given, granted)
      cut = isSame(both, given) ? given : Object.freeze(both.slice())
      byGiven.set(given, cut)
    }
    return cut
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i])
}
