/** Records as callers see them, with what is kept beside them: when they were last used, and their balances. */
import { type CreditAccount, openedAccount, refillsAt, settled } from '../key/credit-account.js'
import { idleUntil } from '../key/idle.js'
import { readonlyDate } from '../key/readonly-date.js'
import { type ApiKey, type StoredKey, toApiKey } from '../key/record.js'
import type { Use } from '../store/store.js'
import type { Deps } from './deps.js'

type ShowDeps = Pick<Deps, 'lastUse' | 'store' | 'now'>

export async function shownKeys(
  { lastUse, store, now }: ShowDeps,
  keys: readonly StoredKey[],
): Promise<readonly ApiKey[]> {
  const withCredits = keys.filter(({ credits }) => credits !== null).map(({ id }) => id)
  const [uses, accounts] = await Promise.all([
    lastUse.of(keys.map(({ id }) => id)),
    withCredits.length === 0 ? [] : store.credits.of(withCredits),
  ])
  const byKey = new Map(accounts.map(account => [account.keyId, account]))
  return keys.map(key => {
    const shown = withBalance(toApiKey(key, now()), byKey.get(key.id), now())
    return withLastUse(shown, key, uses.get(key.id), now())
  })
}

export async function shownKey(deps: ShowDeps, key: StoredKey): Promise<ApiKey> {
  const [shown = toApiKey(key, deps.now())] = await shownKeys(deps, [key])
  return shown
}

/** The same after a change, which must not fail because the last use cannot be read. */
export function shownChanged(deps: ShowDeps, key: StoredKey): Promise<ApiKey> {
  return shownKey(deps, key).catch(() => toApiKey(key, deps.now()))
}

/** A key that has just been made has never been used, and has the balance that it was made with. */
export function shownNew({ now }: ShowDeps, key: StoredKey, balance: number): ApiKey {
  const account = key.credits && openedAccount(key.id, balance, key.credits)
  return withLastUse(withBalance(toApiKey(key, now()), account ?? undefined, now()), key, undefined, now())
}

/** With all refills that are due, also where no request has come since to put them into the account. */
function withBalance(apiKey: ApiKey, account: CreditAccount | undefined, now: number): ApiKey {
  const { credits } = apiKey
  if (credits === null || account === undefined) return apiKey
  const current = settled(account, credits, now)
  const next = refillsAt(current)
  const shown = { ...credits, balance: current.balance, refillsAt: next && readonlyDate(next) }
  return { ...apiKey, credits: Object.freeze(shown) }
}

/** A key that ends for want of use has ended by then, also where no sweep has come by yet to write it down. */
function withLastUse(apiKey: ApiKey, key: StoredKey, use: Use | undefined, now: number): ApiKey {
  const end = key.idle?.endedAt?.getTime() ?? idleUntil(key, use?.at.getTime())
  return Object.freeze({
    ...apiKey,
    status: apiKey.status === 'active' && end <= now ? 'expired' : apiKey.status,
    lastUsedAt: use === undefined ? null : readonlyDate(use.at),
    ...(use?.ip !== undefined && { lastUsedIp: use.ip }),
    idleExpiresAt: key.idle === null ? null : readonlyDate(new Date(end)),
  })
}
