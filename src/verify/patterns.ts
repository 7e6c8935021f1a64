import { intersect } from '../key/permission.js'
import type { StoredKey } from '../key/record.js'
import type { Config } from '../options.js'

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

/** Cuts `given` to what is granted; the last answer is kept while the grants stay the same. */
export function cutter(given: readonly string[]): (granted: readonly string[]) => readonly string[] {
  let last: { readonly granted: readonly string[]; readonly cut: readonly string[] } | undefined
  return granted => {
    // By what is in it: the app may hand out one list, and change it.
    if (last === undefined || !sameItems(last.granted, granted)) {
      last = { granted: [...granted], cut: Object.freeze(intersect(given, granted)) }
    }
    return last.cut
  }
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}
