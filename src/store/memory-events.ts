/** The audit of the memory store. */
import type { AuditEvent } from '../key/audit-event.js'
import { deepFreeze, sameOwner } from '../key/record.js'
import { firstIdAt } from '../key/token.js'
import type { EventQuery, KeptEvent, Store } from './store.js'

export function memoryEvents(): Pick<Store, 'appendEvents' | 'events'> {
  const kept = new Map<string, KeptEvent>()
  /** Ids, newest first; made anew when an event comes. */
  let order: readonly string[] | null = null

  return {
    async appendEvents(events) {
      const added: string[] = []
      for (const event of events) {
        if (kept.has(event.id)) continue
        kept.set(event.id, deepFreeze(structuredClone(event)))
        added.push(event.id)
      }
      order = null
      return added
    },
    async events(query) {
      order ??= [...kept.keys()].sort().reverse()
      const found: AuditEvent[] = []
      for (const id of order) {
        if (found.length >= query.limit) break
        const event = kept.get(id)
        if (event === undefined || !matches(event, query)) continue
        if (event.expireAt !== null && event.expireAt.getTime() <= Date.now()) kept.delete(id)
        else found.push(withoutEnd(event))
      }
      return found
    },
  }
}

function withoutEnd({ expireAt, ...event }: KeptEvent): AuditEvent {
  return event
}

function matches(event: KeptEvent, query: EventQuery): boolean {
  const { keyId, actorId, owners, organizationId, action, refused, from, to, before } = query
  const { owner } = event
  return (
    (before === undefined || event.id < before) &&
    (from === undefined || event.id >= firstIdAt(from.getTime())) &&
    (to === undefined || event.id < firstIdAt(to.getTime())) &&
    (keyId === undefined || event.keyId === keyId) &&
    (actorId === undefined || event.actor.id === actorId) &&
    (owners === undefined || (owner !== null && owners.some(one => sameOwner(one, owner)))) &&
    (organizationId === undefined || event.organizationId === organizationId) &&
    (action === undefined || event.action === action) &&
    (refused === undefined || (event.refused !== null) === refused)
  )
}
