/**
 * Asks the old system about a token that is nobody's here, by the app's option `fallback`, and takes the key over where it says yes.
 * A token is asked about once at a time in a process; how often, is bounded by the gate that it stands at (miss-gate.ts), which
 * remembers a no for a while.
 */

import type { Config } from '../config.js'
import { aliasOfToken, type ForeignToken } from '../key/foreign-token.js'
import { redact } from '../key/redact.js'
import type { Alias } from '../store/store.js'
import { Undecided } from './miss-gate.js'

/** Takes over the key of a token that the old system knows; answers its id, or `null` where it must not be. */
export type Adopt = (token: ForeignToken, answer: unknown) => Promise<string | null>

export interface Fallback {
  /** The id of the key that this token is from now on; `null`: the old system does not know it either. */
  find(token: ForeignToken): Promise<string | null>
}

export function createFallback(
  { fallback, logger }: Pick<Config, 'fallback' | 'logger'>,
  findAlias: (id: string) => Promise<Alias | null>,
  adopt: Adopt,
): Fallback | null {
  if (fallback === null) return null
  const { ask, timeoutMs } = fallback
  const underWay = new Map<string, Promise<string | null>>()

  async function look(token: ForeignToken): Promise<string | null> {
    // What was removed here for good is not asked about again. A name without a record is: whoever claimed it may have died.
    if ((await findAlias(aliasOfToken(token)))?.retired) return null
    const answer = await within(timeoutMs, signal => ask(token.token, { signal })).catch(error => {
      const cause = withoutToken(error, token.token)
      logger.error({ err: cause }, 'the old system could not be asked about a token')
      throw new Undecided('STORE_UNAVAILABLE', 'The old system does not answer.', { retryAfter: 1, cause })
    })
    return answer === null || answer === undefined || answer === false ? null : adopt(token, answer)
  }

  return {
    find(token) {
      const known = underWay.get(token.token)
      if (known !== undefined) return known
      const looking = look(token).finally(() => underWay.delete(token.token))
      underWay.set(token.token, looking)
      return looking
    },
  }
}

/** What is told of an error: not the object itself, in which clients of HTTP keep the request, with the token in it. */
function withoutToken(error: unknown, token: string): Error {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  const clean = (text: string) =>
    redact(text).replaceAll(token, '[redacted]').replaceAll(encodeURIComponent(token), '[redacted]')
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  const told = new Error(clean(message))
  told.name = clean(name)
  told.stack = clean(stack ?? '')
  return typeof code === 'string' ? Object.assign(told, { code: clean(code) }) : told
}

/** What `ask` answers, if it does so in time; it is told when it need not go on. */
async function within(ms: number, ask: (signal: AbortSignal) => unknown): Promise<unknown> {
  const aborting = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(new Error(`no answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([Promise.resolve(ask(aborting.signal)), tooLate])
  } finally {
    clearTimeout(timer)
    aborting.abort()
  }
}
