/** A request's key, verified once however many middlewares ask, and what becomes of the request. */
import { internalsOf } from '../internals.js'
import type { Requirement } from '../key/permission.js'
import { isNobody } from '../manage/actor.js'
import { markByKey } from '../manage/caller.js'
import type { Config } from '../options.js'
import type { ApiKeys } from '../sidekey.js'
import { tellOnce } from '../tell.js'
import { permit } from '../verify/permit.js'
import { type Accepted, type Refused, refused, type Verification } from '../verify/verification.js'
import { isOurs, presentedBy } from './presented.js'
import type { RequestView } from './view.js'

/** What was made of the key that a request presents; `none` and `foreign`: it presents none of ours. */
export type Identified = Verification | { readonly ok: null; readonly is: 'none' | 'foreign' }

/** What a route asks of a key, made ready for one request. */
export interface Asked {
  readonly permissions?: Requirement
  readonly resource?: string
  readonly kind?: string | readonly string[]
}

/** The key of a request that was let in, and its owner's user (`undefined`: the key has none). */
export interface Admitted {
  readonly ok: true
  readonly accepted: Accepted
  readonly user: unknown
}

/** The one token of a request that is verified, and what came of it. */
interface Verified {
  readonly token: string
  readonly verification: Promise<Verification>
}

const verified = new WeakMap<object, Map<Config, Verified>>()
const users = new WeakMap<Accepted, Promise<unknown>>()

/** Verifies the key that a request presents: once a request and `keys` object. Marks the request as made by it. */
export async function identify(keys: ApiKeys, view: RequestView): Promise<Identified> {
  const { config } = internalsOf(keys)
  const presented = presentedBy(view, config)
  if (presented.is === 'several') return refused('MULTIPLE_KEYS')
  if (presented.is === 'token') return identifyToken(keys, view, presented.token)
  // A strategy with a header of its own may have found one.
  return (await verified.get(view.native)?.get(config)?.verification) ?? { ok: null, is: presented.is }
}

/** Verifies a token, wherever in the request it was found. A second one that differs is refused. */
export async function identifyToken(keys: ApiKeys, view: RequestView, token: string): Promise<Verification> {
  const { config } = internalsOf(keys)
  // What is not ours (a JWT in a header of the strategy's own) is nobody's key, and does not stand for the request.
  if (!isOurs(token, config)) return refused('KEY_INVALID')
  let byConfig = verified.get(view.native)
  if (byConfig === undefined) {
    byConfig = new Map()
    verified.set(view.native, byConfig)
  }
  const known = byConfig.get(config)
  if (known !== undefined) return known.token === token ? known.verification : refused('MULTIPLE_KEYS')
  const verification = verifyAndMark(keys, view, token)
  byConfig.set(config, { token, verification })
  return verification
}

async function verifyAndMark(keys: ApiKeys, view: RequestView, token: string): Promise<Verification> {
  const origin = view.header('origin')
  const verification = await keys.verify(token, {
    ...(view.ip !== undefined && { ip: view.ip }),
    ...(origin !== undefined && { origin }),
  })
  if (!verification.ok && verification.code === 'IP_NOT_ALLOWED') tellOfUntrustedProxy(keys, view)
  if (verification.ok) {
    const { config } = internalsOf(keys)
    for (const request of [view.native, ...(view.aliases ?? [])]) markByKey(request, config, verification)
  }
  return verification
}

/** A key with an address rule is refused behind a proxy that the app has not been told of. */
function tellOfUntrustedProxy(keys: ApiKeys, { trustsProxy, header }: RequestView): void {
  if (trustsProxy !== false || header('x-forwarded-for') === undefined) return
  const message =
    'a key was refused by its address, which is a proxy’s: tell the app which proxies it may trust'
  tellOnce(internalsOf(keys).config, 'untrusted-proxy', message)
}

/** Lets a verified key in where it may do what is asked and its owner's user is there. */
export async function admit(
  keys: ApiKeys,
  verification: Verification,
  asked: Asked,
): Promise<Admitted | Refused> {
  if (!verification.ok) return verification
  const permitted = permit(verification, asked)
  if (!permitted.ok) return permitted
  const { config } = internalsOf(keys)
  if (config.user === null || permitted.owner.type !== 'user')
    return { ok: true, accepted: permitted, user: undefined }
  try {
    const user = await userOf(config, permitted)
    if (isNobody(user)) return refused('OWNER_INACTIVE')
    return { ok: true, accepted: permitted, user }
  } catch (error) {
    config.logger.error({ err: error }, "the owner's user could not be loaded")
    return refused('STORE_UNAVAILABLE')
  }
}

/** The owner's user, loaded once a request. */
function userOf(config: Config, accepted: Accepted): Promise<unknown> {
  let user = users.get(accepted)
  if (user === undefined) {
    user = Promise.resolve(config.user?.(accepted.owner))
    users.set(accepted, user)
  }
  return user
}
