/** Which tokens a request presents. */

import type { Config } from '../config.js'
import { parseForeign } from '../key/foreign-token.js'
import type { RequestView } from './view.js'

/**
 * `none`: no credential at all. `foreign`: a `Bearer` value with none of our prefixes, nor of an imported shape (a JWT, say), which is
 * somebody else's to check. `several`: two different tokens of ours; which one is meant cannot be told.
 */
export type Presented =
  | { readonly is: 'none' | 'foreign' | 'several' }
  | { readonly is: 'token'; readonly token: string }

const PLAIN = 'Bearer '
const BEARER = /^bearer +(\S.*)$/i

/** Reads the configured headers: `authorization` as `Bearer <token>`, any other bare. */
export function presentedBy({ header }: Pick<RequestView, 'header'>, config: Config): Presented {
  let token: string | undefined
  let several = false
  let foreign = false
  const found = (one: string) => {
    several ||= token !== undefined && token !== one
    token = one
  }
  for (const name of config.headers) {
    const value = header(name)
    if (value === undefined) continue
    if (name !== 'authorization') {
      // The same header twice is joined by a comma; a token has none.
      for (const token of value.split(',').map(one => one.trim())) if (token !== '') found(token)
      continue
    }
    for (const bearer of bearersIn(value)) {
      if (isOurs(bearer, config)) found(bearer)
      else foreign = true
    }
  }
  if (several) return { is: 'several' }
  if (token === undefined) return { is: foreign ? 'foreign' : 'none' }
  return { is: 'token', token }
}

/** The credentials of an `Authorization` header. */
function bearersIn(value: string): string[] {
  // What nearly all send, told without a regular expression.
  const rest = value.slice(PLAIN.length)
  if (value.startsWith(PLAIN) && rest !== '' && !rest.includes(' ') && !rest.includes(',')) return [rest]
  // The same header twice is joined by a comma here too, where it begins anew: elsewhere one may be of another scheme's.
  return value.split(/,(?= *bearer )/i).flatMap(one => BEARER.exec(one.trim())?.[1] ?? [])
}

/** Whether a token has one of our prefixes, or the shape of an imported one. */
export function isOurs(token: string, config: Config): boolean {
  for (const prefix of config.prefixes)
    if (token[prefix.length] === '_' && token.startsWith(prefix)) return true
  return parseForeign(token, config.imported) !== null
}
