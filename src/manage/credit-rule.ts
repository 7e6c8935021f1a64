/** What management says of a key's credits, in its record: the balance is beside it. */
import { isDeepStrictEqual } from 'node:util'
import type { Kind } from '../config.js'
import type { StoredKey } from '../key/record.js'
import type { CreditRule } from '../key/refill.js'
import type { Caller } from './actor.js'
import type { Ahead } from './ahead.js'
import type { OpeningCredits } from './credit-input.js'
import type { Deps } from './deps.js'
import type { ParsedCreate, ParsedUpdate } from './input-schemas.js'

/** The credits that a new key begins with, as they were asked for or as its kind has them; `null`: its requests cost nothing. */
export function openingCredits(caller: Caller, { credits }: ParsedCreate, kind: Kind): OpeningCredits | null {
  if (credits !== undefined) return credits
  // A key that a key has made draws on the credits of that one.
  return caller.via === 'key' ? null : kind.credits
}

/**
 * The rule that a change makes of a key's; the same one where nothing is changed about it, so that its refills go on. Where there
 * were no credits the account is opened, without any, unless it is there from before.
 */
export async function changedRule(
  { store, now }: Pick<Deps, 'store' | 'now'>,
  ahead: Ahead,
  key: StoredKey,
  patch: ParsedUpdate['credits'],
): Promise<CreditRule | null> {
  if (patch === undefined) return key.credits
  if (patch === null) return null
  const { refill } = patch
  const before = key.credits
  if (before !== null && isDeepStrictEqual({ ...before.refill }, { ...refill })) return before
  const [account] = before === null ? await store.credits.of([key.id]) : []
  const since = new Date(laterThan(before?.since ?? account?.since, now()))
  const rule = { refill, since }
  if (before === null && account === undefined) await ahead.openAccount(key.id, rule)
  return rule
}

/** After a change of the record. */
export async function settleRule(
  { store, now }: Pick<Deps, 'store' | 'now'>,
  before: StoredKey | null,
  after: StoredKey,
): Promise<void> {
  if (before !== null && before.credits === after.credits) return
  // Both are a matter of tidiness: what fails here is done by the sweep, or with the next rule.
  try {
    if (after.credits !== null) await store.credits.confirm(after.id)
    else if (before?.credits) await endRefills(store, before, now())
  } catch {}
}

/** Nothing comes back while there are no credits. */
async function endRefills(store: Deps['store'], key: StoredKey, now: number): Promise<void> {
  const since = new Date(laterThan(key.credits?.since, now))
  await store.credits.take(key.id, 0, { refill: null, since })
}

/** Of two rules the later one counts: clocks of machines may differ, rules of one key do not go back. */
function laterThan(before: Date | undefined, now: number): number {
  return before === undefined ? now : Math.max(now, before.getTime() + 1)
}
