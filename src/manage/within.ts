import type { Config } from '../config.js'
import type { FieldError } from '../errors.js'
import type { Limits } from '../key/limit.js'
import { allows, allowsAll } from '../key/permission.js'
import { type StoredKey, sameOwner } from '../key/record.js'
import { restrictionsWithin } from '../key/restriction.js'
import { givenPatterns } from '../verify/patterns.js'
import type { Accepted } from '../verify/verification.js'
import { isNoLonger } from './rules.js'

type Candidate = Pick<
  StoredKey,
  | 'owner'
  | 'organizationId'
  | 'kind'
  | 'permissions'
  | 'roles'
  | 'resources'
  | 'expiresAt'
  | 'idle'
  | 'restrictions'
  | 'limits'
  | 'parentId'
>

/**
 * In what a key is more than the key that acts on it (rule 6: a key manages only keys that are weaker in every
 * dimension). Empty: it is within it in every dimension.
 */
export function excess(candidate: Candidate, acting: Accepted, config: Config): FieldError[] {
  const { apiKey, permissions, resources } = acting
  const than = 'must be within the key that acts'
  const checks: readonly (readonly [string, boolean])[] = [
    ['owner', sameOwner(candidate.owner, acting.owner)],
    ['organizationId', candidate.organizationId === apiKey.organizationId],
    ['kind', candidate.kind === apiKey.kind],
    ['permissions', allowsAll(permissions, givenPatterns(candidate, config))],
    ['resources', resourcesWithin(candidate.resources, resources)],
    ['expiresAt', endsBy(candidate.expiresAt, apiKey.expiresAt)],
    ['expiresAfterIdle', idleWithin(candidate.idle, apiKey.expiresAfterIdle)],
    ['restrictions', restrictionsWithin(candidate.restrictions, apiKey.restrictions)],
    ['limits', candidate.parentId === apiKey.id || limitsWithin(candidate.limits, apiKey.limits)],
  ]
  return checks.filter(([, within]) => !within).map(([path]) => ({ path, message: than }))
}

/** A key that the acting one has made draws on its limits too; any other must have each of them, at most as wide. */
function limitsWithin(inner: Limits, outer: Limits): boolean {
  return Object.entries(outer).every(([name, { points, per, by }]) => {
    const own = inner[name]
    return own !== undefined && own.points <= points && own.per === per && (own.by ?? 'key') === (by ?? 'key')
  })
}

function resourcesWithin(inner: readonly string[], outer: readonly string[] | null): boolean {
  return outer === null || (inner.length > 0 && inner.every(one => allows(outer, one)))
}

function idleWithin(inner: StoredKey['idle'], outer: string | null): boolean {
  return outer === null || isNoLonger(inner?.after, outer)
}

function endsBy(inner: Date | null, outer: Date | null): boolean {
  return outer === null || (inner !== null && inner <= outer)
}
