import { SidekeyError } from '../errors.js'

/**
 * A token anywhere in a text, by its shape alone: prefixes are the app's, and a token that is mistyped, or has lost its check,
 * is a secret all the same.
 * What comes before the secret (prefix and id) is not secret, and tells which key it was.
 */
const TOKEN = /(_[0-9A-Za-z]{16}_)[0-9A-Za-z]{43,}/g

/** What is masked besides tokens of ours. */
export interface RedactOptions {
  /**
   * What else is a secret, such as tokens that another system has made: each match becomes `[redacted]`. A lookbehind keeps the
   * beginning: `/(?<=\bba_)[A-Za-z]{64}/`. Default: none.
   */
  readonly patterns?: readonly RegExp[]
}

/**
 * The text without the secrets of tokens of ours, and without what `patterns` match: for logs and messages of the app's own.
 *
 * @throws SidekeyError `INVALID_OPTION` where `patterns` is no list of regular expressions
 * @example
 * ```ts
 * logger.info(redact(request.headers.authorization ?? '')) // Bearer acme_live_0VbvmdHo9P49d4yC_[redacted]
 * ```
 */
export function redact(text: string, options?: RedactOptions): string {
  return options?.patterns === undefined ? ofOurs(text) : redactor(options)(text)
}

/** The same of many texts: the options are looked at once. */
export function redactor({ patterns = [] }: RedactOptions = {}): (text: string) => string {
  if (!Array.isArray(patterns) || !patterns.every(one => one instanceof RegExp))
    throw new SidekeyError('INVALID_OPTION', 'sidekey: patterns: takes a list of regular expressions')
  const all = patterns.map(one => new RegExp(one.source, one.flags.replace(/[gy]/g, '').concat('g')))
  if (all.length === 0) return ofOurs
  return text => all.reduce((masked, pattern) => masked.replace(pattern, '[redacted]'), ofOurs(text))
}

function ofOurs(text: string): string {
  return text.replace(TOKEN, '$1[redacted]')
}
