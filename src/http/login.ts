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
const NAMES = Object.keys(OURS)
/** What the requests of Express inherit: one object for each copy of it in the app. */
const prepared = new WeakSet<object>()

/**
 * A request of Express inherits ours, and has them put on itself only where another's are nearer. Express changes the
 * prototype of every request, so that none shares its shape with others: each property more takes longer than a hash.
 */
export function keepOutOfSession(request: object): void {
  if (!inheritsOurs(request)) Object.assign(request, OURS)
}

function inheritsOurs(request: object): boolean {
  let at = request
  while (!prepared.has(at)) {
    for (const name of NAMES) if (Object.hasOwn(at, name)) return false
    const above: object | null = Object.getPrototypeOf(at)
    if (above === null) return false
    if (above === IncomingMessage.prototype) return at !== request && prepare(at)
    at = above
  }
  return true
}

/** Gives ours to those who inherit from `shared` and were made with a key; all others have what they had. */
function prepare(shared: object): boolean {
  if (!Object.isExtensible(shared)) return false
  for (const [name, ours] of Object.entries(OURS)) {
    Object.defineProperty(shared, name, {
      configurable: true,
      get() {
        return isMadeByKey(this) ? ours : Reflect.get(IncomingMessage.prototype, name, this)
      },
      set(value: unknown) {
        Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true })
      },
    })
  }
  prepared.add(shared)
  return true
}

/** Puts a key's user where the app looks for its own. */
export function setUserOfKey(request: object, user: unknown): void {
  Reflect.set(request, 'user', user)
  if (propertyOf(request) !== 'user') setUser(request, user)
}

/** Where the app's user is: `passport.initialize({ userProperty })` lets an app choose. */
export function userOf(request: object): unknown {
  return Reflect.get(request, propertyOf(request))
}

function setUser(request: object, user: unknown): void {
  Reflect.set(request, propertyOf(request), user)
}

function propertyOf(request: object): string {
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
