/**
 * No session from a key: Passport logs a user in by default, and an app that forgets `session: false` would write a
 * login session for a key, which then outlives it. So the request's `logIn` sets the user, and no more.
 */
interface LoginRequest {
  _userProperty?: unknown
  [property: string]: unknown
}

export function keepOutOfSession(request: object): void {
  const logIn = function (this: LoginRequest, user: unknown, options: unknown, done?: unknown): void {
    const callback = typeof options === 'function' ? options : done
    // Passport 0.5 and older let the app choose the property.
    const property = typeof this._userProperty === 'string' ? this._userProperty : 'user'
    this[property] = user
    if (typeof callback === 'function') callback()
  }
  Object.assign(request, { login: logIn, logIn })
}
