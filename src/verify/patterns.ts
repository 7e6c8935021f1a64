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

/** Cuts `given` to what is granted; the last answer is kept for the same list, which nobody changes. */
export function cutter(given: readonly string[]): (granted: readonly string[]) => readonly string[] {
  let lastGranted: readonly string[] | undefined
  let cut: readonly string[] = []
  return granted => {
    if (granted !== lastGranted) {
      cut = Object.freeze(intersect(given, granted))
      lastGranted = granted
    }
    return cut
  }
}
