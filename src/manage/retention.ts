/** How long the audit keeps an event. */
import type { AuditEvent } from '../key/audit-event.js'
import type { KeptEvent } from '../store/store.js'

/** Refusals are kept no longer, so that a flood of them cannot fill the store. */
const REFUSALS_KEPT_MS = 30 * 86_400_000

/** An event with when it goes. */
export type Keep = (event: AuditEvent) => KeptEvent

/** @param retention in ms; `null`: for ever */
export function keepFor(retention: number | null): Keep {
  const ofRefusals = Math.min(retention ?? REFUSALS_KEPT_MS, REFUSALS_KEPT_MS)
  return event => {
    const ms = event.refused === null ? retention : ofRefusals
    return { ...event, expireAt: ms === null ? null : new Date(event.at.getTime() + ms) }
  }
}
