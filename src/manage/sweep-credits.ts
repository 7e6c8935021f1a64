/** Steps of the sweep: what processes that died have left among the balances. */
import { KEY_STATUSES } from '../key/record.js'
import { BATCH, LEFT_BEHIND_MS, MOST_BATCHES, type RareStep } from './sweep.js'

/** An account that was opened so long ago, in ms, has its record, or never will. */
const OPENED_MS = 3_600_000

/** Tells the audit of changes of balances that it does not know yet. */
export const tellOfCredits: RareStep = async ({ store, creditOutbox, now }) => {
  const leftBehind = new Date(now() - LEFT_BEHIND_MS)
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const accounts = await store.credits.pending(leftBehind, BATCH)
    await creditOutbox.drain(accounts)
    if (accounts.length < BATCH) return
  }
}

/** Removes the accounts of keys whose creation was not ended. */
export const tidyAccounts: RareStep = async ({ store, creditOutbox, now }) => {
  const ids = await store.credits.unconfirmed(new Date(now() - OPENED_MS), BATCH)
  if (ids.length === 0) return
  const keys = await store.list({ ids, statuses: KEY_STATUSES, now: now(), limit: BATCH })
  const there = new Set(keys.map(({ id }) => id))
  for (const id of ids) await (there.has(id) ? store.credits.confirm(id) : creditOutbox.remove(id))
}
