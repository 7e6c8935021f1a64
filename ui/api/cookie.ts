/** The value of a cookie, decoded as it was written; `null`: there is none of this name. Pure. */
export function cookieNamed(name: string, cookies: string): string | null {
  const found = cookies.split('; ').find(cookie => cookie.startsWith(`${name}=`))
  if (found === undefined) return null
  const value = found.slice(name.length + 1)
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
