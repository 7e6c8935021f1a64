/** The forms in which a token is handed over. Pure. */

/** A request that works with any key: it answers what the key is. */
export function curlFor(token: string, apiBase: string): string {
  return `curl -H "Authorization: Bearer ${token}" ${apiBase}/me`
}

/** A line of a `.env` file, named after the key's prefix: `acme_live` makes `ACME_LIVE_API_KEY`. */
export function envLineFor(token: string, prefix: string): string {
  return `${prefix.toUpperCase()}_API_KEY=${token}`
}
