/**
 * Notices of keys that end soon: one a key and threshold, over all processes, since an event of the audit is the notice,
 * and its id follows from key, end and threshold. A key whose end is moved is told of again.
 */
import { hash } from 'node:crypto'
import type { AuditEvent } from '../key/audit-event.js'
import { LIVING_STATUSES, type StoredKey } from '../key/record.js'
import { firstIdAt } from '../key/token.js'
import { SERVER } from './actor.js'
import { auditEvent } from './audit.js'
import type { Emitter } from './events.js'
import type { Keep } from './retention.js'
import { batchesOf, type RareStep } from './sweep.js'

/** How many notices a process remembers to have given, so as not to ask the store each time. */
const REMEMBERED = 100_000

/** The step of the sweep that gives notices. Does nothing while nobody listens in this process. */
export function giveNotices(thresholds: readonly number[], keep: Keep, emitter: Emitter): RareStep {
  const given = new Set<string>()
  const longest = Math.max(0, ...thresholds)

  return async deps => {
    if (thresholds.length === 0 || !emitter.has('expiring')) return
    const at = deps.now()
    const query = {
      statuses: LIVING_STATUSES,
      expiresAfter: new Date(at),
      expiresBy: new Date(at + longest),
    }
    for await (const keys of batchesOf(deps, query)) {
      const notices = new Map<string, { readonly notice: AuditEvent; readonly key: StoredKey }>()
      for (const key of keys) {
        // Of several thresholds that have passed, only the nearest to the end is news.
        const due = thresholds.filter(threshold => endOf(key) - threshold <= at).sort((a, b) => a - b)[0]
        if (due === undefined) continue
        const notice = noticeOf(key, due, at)
        if (!given.has(notice.id)) notices.set(notice.id, { notice, key })
      }
      if (notices.size === 0) continue
      const added = await deps.store.appendEvents([...notices.values()].map(({ notice }) => keep(notice)))
      if (given.size >= REMEMBERED) given.clear()
      for (const id of notices.keys()) given.add(id)
      for (const id of added) {
        const told = notices.get(id)
        if (told !== undefined) emitter.told(told.notice, told.key)
      }
    }
  }
}

function noticeOf(key: StoredKey, threshold: number, now: number): AuditEvent {
  const { id: keyId, owner, organizationId } = key
  const changes = { expiresAt: { from: null, to: new Date(endOf(key)).toISOString() } }
  const facts = { action: 'expiring', keyId, owner, organizationId, changes } as const
  const event = auditEvent({ caller: SERVER, request: undefined }, facts, now)
  return { ...event, id: noticeId(key, threshold) }
}

/** Sorts by when the notice became due, and behind the key's creation; base64url without its two signs is base62. */
function noticeId(key: StoredKey, threshold: number): string {
  const text = JSON.stringify(['expiring', key.id, endOf(key), threshold])
  const digest = hash('sha512', text, 'base64url').replace(/[-_]/g, '').slice(0, 8)
  return firstIdAt(Math.max(endOf(key) - threshold, key.createdAt.getTime() + 1)) + digest
}

function endOf({ expiresAt }: StoredKey): number {
  return expiresAt?.getTime() ?? Number.POSITIVE_INFINITY
}
