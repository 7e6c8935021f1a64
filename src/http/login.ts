/**
 * No session from a key: Passport logs a user in by default, and an app that forgets `session: false` would write a
 * login session for a key, which then outlives it. So on a key's request `logIn` sets the user and no more, and
 * `logOut` takes it away and no more: the session of a cookie beside the key is somebody's own.
 */
interface LoginRequest {
  _userProperty?: unknown
  [property: string]: unknown
}

type Done = (error?: unknown) => void

export function keepOutOfSession(request: object, user: unknown): void {
  const logIn = function (this: LoginRequest, next: unknown, options: unknown, done?: unknown): void {
    setUser(this, next)
    call(typeof options === 'function' ? options : done)
  }
  const logOut = function (this: LoginRequest, options: unknown, done?: unknown): void {
    setUser(this, null)
    call(typeof options === 'function' ? options : done)
  }
  Object.assign(request, { login: logIn, logIn, logout: logOut, logOut })
  setUser(request as LoginRequest, user) // a request takes any property
}

/** `passport.initialize({ userProperty })` lets an app choose where its user is. */
function setUser(request: LoginRequest, user: unknown): void {
  const property = typeof request._userProperty === 'string' ? request._userProperty : 'user'
  request[property] = user
}

function call(done: unknown): void {
  if (typeof done === 'function') (done as Done)() // Passport's own callers give such a one
}
