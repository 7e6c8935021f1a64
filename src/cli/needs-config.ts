/** Tokens whose keys the database alone cannot tell: it is not to be said of them that they are nobody's. */
import { isPrefix, isTokenLike, parseToken, TAIL_LENGTH } from '../key/token.js'
import { adminOf } from '../store/admin.js'
import type { Session } from './session.js'

type Asked = Pick<Session, 'by' | 'internals'>

/** Why only the app's config tells whose this token is; `null`: what is known without it is all. */
export async function needsConfig(session: Asked, token: string): Promise<string | null> {
  if (session.by === 'config') return null
  const id = idOf(token)
  if (id !== null) {
    return (await isPeppered(session, id))
      ? `the token names the key ${id}, but whether it is its own only the app's pepper tells: give the app's config`
      : null
  }
  const { store } = session.internals.config
  if (isTokenLike(token) || (await adminOf(store)?.hasImported()) !== true) return null
  return "there are imported keys here, and what their tokens look like only the app's config tells: give the app's config"
}

/** The key that a token of ours names, whatever its prefix. */
function idOf(token: string): string | null {
  const prefix = isTokenLike(token) ? token.slice(0, -TAIL_LENGTH) : ''
  return isPrefix(prefix) ? (parseToken(token, new Set([prefix]))?.id ?? null) : null
}

async function isPeppered({ internals }: Asked, id: string): Promise<boolean> {
  const key = await internals.config.store.find(id)
  return key !== null && [key, ...key.previous].some(({ hash }) => hash.startsWith('$hmac'))
}
