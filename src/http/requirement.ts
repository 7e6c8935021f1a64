import type { Config } from '../config.js'
import { invalidOption } from '../errors.js'
import { isCost, isLimitName, TAKES_COST } from '../key/limit.js'
import { isPermission, isRequirement, namedBy } from '../key/permission.js'

const TAKES = 'takes a permission, an array of them, { any: [...] } or { all: [...] }'

/**
 * Checks a requirement where a route is made, so that a typo fails at start and not at a request.
 * @throws SidekeyError `INVALID_OPTION`
 */
export function checkRequirement(requirement: unknown, config: Config): void {
  if (requirement === undefined) return
  if (!isRequirement(requirement)) throw invalidOption([{ path: 'requirement', message: TAKES }])
  for (const name of namedBy(requirement)) {
    const fault = faultOf(name, config)
    if (fault !== null) throw invalidOption([{ path: 'requirement', message: `"${name}" ${fault}` }])
  }
}

function faultOf(name: string, { catalogue }: Config): string | null {
  if (catalogue !== null) return catalogue.has(name) ? null : 'is not in the catalogue'
  return isPermission(name) ? null : 'is no permission: takes one such as "reports:read", without "*"'
}

/**
 * Checks what a route asks besides permissions: a misspelt option must not pass for none.
 * @throws SidekeyError `INVALID_OPTION`
 */
export function checkRequireOptions(options: object, config: Config): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption([
      { path: 'options', message: 'takes an object, such as { resource, kind, limit, cost }' },
    ])
  }
  const { resource, kind, limit, cost, ...unknown }: { [name: string]: unknown } = { ...options }
  const faults = Object.keys(unknown).map(path => ({ path, message: 'is not a known option' }))
  if (resource !== undefined && typeof resource !== 'string' && typeof resource !== 'function') {
    faults.push({
      path: 'resource',
      message: 'takes a thing such as "project:42", or a function of the request',
    })
  }
  const kinds: unknown[] = kind === undefined ? [] : [kind].flat()
  if (!kinds.every(one => typeof one === 'string' && config.kinds.has(one))) {
    faults.push({ path: 'kind', message: `takes one or more of ${[...config.kinds.keys()].join(', ')}` })
  }
  const limits: unknown[] = [limit].flat()
  const isNamed = limits.length > 0 && limits.every(one => typeof one === 'string' && isLimitName(one))
  if (limit !== undefined && !isNamed) {
    faults.push({ path: 'limit', message: 'takes one or more names of limits' })
  }
  if (cost !== undefined && typeof cost !== 'function' && !isCost(cost)) {
    faults.push({ path: 'cost', message: `${TAKES_COST}, or a function of the request` })
  }
  if (faults.length > 0) throw invalidOption(faults)
}
