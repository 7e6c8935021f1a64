/**
 * Tells of `passport.authenticate(['session', 'api-key'])`. Passport's session strategy passes every request, logged in
 * or not, so after it in a list the key is never asked, and before it a bad key is let through without a user. Passport
 * has no hook for this, so its `authenticate` is watched where it is called, once a route, from when the first strategy is
 * made; nothing about it changes.
 */
import passport from 'passport'
import { internalsOf } from '../internals.js'
import type { ApiKeys } from '../sidekey.js'
import { tellOnce } from '../tell.js'

type Authenticate = (this: unknown, strategy: unknown, ...rest: unknown[]) => unknown

const watched = new Map<string, ApiKeys>()
let watching = false

/** Warns, once a list, of lists that have both `session` and the strategy with this name. */
export function tellOfSessionLists(keys: ApiKeys, name: string): void {
  watched.set(name, keys)
  if (watching) return
  watching = true
  const prototype = Object.getPrototypeOf(passport) as { authenticate: Authenticate } // every app's Passport has it
  const { authenticate } = prototype
  prototype.authenticate = function (strategy, ...rest) {
    // Strategies may still be added in this turn.
    if (Array.isArray(strategy)) setImmediate(() => tell(strategy))
    return authenticate.call(this, strategy, ...rest)
  }
}

function tell(list: readonly unknown[]): void {
  const names = list.map(one => (typeof one === 'string' ? one : Reflect.get(Object(one), 'name')))
  if (!names.includes('session')) return
  for (const name of names) {
    const keys = watched.get(String(name))
    if (keys === undefined) continue
    tellOnce(
      internalsOf(keys).config,
      'session-in-a-list',
      `passport.authenticate(${JSON.stringify(names)}) never refuses: the session strategy passes every request. ` +
        'Use requireUserOrKey(keys, …) from sidekey/express in its place',
      { strategies: names },
    )
  }
}
