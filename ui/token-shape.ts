/** What looks like a token of the app's. Pure. */

const AFTER_PREFIX = /^_[0-9A-Za-z]{16}_/

/** Whether a text begins as a token with one of these prefixes does, as far as its secret: it is none to search by. */
export function looksLikeToken(text: string, prefixes: readonly string[]): boolean {
  return prefixes.some(prefix => text.startsWith(prefix) && AFTER_PREFIX.test(text.slice(prefix.length)))
}
