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
import { batchesOf } from './batches.js'
import type { Deps } from './deps.js'
import type { Emitter } from './events.js'
import type { Keep } from './retention.js'
import type { RareStep } from './sweep.js'

/** How many notices a process remembers to have given, so as not to ask the store each time. */
const REMEMBERED = 100_000

/** A key, and when it ends (ms). */
export interface Ending {
  readonly key: StoredKey
  readonly end: number
}

export interface Notices {
  /** How long before its end a key is told of first, in ms; 0: none is. */
  readonly longest: number
  /** Whether anybody listens in this process. */
  areWanted(): boolean
  /** Gives those that are due. */
  give(deps: Pick<Deps, 'store' | 'now'>, endings: readonly Ending[]): Promise<void>
}

export function createNotices(thresholds: readonly number[], keep: Keep, emitter: Emitter): Notices {
  const given = new Set<string>()

  return {
    longest: Math.max(0, ...thresholds),
    areWanted: () => thresholds.length > 0 && emitter.has('expiring'),
    async give({ store, now }, endings) {
      const at = now()
      const notices = new Map<string, { readonly notice: AuditEvent; readonly key: StoredKey }>()
      for (const ending of endings) {
        // Of several thresholds that have passed, only the nearest to the end is news.
        const due = thresholds.filter(threshold => ending.end - threshold <= at).sort((a, b) => a - b)[0]
        if (due === undefined) continue
        const notice = noticeOf(ending, due, at)
        if (!given.has(notice.id)) notices.set(notice.id, { notice, key: ending.key })
      }
      if (notices.size === 0) return
      const added = await store.appendEvents([...notices.values()].map(({ notice }) => keep(notice)))
      if (given.size >= REMEMBERED) given.clear()
      for (const id of notices.keys()) given.add(id)
      for (const id of added) {
        const told = notices.get(id)
        if (told !== undefined) emitter.told(told.notice, told.key)
      }
    },
  }
}

/** The step of the sweep that tells of keys whose day comes. Does nothing while nobody listens in this process. */
export function tellOfEnds(notices: Notices): RareStep {
  return async deps => {
    if (!notices.areWanted()) return
    const at = deps.now()
    const query = {
      statuses: LIVING_STATUSES,
      expiresAfter: new Date(at),
      expiresBy: new Date(at + notices.longest),
    }
    for await (const keys of batchesOf(deps, query)) {
      const endings = keys.flatMap(key =>
        key.expiresAt === null ? [] : [{ key, end: key.expiresAt.getTime() }],
      )
      await notices.give(deps, endings)
    }
  }
}

function noticeOf({ key, end }: Ending, threshold: number, now: number): AuditEvent {
  const { id: keyId, owner, organizationId } = key
  const changes = { expiresAt: { from: null, to: new Date(end).toISOString() } }
  const facts = { action: 'expiring', keyId, owner, organizationId, changes } as const
  const event = auditEvent({ caller: SERVER, request: undefined }, facts, now)
  return { ...event, id: noticeId(key, end, threshold) }
}

/** Sorts by when the notice became due, and behind the key's creation; base64url without its two signs is base62. */
function noticeId({ id, createdAt }: StoredKey, end: number, threshold: number): string {
  const text = JSON.stringify(['expiring', id, end, threshold])
  const digest = hash('sha512', text, 'base64url').replace(/[-_]/g, '').slice(0, 8)
  return firstIdAt(Math.max(end - threshold, createdAt.getTime() + 1)) + digest
}
