/**
 * Refusals in the audit, bounded: whoever is refused a million times a minute must not write a million events. In each
 * minute a process tells of at most 20 different refusals, 5 of one actor; what repeats is counted, and told at the
 * minute's end; what is beyond is one event an actor with its number, for 20 actors, and one for all others. So a process
 * writes at most 61 a minute.
 */
import type { AuditEvent } from '../key/audit-event.js'
import type { StoredKey } from '../key/record.js'
import type { Schedule } from '../schedule.js'
import type { Store } from '../store/store.js'
import type { CallContext } from './access.js'
import { SERVER } from './actor.js'
import { auditEvent } from './audit.js'
import { newEventId } from './event-id.js'
import type { Emitter } from './events.js'
import { type RefusedAct, refusedActOf } from './refused-act.js'
import type { Keep } from './retention.js'

const WINDOW_MS = 60_000
const MOST = 20
const MOST_BY_ONE = 5

export interface Refusals {
  /** Notes a refusal that leaves an operation; other errors are none. Never throws, never waits. */
  note(context: CallContext, error: unknown): void
  /** Resolves once what was noted is in the audit. */
  settled(): Promise<unknown>
  /** How many events are to be in the audit, and are not yet. */
  size(): number
  /** Tells of what is only counted yet. */
  flush(): Promise<unknown>
}

interface RefusalParts {
  readonly store: Store
  readonly keep: Keep
  readonly emitter: Emitter
  readonly schedule: Schedule
  readonly now: () => number
  readonly warn: (error: unknown, message: string) => void
}

interface Window {
  /** By what is the same in a repeat. */
  readonly seen: Map<string, { readonly event: AuditEvent; repeats: number }>
  readonly byActor: Map<string, number>
  /** What is not told one by one: how many of which actor, and what the first of them was. */
  readonly beyond: Map<string, { readonly event: AuditEvent; count: number }>
  /** Those of still more actors. */
  others: number
}

const emptyWindow = (): Window => ({ seen: new Map(), byActor: new Map(), beyond: new Map(), others: 0 })

export function createRefusals({ store, keep, emitter, schedule, now, warn }: RefusalParts): Refusals {
  const writing = new Set<Promise<unknown>>()
  /** Events in those writes. */
  let underWay = 0
  let window = emptyWindow()
  let callOff: (() => void) | null = null

  function write(events: readonly AuditEvent[], key: StoredKey | null): void {
    underWay += events.length
    const written = store
      .appendEvents(events.map(keep))
      .then(
        () => events.forEach(event => void emitter.told(event, key)),
        error => warn(error, 'the audit could not be told of a refusal'),
      )
      .finally(() => {
        underWay -= events.length
        writing.delete(written)
      })
    writing.add(written)
  }

  function tellRest(): void {
    callOff?.()
    callOff = null
    const { seen, beyond, others } = window
    window = emptyWindow()
    const repeated = [...seen.values()].filter(({ repeats }) => repeats > 0)
    const events = repeated.map(({ event, repeats }) => again(event, repeats, now()))
    events.push(...[...beyond.values()].map(({ event, count }) => beyondEvent(event, count, now())))
    if (others > 0) events.push(othersEvent(others, now()))
    if (events.length > 0) write(events, null)
  }

  return {
    note(context, error) {
      const act = refusedActOf(error)
      if (act === null) return
      callOff ??= schedule.after(WINDOW_MS, tellRest)
      const event = eventOf(context, act, now())
      const sameness = JSON.stringify([
        event.actor,
        event.action,
        event.keyId,
        event.owner,
        event.refused,
        event.ip,
      ])
      const known = window.seen.get(sameness)
      if (known !== undefined) {
        known.repeats++
        return
      }
      const actor = JSON.stringify(event.actor)
      const byOne = window.byActor.get(actor) ?? 0
      if (window.seen.size >= MOST || byOne >= MOST_BY_ONE) {
        noteBeyond(window, actor, event)
        return
      }
      window.seen.set(sameness, { event, repeats: 0 })
      window.byActor.set(actor, byOne + 1)
      write([event], act.keyId === null ? null : act.key)
    },
    settled: () => Promise.all(writing),
    size() {
      const repeated = [...window.seen.values()].filter(({ repeats }) => repeats > 0).length
      return underWay + repeated + window.beyond.size + Math.sign(window.others)
    },
    flush() {
      tellRest()
      return Promise.all(writing)
    },
  }
}

function eventOf(
  context: CallContext,
  { action, keyId, key, owner, code }: RefusedAct,
  now: number,
): AuditEvent {
  const organizationId = key?.organizationId ?? null
  return auditEvent(context, { action, keyId, owner, organizationId, refused: code }, now)
}

function again(event: AuditEvent, count: number, now: number): AuditEvent {
  return { ...event, id: newEventId(now), at: new Date(now), count }
}

function noteBeyond(window: Window, actor: string, event: AuditEvent): void {
  const known = window.beyond.get(actor)
  if (known !== undefined) known.count++
  else if (window.beyond.size < MOST) window.beyond.set(actor, { event, count: 1 })
  else window.others++
}

const NO_ONE_KEY = { keyId: null, owner: null, organizationId: null, changes: {} }
const FURTHER = 'further refusals in the minute before, not told one by one; this is what the first was'

function beyondEvent(event: AuditEvent, count: number, now: number): AuditEvent {
  return { ...again(event, count, now), ...NO_ONE_KEY, reason: FURTHER }
}

function othersEvent(count: number, now: number): AuditEvent {
  const reason = 'further refusals of further actors in the minute before, not told one by one'
  const facts = { action: 'read', ...NO_ONE_KEY, reason, refused: 'FORBIDDEN', count } as const
  return auditEvent({ caller: SERVER, request: undefined }, facts, now)
}
