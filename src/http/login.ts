/**
 * No session from a key: Passport logs a user in by default, and an app that forgets `session: false` would write a
 * login session for a key, which then outlives it. So on a key's request `logIn` sets the user and no more, and
 * `logOut` takes it away and no more: the session of a cookie beside the key is somebody's own.
 */
import { IncomingMessage } from 'node:http'
import { isMadeByKey } from '../manage/caller.js'

type Done = (error?: unknown) => void

function logIn(this: object, next: unknown, options: unknown, done?: unknown): void {
  setUser(this, next)
  call(typeof options === 'function' ? options : done)
}

function logOut(this: object, options: unknown, done?: unknown): void {
  setUser(this, null)
  call(typeof options === 'function' ? options : done)
}

const OURS = { login: logIn, logIn, logout: logOut, logOut }
const prepared = new WeakSet<object>([IncomingMessage.prototype])

/**
 * A request of Express finds ours by what it inherits, unless another's are nearer to it: Express gives every request a
 * shape of its own, so that each property put on one costs as much as a hash.
 */
export function keepOutOfSession(request: object): void {
  prepare(request)
  for (const [name, ours] of WAYS) {
    if (Reflect.get(request, name) !== ours) Reflect.set(request, name, ours)
  }
}

const WAYS = Object.entries(OURS)

/** Once a copy of Express: what the requests of all its apps inherit gets our functions, for those made with a key. */
function prepare(request: object): void {
  const nearest: object | null = Object.getPrototypeOf(request)
  if (nearest === null || prepared.has(nearest)) return
  prepared.add(nearest)
  if (!(nearest instanceof IncomingMessage)) return
  let shared: object = nearest
  for (let above = nearest; above !== IncomingMessage.prototype; above = Object.getPrototypeOf(above))
    shared = above
  for (const [name, ours] of WAYS) inherit(shared, name, ours)
}

/** All requests but a key's have what they had: nothing, or another's. */
function inherit(shared: object, name: string, ours: unknown): void {
  if (Object.hasOwn(shared, name) || !Object.isExtensible(shared)) return
  Object.defineProperty(shared, name, {
    configurable: true,
    get() {
      return isMadeByKey(this) ? ours : Reflect.get(Object.getPrototypeOf(shared), name, this)
    },
    set(value: unknown) {
      Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true })
    },
  })
}

/** Where the app's user is: `passport.initialize({ userProperty })` lets an app choose. */
export function userOf(request: object): unknown {
  return Reflect.get(request, propertyOf(request))
}

export function setUser(request: object, user: unknown): void {
  Reflect.set(request, propertyOf(request), user)
}

export function propertyOf(request: object): string {
  const chosen: unknown = Reflect.get(request, '_userProperty')
  return typeof chosen === 'string' ? chosen : 'user'
}

function call(done: unknown): void {
  if (typeof done === 'function') (done as Done)() // Passport's own callers give such a one
}

/** A Koa context with what koa-passport puts on it. */
interface KoaLogin {
  readonly state: { user?: unknown }
}

/** The same for koa-passport, whose functions are the context's and answer promises. */
export function keepOutOfKoaSession(ctx: KoaLogin & object): void {
  const logIn = async (user: unknown) => {
    ctx.state.user = user
  }
  const logOut = async () => {
    ctx.state.user = null
  }
  Object.assign(ctx, { login: logIn, logIn, logout: logOut, logOut })
}
