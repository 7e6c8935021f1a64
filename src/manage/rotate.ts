import { hashToken } from '../key/hash.js'
import { restarted } from '../key/idle.js'
import type { PreviousHash, StoredKey } from '../key/record.js'
import { newToken } from '../key/token.js'
import { parseInput } from '../validation.js'
import { type CallContext, notFound, permitAction } from './access.js'
import { type ChangeOptions, changeKey, refuseOtherVersion, refuseRevoked, type Wanted } from './change.js'
import type { Created } from './create.js'
import type { Deps } from './deps.js'
import { rotateOptions } from './fields.js'
import { shownChanged } from './shown.js'

/** The options of `rotate`. */
export interface RotateOptions extends ChangeOptions {
  /**
   * How long earlier tokens go on working at most, a duration with a unit, up to 366 days; `'0s'`: they end at once. Default:
   * `'24h'`.
   */
  readonly grace?: string
}

/** The current token and two earlier ones: with the next rotation the oldest of them ends. */
const LIVING_TOKENS = 3
/** How many earlier tokens are remembered, living or not. */
const REMEMBERED_TOKENS = 10

/** A new token for the same key. */
export async function rotateKey(
  deps: Deps,
  context: CallContext,
  id: unknown,
  options: RotateOptions = {},
): Promise<Created> {
  const { act, decide, token } = rotating(deps, context, options)
  const rotated = await changeKey(deps, context, act, id, decide)
  return { apiKey: await shownChanged(deps, rotated), token: token() }
}

/** The change that `rotate` is asked for, and the token that was decided on last. */
export function rotating(
  deps: Deps,
  context: CallContext,
  options: RotateOptions,
): Wanted & { readonly token: () => string } {
  const { grace, ifVersion } = parseInput(rotateOptions, options)
  const kinds = deps.config.kinds
  let token = ''
  return {
    act: 'rotate',
    token: () => token,
    async decide(key) {
      if (key.deleted !== null) throw notFound()
      await permitAction(deps, context, 'rotate', key)
      refuseRevoked(key)
      refuseOtherVersion(key, ifVersion)
      const fresh = newToken(key.prefix, key.id)
      const hash = await hashToken(fresh, (kinds.get(key.kind) ?? deps.config.defaultKind).hash)
      token = fresh.token
      const now = deps.now()
      // Whoever has a new token has yet to put it to use.
      return {
        ...key,
        hash,
        previous: previousAfter(key, grace, now),
        idle: restarted(key.idle, now),
        // From now on the key is known by the beginning of a token of ours.
        imported: key.imported && { ...key.imported, start: null },
      }
    },
  }
}

/**
 * Earlier hashes, newest first: the grace bounds them all, and lengthens none that is ending. Some that have ended are
 * kept, so that `lookup` still tells whose a leaked token was.
 */
function previousAfter(key: StoredKey, graceMs: number, now: number): PreviousHash[] {
  const latest = now + graceMs
  return [{ hash: key.hash, until: new Date(latest) }, ...key.previous]
    .slice(0, REMEMBERED_TOKENS)
    .map(({ hash, until }, i) => {
      const end = i < LIVING_TOKENS - 1 ? latest : now
      return { hash, until: new Date(Math.min(until.getTime(), end)) }
    })
}
