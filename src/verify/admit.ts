/**
 * What comes after the hash, told only to whoever has the secret, in this order: kind, revoked, disabled, not yet valid,
 * expired, the owner's grants, address, origin, permissions and resource. At once, where neither a parent nor `grants`
 * has to be waited for.
 */
import { intersect } from '../key/permission.js'
import { type ApiKey, type StoredKey, sameOwner, statusOf, toApiKey } from '../key/record.js'
import { ipMatcher, originMatcher } from '../key/restriction.js'
import type { Config } from '../options.js'
import { andThen, type Soon } from '../soon.js'
import type { Cache, Cell } from './cache.js'
import { grantsName, type Knowledge } from './knowledge.js'
import { EVERYTHING, type Granted } from './owner.js'
import { cutter, givenPatterns } from './patterns.js'
import { permit } from './permit.js'
import { REFUSAL_OF_STATUS, refused, type Verification, type VerifyRequest } from './verification.js'

/** A moment: by the machine's clock for what dates say, by the monotonic one for what is kept in memory. */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
}

export type Admit = (key: StoredKey, request: VerifyRequest, at: Moment) => Soon<Verification>

/** What never changes about a record, made once a record; and the grants that it was last cut to. */
interface Prepared {
  readonly apiKey: ApiKey
  readonly ipAllowed: ((ip: string) => boolean) | null
  readonly originAllowed: ((origin: string) => boolean) | null
  /** What the key was given, cut to `granted`. */
  readonly cutTo: (granted: readonly string[]) => readonly string[]
  readonly grantsName: string
  granted: Cell<Granted> | undefined
}

export function createAdmission(
  config: Config,
  { grants, records }: Pick<Knowledge, 'grants' | 'records'>,
): Admit {
  const preparedOf = new WeakMap<StoredKey, Prepared>()

  function prepare(key: StoredKey, now: number): Prepared {
    let prepared = preparedOf.get(key)
    if (prepared === undefined) {
      const { ips, origins } = key.restrictions
      prepared = {
        apiKey: toApiKey(key, now),
        ipAllowed: ips.length === 0 ? null : ipMatcher(ips),
        originAllowed: origins.length === 0 ? null : originMatcher(origins),
        cutTo: cutter(givenPatterns(key, config)),
        grantsName: grantsName(key.owner, key.organizationId),
        granted: undefined,
      }
      preparedOf.set(key, prepared)
    }
    return prepared
  }

  function admit(key: StoredKey, request: VerifyRequest, at: Moment): Soon<Verification> {
    const status = statusOf(key, at.wall)
    if (status !== 'active') return refused(REFUSAL_OF_STATUS[status])
    const prepared = prepare(key, at.wall)
    if (key.parentId !== null) {
      return andThen(admitParent(key, key.parentId, request, at), parent =>
        parent.ok ? admitWithin(key, prepared, request, parent.permissions, parent.resources) : parent,
      )
    }
    const granted = config.grants === null ? EVERYTHING : grantedTo(prepared, grants, at.monotonic)
    return andThen(granted, allowed => admitWithin(key, prepared, request, allowed, null))
  }

  /** The parent, without what the request asks of permissions: those are asked of the child, cut to it. */
  function admitParent(
    key: StoredKey,
    parentId: string,
    request: VerifyRequest,
    at: Moment,
  ): Soon<Verification> {
    return andThen(records.load(parentId), parent => {
      const moved = parent?.organizationId !== key.organizationId
      if (parent === null || moved || parent.deleted !== null || !sameOwner(parent.owner, key.owner))
        return refused('KEY_REVOKED')
      const { permissions, resource, ...rest } = request
      return admit(parent, rest, at)
    })
  }

  return admit
}

/** From the cell that was used last, as long as it is good: the name need not be looked up. */
function grantedTo(prepared: Prepared, grants: Cache<Granted>, now: number): Soon<Granted> {
  const { granted, grantsName: name } = prepared
  if (granted !== undefined && grants.isFresh(granted, name, now)) return granted.value
  prepared.granted = grants.fresh(name, now)
  return prepared.granted === undefined ? grants.read(name) : prepared.granted.value
}

function admitWithin(
  key: StoredKey,
  prepared: Prepared,
  request: VerifyRequest,
  allowed: Granted,
  within: readonly string[] | null,
): Verification {
  if (allowed === null) return refused('OWNER_INACTIVE')
  const { apiKey, ipAllowed, originAllowed } = prepared
  if (ipAllowed !== null && (request.ip === undefined || !ipAllowed(request.ip)))
    return refused('IP_NOT_ALLOWED')
  if (originAllowed !== null && (request.origin === undefined || !originAllowed(request.origin)))
    return refused('ORIGIN_NOT_ALLOWED')
  const permissions = prepared.cutTo(allowed)
  const resources = narrowed(key.resources, within)
  return permit({ ok: true, apiKey, owner: apiKey.owner, permissions, resources, tokenEndsAt: null }, request)
}

/** A key's own resources within its parent's; `null` is all. */
function narrowed(own: readonly string[], parents: readonly string[] | null): readonly string[] | null {
  if (own.length === 0) return parents
  return parents === null ? own : intersect(own, parents)
}
