/** A request's key, verified once however many middlewares ask, and what becomes of the request. */

import type { Config } from '../config.js'
import type { RefusalCode } from '../errors.js'
import type { Internals } from '../internals.js'
import { isNobody } from '../manage/actor.js'
import { type Mark, markBy, markByKey } from '../manage/caller.js'
import { andThen, isThenable, type Soon } from '../soon.js'
import { tellOnce } from '../tell.js'
import { permit } from '../verify/permit.js'
import {
  type Accepted,
  type Refused,
  refused,
  type Verification,
  type VerifyRequest,
} from '../verify/verification.js'
import { isOurs, presentedBy } from './presented.js'
import type { RequestView } from './view.js'

/** What was made of the key that a request presents; `none` and `foreign`: it presents none of ours. */
export type Identified = Verification | { readonly ok: null; readonly is: 'none' | 'foreign' }

/** What a route asks of a key, made ready for one request. */
export type Asked = Pick<VerifyRequest, 'permissions' | 'resource' | 'kind' | 'limit' | 'cost'>

/** The key of a request that was let in, and its owner's user (`undefined`: the key has none). */
export interface Admitted {
  readonly ok: true
  readonly accepted: Accepted
  readonly user: unknown
}

/** The one token of a request that a `keys` object verifies, and what came of it. */
interface Verified extends Pick<Mark, 'config' | 'token' | 'user' | 'counted' | 'charged'> {
  readonly verification: Soon<Verification>
  /** The same of another `keys` object of the app's: few have two. */
  readonly other: Verified | undefined
}

/** Where it is not in the request's mark: what was refused, has to be waited for, or is of another `keys` object. */
const verified = new WeakMap<object, Verified>()

/** Verifies the key that a request presents: once a request and `keys` object. Marks the request as made by it. */
export function identify(internals: Internals, view: RequestView): Soon<Identified> {
  const { config } = internals
  const presented = presentedBy(view, config)
  if (presented.is === 'several') return nobodys(internals, 'MULTIPLE_KEYS')
  if (presented.is === 'token') return identifyToken(internals, view, presented.token)
  // A strategy with a header of its own may have found one.
  const known = verifiedBy(config, view)
  return known === undefined ? { ok: null, is: presented.is } : verificationIn(known)
}

/** Verifies a token, wherever in the request it was found. A second one that differs is refused. */
export function identifyToken(internals: Internals, view: RequestView, token: string): Soon<Verification> {
  const { config } = internals
  // What is not ours (a JWT in a header of the strategy's own) is nobody's key, and does not stand for the request.
  if (!isOurs(token, config)) return nobodys(internals, 'KEY_INVALID')
  const known = verifiedBy(config, view)
  if (known !== undefined)
    return known.token === token ? verificationIn(known) : nobodys(internals, 'MULTIPLE_KEYS')
  const verification = verifyAndMark(internals, view, token)
  const { identity } = view
  if (markBy(identity)?.config !== config) {
    verified.set(identity, {
      config,
      token,
      verification,
      user: null,
      counted: false,
      charged: null,
      other: verified.get(identity),
    })
  }
  return verification
}

/** What becomes of a request that has no key to verify, counted. */
export function nobodys(internals: Internals, code: RefusalCode): Refused {
  internals.countNobodys(code)
  return refused(code)
}

function verifiedBy(config: Config, { identity }: RequestView): Mark | Verified | undefined {
  const mark = markBy(identity)
  if (mark?.config === config) return mark
  let known = verified.get(identity)
  while (known !== undefined && known.config !== config) known = known.other
  return known
}

function verificationIn(known: Mark | Verified): Soon<Verification> {
  return 'verification' in known ? known.verification : known.key
}

function verifyAndMark(internals: Internals, view: RequestView, token: string): Soon<Verification> {
  const { config, identify } = internals
  const { native, identity, aliases } = view
  const asked = new RequestOf(view) as VerifyRequest // `undefined` is as not there
  return andThen(identify(token, asked), verification => {
    if (!verification.ok) {
      if (verification.code === 'IP_NOT_ALLOWED') tellOfUntrustedProxy(config, view)
      return verification
    }
    const mark: Mark = { config, key: verification, token, user: null, counted: false, charged: null }
    view.beforeMark?.()
    markByKey(native, mark, identity)
    if (aliases !== undefined) for (const request of aliases) markByKey(request, mark)
    return verification
  })
}

/** A request as `verify` takes it; what few keys ask for is looked up for those alone. */
class RequestOf {
  readonly #view: RequestView
  constructor(view: RequestView) {
    this.#view = view
  }
  get ip(): string | undefined {
    return this.#view.ip()
  }
  get origin(): string | undefined {
    return this.#view.header('origin')
  }
}

/** A key with an address rule is refused behind a proxy that the app has not been told of. */
function tellOfUntrustedProxy(config: Config, { trustsProxy, header }: RequestView): void {
  if (trustsProxy?.() !== false || header('x-forwarded-for') === undefined) return
  const message =
    'a key was refused by its address, which is a proxy’s: tell the app which proxies it may trust'
  tellOnce(config, 'untrusted-proxy', message)
}

/** Lets a verified key in where it may do what is asked, its owner's user is there, and its limits have room. */
export function admit(
  internals: Internals,
  view: RequestView,
  verification: Verification,
  asked: Asked,
): Soon<Admitted | Refused> {
  if (!verification.ok) return verification
  const { config, count } = internals
  const known = verifiedBy(config, view)
  return andThen(judge(internals, known, verification, asked), judged => {
    // Once a request, by what came of it first.
    if (known?.counted !== true) count(verification.apiKey, judged.ok ? 'accepted' : judged.code)
    if (known !== undefined) known.counted = true
    return judged
  })
}

function judge(
  internals: Internals,
  known: Mark | Verified | undefined,
  verification: Accepted,
  asked: Asked,
): Soon<Admitted | Refused> {
  const accepted = permit(verification, asked)
  if (!accepted.ok) return accepted
  const { config, userOf } = internals
  if (config.user === null || accepted.owner.type !== 'user')
    return charged(internals, known, accepted, asked, undefined)
  try {
    const user = onceARequest(known, userOf, accepted.owner)
    if (!isThenable(user)) return letIn(internals, known, accepted, asked, user)
    return Promise.resolve(user)
      .then(user => letIn(internals, known, accepted, asked, user))
      .catch(error => notLoaded(config, error))
  } catch (error) {
    return notLoaded(config, error)
  }
}

function notLoaded({ logger }: Config, error: unknown): Refused {
  logger.error({ err: error }, "the owner's user could not be loaded")
  return refused('STORE_UNAVAILABLE')
}

function letIn(
  internals: Internals,
  known: Mark | Verified | undefined,
  accepted: Accepted,
  asked: Asked,
  user: unknown,
): Soon<Admitted | Refused> {
  return isNobody(user) ? refused('OWNER_INACTIVE') : charged(internals, known, accepted, asked, user)
}

function charged(
  { charge }: Internals,
  known: Mark | Verified | undefined,
  accepted: Accepted,
  asked: Asked,
  user: unknown,
): Soon<Admitted | Refused> {
  return andThen(charge(accepted, asked, known?.charged ?? null), done => {
    if (known !== undefined && done.verification.ok) known.charged = done
    return done.verification.ok ? { ok: true, accepted: done.verification, user } : done.verification
  })
}

/** The owner's user, asked for once a request. */
function onceARequest(
  known: Pick<Mark, 'user'> | undefined,
  load: Internals['userOf'],
  owner: Accepted['owner'],
): unknown {
  if (known !== undefined && known.user !== null) return known.user.user
  const user = load(owner)
  if (known !== undefined) known.user = { user }
  return user
}
