/**
 * What comes after the hash, told only to whoever has the secret, in this order: kind, revoked, disabled, not yet valid,
 * expired, the owner's grants, address, origin, permissions and resource. At once, where neither a parent nor `grants`
 * has to be waited for.
 */
import type { Moment } from '../clock.js'
import type { Config } from '../config.js'
import { intersect } from '../key/permission.js'
import { sameOwner, timedStatusOf } from '../key/record.js'
import { UNLIMITED } from '../limit/limiter.js'
import type { Meters } from '../limit/meters.js'
import { andThen, type Soon } from '../soon.js'
import type { IsUnused } from './idle.js'
import { grantsName, type Knowledge } from './knowledge.js'
import { apiKeyOf, createPrepare, type KnownKey, setFineUntil, timesOf } from './known.js'
import { EVERYTHING, type Granted } from './owner.js'
import { createCutter } from './patterns.js'
import { permit } from './permit.js'
import {
  type Accepted,
  REFUSAL_OF_STATUS,
  type Refused,
  refused,
  type Verification,
  type VerifyRequest,
} from './verification.js'

/** What is accepted by what is known of the key alone is the key's own `accepted`. */
export type Admit = (known: KnownKey, request: VerifyRequest, at: Moment) => Soon<Verification>

export function createAdmission(
  config: Config,
  { grants, records }: Pick<Knowledge, 'grants' | 'records'>,
  meters: Pick<Meters, 'of' | 'within'>,
  isUnused: IsUnused,
): Admit {
  const prepare = createPrepare(config, meters.of)
  const cut = createCutter()

  function admit(known: KnownKey, request: VerifyRequest, at: Moment): Soon<Verification> {
    const { off, fineUntil } = known
    if (off !== null) return refused(REFUSAL_OF_STATUS[off])
    if (at.wall < fineUntil * 1000) return admitInTime(known, request, at)
    const status = timedStatusOf(timesOf(known), at.wall)
    if (status !== 'active') return refused(REFUSAL_OF_STATUS[status])
    const idle = known.rare?.idle ?? null
    if (idle === null || at.wall < idle.until) return admitInTime(known, request, at)
    return andThen(isUnused(known.seen.id, idle, at), unused => {
      setFineUntil(known)
      return unused ? refused('KEY_EXPIRED') : admitInTime(known, request, at)
    })
  }

  /** A key that management and time let in. */
  function admitInTime(known: KnownKey, request: VerifyRequest, at: Moment): Soon<Verification> {
    prepare(known, at.wall)
    const parentId = known.rare?.parentId ?? null
    if (parentId !== null) {
      return andThen(admitParent(known, parentId, request, at), parent => {
        if (!parent.ok) return parent
        known.metered = meters.within(apiKeyOf(known), parent.apiKey)
        const permissions = cut(known.given ?? NONE, parent.permissions)
        return admitted(known, accept(known, permissions, parent.resources), request)
      })
    }
    const kept = acceptedInMemory(known, at.monotonic)
    if (kept !== undefined) return admitted(known, kept, request)
    return andThen(grants.read(grantsOf(known)), granted =>
      admitted(known, acceptedFor(known, granted), request),
    )
  }

  /** As cut to what memory has of the owner's grants; the same object as long as those stay. */
  function acceptedInMemory(known: KnownKey, now: number): Accepted | Refused | undefined {
    if (config.grants === null) return known.accepted ?? keepAccepted(known, EVERYTHING)
    if (known.granted !== null && grants.isFresh(known.granted, now))
      return known.accepted ?? refused('OWNER_INACTIVE')
    known.granted = grants.fresh(grantsOf(known), now) ?? null
    return known.granted === null ? undefined : keepAccepted(known, known.granted.value)
  }

  function keepAccepted(known: KnownKey, granted: Granted): Accepted | Refused {
    const accepted = acceptedFor(known, granted)
    const kept = accepted.ok ? accepted : null
    if (kept !== known.accepted) {
      known.accepted = kept
      known.promise = null
    }
    return accepted
  }

  /** Keeps nothing: who has waited for the grants meanwhile may know newer ones. */
  function acceptedFor(known: KnownKey, granted: Granted): Accepted | Refused {
    if (granted === null) return refused('OWNER_INACTIVE')
    const permissions = cut(known.given ?? NONE, granted)
    return known.accepted?.permissions === permissions ? known.accepted : accept(known, permissions, null)
  }

  /** The parent, without what the request asks of permissions: those are asked of the child, cut to it. */
  function admitParent(
    child: KnownKey,
    parentId: string,
    request: VerifyRequest,
    at: Moment,
  ): Soon<Verification> {
    return andThen(records.load(parentId), parent => {
      // No id comes twice: what was purged need not be asked for again.
      if (parent === null) child.off = 'revoked'
      if (parent === null || parent.off === 'deleted') return refused('KEY_REVOKED')
      const { organizationId, owner } = parent.seen
      if (organizationId !== child.seen.organizationId || !sameOwner(owner, child.seen.owner))
        return refused('KEY_REVOKED')
      return admit(parent, whence(request), at)
    })
  }

  return admit
}

/** A request without what it asks of permissions and resources. By name: an adapter's fields may be its class's. */
function whence(request: VerifyRequest): VerifyRequest {
  const { ip, origin, kind } = request
  return {
    ...(ip !== undefined && { ip }),
    ...(origin !== undefined && { origin }),
    ...(kind !== undefined && { kind }),
  }
}

const NONE: readonly string[] = Object.freeze([])

function grantsOf({ seen }: KnownKey): string {
  return grantsName(seen.owner, seen.organizationId)
}

/** Frozen: many calls are answered by the same one. */
function accept(known: KnownKey, permissions: readonly string[], within: readonly string[] | null): Accepted {
  const apiKey = apiKeyOf(known)
  const resources = narrowed(apiKey.resources, within)
  return Object.freeze({
    ok: true,
    apiKey,
    owner: apiKey.owner,
    permissions,
    resources,
    limits: UNLIMITED,
    credits: null,
    tokenEndsAt: null,
  })
}

/** What the request tells of itself, and asks. */
function admitted(
  { rare }: KnownKey,
  accepted: Accepted | Refused,
  request: VerifyRequest,
): Accepted | Refused {
  if (!accepted.ok) return accepted
  const rules = rare === null ? null : rare.rules
  if (rules !== null) {
    const { ipAllowed, originAllowed } = rules
    if (ipAllowed !== null && (request.ip === undefined || !ipAllowed(request.ip)))
      return refused('IP_NOT_ALLOWED')
    if (originAllowed !== null && (request.origin === undefined || !originAllowed(request.origin)))
      return refused('ORIGIN_NOT_ALLOWED')
  }
  return permit(accepted, request)
}

/** A key's own resources within its parent's; `null` is all. */
function narrowed(own: readonly string[], parents: readonly string[] | null): readonly string[] | null {
  if (own.length === 0) return parents
  return parents === null ? own : intersect(own, parents)
}
