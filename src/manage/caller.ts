import type { Config } from '../config.js'
import { SidekeyError } from '../errors.js'
import type { Charged } from '../limit/meters.js'
import type { Accepted } from '../verify/verification.js'
import { isNobody, keyActor, type RequestActor, sessionActor } from './actor.js'

/**
 * Which key a request was made with, a symbol on the request itself. It is registered, so that two copies of this
 * package in one app see each other's marks: a request made with a key must never pass for a session.
 */
const MADE_BY_KEY = Symbol.for('sidekey.request-made-by-key')

/**
 * What is known of a request that was made with a key: all of it in one property, since each that is set on a request of
 * Express takes longer than a hash.
 */
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

/** Marks a request as made with a key. A mark is never taken away, nor replaced by another key's. */
export function markByKey(request: object, mark: Mark): void {
  if (markOf(request) === null) Object.defineProperty(request, MADE_BY_KEY, { value: mark })
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
  // By Reflect, since requests of Express have no shape in common that the engine could look it up by.
  return (Reflect.get(request, MADE_BY_KEY) as Mark | undefined) ?? null // set by markByKey only: no header or body can name a symbol
}
