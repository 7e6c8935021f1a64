/** What the filters of a view ask the API for. They stand in the address, so whoever writes it may write anything there. Pure. */
import type { AuditQuery, KeyStatus, ListQuery } from '../../../src/client/index.js'
import { ACTIONS } from '../../../src/key/action.js'
import type { AuditAction } from '../../../src/key/audit-event.js'
import { KEY_STATUSES } from '../../../src/key/record.js'
import type { Query } from '../../router.js'
import { dayOf, startOfDay } from '../day.js'
import type { Scope } from './reach.js'

export const AUDIT_ACTIONS: readonly AuditAction[] = [...ACTIONS, 'verify', 'expiring']

/** For how many days a key was not used. */
export const UNUSED_DAYS = ['30', '90', '180', '365'] as const

const ID = /^[0-9A-Za-z]{16}$/

/** The keys of a scope that the filters of the address leave. */
export function keyQueryOf({ q, status, kind, tag, unused }: Query, scope: Scope, now: Date): ListQuery {
  const known = KEY_STATUSES.find((one): one is KeyStatus => one === status)
  const days = UNUSED_DAYS.find(one => one === unused)
  return {
    ...scope,
    ...(q && { q: q.slice(0, 100) }),
    ...(known && { status: known }),
    ...(kind && { kind }),
    ...(tag && { tag }),
    ...(days && { unusedSince: startOfDay(now, -Number(days)).toISOString() }),
  }
}

/** The events of a scope that the filters of the address leave. */
export function auditQueryOf({ action, refused, from, to, key, actor }: Query, scope: Scope): AuditQuery {
  const known = AUDIT_ACTIONS.find(one => one === action)
  const since = dayOf(from)
  const until = dayOf(to)
  return {
    ...scope,
    ...(known && { action: known }),
    ...((refused === 'true' || refused === 'false') && { refused: refused === 'true' }),
    ...(since && { from: since.toISOString() }),
    // The day that is named belongs to it.
    ...(until && { to: startOfDay(until, 1).toISOString() }),
    ...(key && ID.test(key) && { keyId: key }),
    ...(actor && { actorId: actor }),
  }
}

/** Whether a text is a key's id. */
export function isKeyId(text: string): boolean {
  return ID.test(text)
}

/** Whether a text holds what looks like a token of these prefixes: it must not come into the address. */
export function holdsToken(text: string, prefixes: readonly string[]): boolean {
  return prefixes.some(prefix => new RegExp(`${prefix}_[0-9A-Za-z]{16}_[0-9A-Za-z]`).test(text))
}

/** The id in a text such as `acme_live_0VbvmdHo9P49d4yC`, the beginning of a token, or an id alone; `null`: it is neither. */
export function idIn(text: string, prefixes: readonly string[]): string | null {
  const prefix = prefixes.find(one => text.startsWith(`${one}_`))
  const id = prefix === undefined ? text : text.slice(prefix.length + 1)
  return ID.test(id) ? id : null
}
