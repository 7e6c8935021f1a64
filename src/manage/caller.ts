import type { Config } from '../config.js'
import { SidekeyError } from '../errors.js'
import type { Charged } from '../limit/meters.js'
import type { Accepted } from '../verify/verification.js'
import { isNobody, keyActor, type RequestActor, sessionActor } from './actor.js'

/**
 * Which key a request was made with, a symbol on the request itself and on its list of headers. It is registered, so that two
 * copies of this package in one app see each other's marks: a request made with a key must never pass for a session.
 */
const MADE_BY_KEY = Symbol.for('sidekey.request-made-by-key')

/** What is known of a request that was made with a key. */
export interface Mark {
  /** The `keys` object that verified it. */
  readonly config: Config
  readonly key: Accepted
  readonly token: string
  /** The owner's user, once it was asked for. */
  user: { readonly user: unknown } | null
  /** Whether its use was counted. */
  counted: boolean
  /** What it has drawn on, once it was let in. */
  charged: Charged | null
}

/**
 * What a request and its copies have in common, to know them by: the list of its headers as Node has read them. A copy of a
 * request, what inherits from it, and a proxy around it have that too. A request of another make is known by itself.
 */
export function identityOf(request: object): object {
  const sent: unknown = Reflect.get(request, 'rawHeaders')
  // An empty one may be a constant of whoever made the request.
  return Array.isArray(sent) && sent.length > 0 ? sent : request
}

/** Marks a request as made with a key. A mark is never taken away, nor replaced by another key's. */
export function markByKey(request: object, mark: Mark, identity = identityOf(request)): void {
  put(request, mark)
  if (identity !== request && Object.isExtensible(identity)) put(identity, mark)
}

function put(on: object, mark: Mark): void {
  if (!Object.hasOwn(on, MADE_BY_KEY)) Object.defineProperty(on, MADE_BY_KEY, { value: mark })
}

/** Whether a request was made with a key, of whatever `keys` object. */
export function isMadeByKey(request: unknown): boolean {
  return markOf(request) !== null
}

/**
 * Who asks: by the mark on the request, a key; else the app's user.
 * @throws SidekeyError `UNAUTHENTICATED` where there is neither; `FORBIDDEN` for a key of another `keys` object.
 */
export async function callerOf(config: Config, user: unknown, request: unknown): Promise<RequestActor> {
  const mark = markOf(request)
  if (mark !== null) {
    if (mark.config !== config)
      throw new SidekeyError('FORBIDDEN', 'This request was made with a key from elsewhere.')
    return keyActor(mark.key)
  }
  if (isNobody(user)) {
    throw new SidekeyError('UNAUTHENTICATED', 'Log in first.')
  }
  return sessionActor(await config.actor(user, request))
}

/** The mark of a request that was made with a key; `null`: it was not. */
export function markOf(request: unknown): Mark | null {
  if (typeof request !== 'object' || request === null) return null
  return markBy(request) ?? markBy(identityOf(request)) ?? null
}

/** The same by its identity alone, which is quicker. */
export function markBy(identity: object): Mark | undefined {
  return Reflect.get(identity, MADE_BY_KEY) as Mark | undefined // set by markByKey only: no header or body can name a symbol
}
