/**
 * A token anywhere in a text, by its shape alone: prefixes are the app's, and a token that is mistyped, or has lost its check,
 * is a secret all the same.
 * What comes before the secret (prefix and id) is not secret, and tells which key it was.
 */
const TOKEN = /(_[0-9A-Za-z]{16}_)[0-9A-Za-z]{43,}/g

/**
 * The text without the secrets of tokens of ours: for logs and messages of the app's own.
 *
 * @example
 * ```ts
 * logger.info(redact(request.headers.authorization ?? '')) // Bearer acme_live_0VbvmdHo9P49d4yC_[redacted]
 * ```
 */
export function redact(text: string): string {
  return text.replace(TOKEN, '$1[redacted]')
}
