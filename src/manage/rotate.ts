import { hashToken } from '../key/hash.js'
import { type PreviousHash, type StoredKey, toApiKey } from '../key/record.js'
import { newToken } from '../key/token.js'
import { parseInput } from '../validation.js'
import { type CallContext, notFound, permitAction } from './access.js'
import { changeKey, refuseRevoked } from './change.js'
import type { Created } from './create.js'
import type { Deps } from './deps.js'
import { checkedId } from './find.js'
import { grace as graceInput } from './input.js'

export interface RotateOptions {
  /** How long the old token goes on working, a duration with a unit; `'0s'`: not at all. Default: `'24h'`. */
  readonly grace?: string
}

/** The current token and two earlier ones: with the next rotation the oldest of them ends. */
const LIVING_TOKENS = 3

/** A new token for the same key. */
export async function rotateKey(
  deps: Deps,
  context: CallContext,
  id: unknown,
  { grace = '24h' }: RotateOptions = {},
): Promise<Created> {
  const graceMs = parseInput(graceInput, grace, 'grace') ?? 0
  const kinds = deps.config.kinds
  let token = ''
  const rotated = await changeKey(deps, context, 'rotate', checkedId(id), async key => {
    if (key.deleted !== null) throw notFound()
    await permitAction(deps, context, 'rotate', key)
    refuseRevoked(key)
    const fresh = newToken(key.prefix, key.id)
    const hash = await hashToken(fresh, (kinds.get(key.kind) ?? deps.config.defaultKind).hash)
    token = fresh.token
    return { ...key, hash, previous: previousAfter(key, graceMs, deps.now()) }
  })
  return { apiKey: toApiKey(rotated, deps.now()), token }
}

/** Earlier hashes that still count, newest first; a shorter grace never lengthens one that is ending. */
function previousAfter(key: StoredKey, graceMs: number, now: number): PreviousHash[] {
  const replaced = { hash: key.hash, until: new Date(now + graceMs) }
  return [replaced, ...key.previous].filter(one => one.until.getTime() > now).slice(0, LIVING_TOKENS - 1)
}
