/** Which tokens a request presents. */
import type { Config } from '../options.js'
import type { RequestView } from './view.js'

/**
 * `none`: no credential at all. `foreign`: a `Bearer` value with none of our prefixes (a JWT, say), which is somebody
 * else's to check. `several`: two different tokens of ours; which one is meant cannot be told.
 */
export type Presented =
  | { readonly is: 'none' | 'foreign' | 'several' }
  | { readonly is: 'token'; readonly token: string }

const BEARER = /^bearer +(\S.*)$/i

/** Reads the configured headers: `authorization` as `Bearer <token>`, any other bare. */
export function presentedBy({ header }: Pick<RequestView, 'header'>, config: Config): Presented {
  const tokens = new Set<string>()
  let foreign = false
  for (const name of config.headers) {
    const value = header(name)?.trim()
    if (value === undefined || value === '') continue
    const token = name === 'authorization' ? BEARER.exec(value)?.[1] : value
    if (token === undefined) continue
    if (name === 'authorization' && !isOurs(token, config)) foreign = true
    else tokens.add(token)
  }
  const [token, ...others] = tokens
  if (token === undefined) return { is: foreign ? 'foreign' : 'none' }
  return others.length > 0 ? { is: 'several' } : { is: 'token', token }
}

function isOurs(token: string, config: Config): boolean {
  for (const prefix of config.prefixes) if (token.startsWith(`${prefix}_`)) return true
  return false
}
