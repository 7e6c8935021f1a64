import { invalidOption } from '../errors.js'
import { isPermission, isRequirement, namedBy } from '../key/permission.js'
import type { Config } from '../options.js'

const TAKES = 'takes a permission, an array of them, { any: [...] } or { all: [...] }'

/**
 * Checks a requirement where a route is made, so that a typo fails at start and not at a request.
 * @throws SidekeyError `INVALID_OPTION`
 */
export function checkRequirement(requirement: unknown, config: Config): void {
  if (requirement === undefined) return
  if (!isRequirement(requirement)) throw invalidOption([{ path: 'requirement', message: TAKES }])
  for (const name of namedBy(requirement)) {
    const known = config.catalogue === null ? isPermission(name) : config.catalogue.has(name)
    if (!known) throw invalidOption([{ path: 'requirement', message: `"${name}" is not in the catalogue` }])
  }
}
