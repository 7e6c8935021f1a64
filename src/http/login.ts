/**
 * No session from a key: Passport logs a user in by default, and an app that forgets `session: false` would write a
 * login session for a key, which then outlives it. So on a key's request `logIn` sets the user and no more, and
 * `logOut` takes it away and no more: the session of a cookie beside the key is somebody's own.
 */
type Done = (error?: unknown) => void

export function keepOutOfSession(request: object, user: unknown): void {
  const logIn = function (this: object, next: unknown, options: unknown, done?: unknown): void {
    setUser(this, next)
    call(typeof options === 'function' ? options : done)
  }
  const logOut = function (this: object, options: unknown, done?: unknown): void {
    setUser(this, null)
    call(typeof options === 'function' ? options : done)
  }
  Object.assign(request, { login: logIn, logIn, logout: logOut, logOut })
  setUser(request, user)
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
