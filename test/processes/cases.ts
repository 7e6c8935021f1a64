/** Acts in processes that were killed, and what was seen of them, from before until after a repeat. */
import type { ApiKeys, AuditEvent, Store, StoredKey } from 'sidekey'
import { KEY_STATUSES } from '../../src/key/record.js'
import { ACTS, type Act } from './acts.js'
import type { Reached, Task } from './dying-process.js'
import { MOMENTS } from './dying-store.js'
import { inTurns } from './turns.js'

export type Time = 'before' | 'killed' | 'swept' | 'sweptAgain' | 'repeated'

export interface Case extends Task {
  readonly title: string
  readonly act: Act
  reached?: Reached
  /** What the repeat rejected with. */
  refused?: string
  readonly seen: { [time in Time]?: Seen }
}

export interface Seen {
  /** By their ids; `null`: the record is gone. */
  readonly keys: ReadonlyMap<string, StoredKey | null>
  readonly events: readonly AuditEvent[]
  /** What each token was answered. */
  readonly verified: readonly string[]
}

/** Every act at the n-th step, with keys of its own to be done to. */
export async function casesAt(keys: ApiKeys, n: number): Promise<Case[]> {
  const cases: Case[] = []
  for (const moment of MOMENTS) {
    for (const [name, act] of Object.entries(ACTS)) {
      const title = `${name}, killed ${moment} call ${n}`
      const owner = { type: 'user', id: title }
      const wanted = Array.from({ length: act.keys }, () => keys.create({ name: 'as it was', owner }))
      const made = await Promise.all(wanted)
      const ids = made.map(({ apiKey }) => apiKey.id)
      for (const id of ids) await act.before?.(keys, id)
      const subject = { owner, ids, tokens: made.map(({ token }) => token) }
      cases.push({ title, name, n, moment, act, subject, seen: {} })
    }
  }
  return cases
}

/** Notes how all is now. Records are read before the events, which go from there to here. */
export async function look(
  time: Time,
  { cases, keys, store }: { cases: readonly Case[]; keys: ApiKeys; store: Store },
): Promise<void> {
  const all = await store.list({ statuses: KEY_STATUSES, now: Date.now(), limit: 100_000 })
  const records = new Map(all.map(key => [key.id, key]))
  const events = await store.events({ limit: 100_000 })
  await inTurns(cases, 8, async ({ seen, subject: { owner, ids, tokens } }) => {
    const own = all.filter(key => key.owner.id === owner.id).map(({ id }) => id)
    const known = new Set([...ids, ...own])
    const verified = await inTurns(tokens, 1, token => keys.verify(token))
    seen[time] = {
      keys: new Map([...known].map(id => [id, records.get(id) ?? null])),
      events: events.filter(({ keyId }) => keyId !== null && known.has(keyId)),
      verified: verified.map(answer => (answer.ok ? 'ok' : answer.code)),
    }
  })
}

export function at(one: Case, time: Time): Seen {
  const seen = one.seen[time]
  if (seen === undefined) throw new Error(`nobody looked: ${time}`)
  return seen
}

/** The keys that an act has been done to, and the others. */
export function parted(one: Case, time: Time) {
  const all = [...at(one, time).keys].map(([id, key]) => ({ id, key }))
  return {
    done: all.filter(({ key }) => one.act.isDone(key)),
    undone: all.filter(({ key }) => !one.act.isDone(key)),
  }
}

/** What has been told of a key since the beginning: in the audit, or in the record yet. */
export function told(one: Case, time: Time, id: string): string[] {
  const { keys, events } = at(one, time)
  const known = new Set(at(one, 'before').events.map(event => event.id))
  const all = [...events.filter(({ keyId }) => keyId === id), ...(keys.get(id)?.outbox ?? [])]
  const fresh = new Map(all.filter(event => !known.has(event.id)).map(event => [event.id, event.action]))
  return [...fresh.values()].sort()
}
