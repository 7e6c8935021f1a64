/** Tells the app of what happened to its keys: once over all processes, by the one that told the audit. */
import { invalidInput } from '../errors.js'
import type { AuditAction, AuditEvent } from '../key/audit-event.js'
import { type ApiKey, type StoredKey, toApiKey } from '../key/record.js'
import { shownEvent } from './audit.js'

/** What `keys.on` takes. */
export const EVENT_NAMES = [
  'created',
  'updated',
  'rotated',
  'revoked',
  'deleted',
  'refused',
  'leaked',
  'expiring',
  'expired',
  'imported',
] as const
/** What `keys.on` can listen to.
 * @useDeclaredType
 */
export type KeyEventName = (typeof EVENT_NAMES)[number]

/** What a listener of `keys.on` is told. */
export interface KeyEvent {
  readonly type: KeyEventName
  /** The record as it was when the audit was told; `null` where no one key is meant, or it cannot be seen. */
  readonly apiKey: ApiKey | null
  /** The entry of the audit: who, when, from where, and what has changed. */
  readonly audit: AuditEvent
}

/** May be asynchronous. One that throws or rejects harms nothing: it is told to the logger. */
export type KeyEventListener = (event: KeyEvent) => unknown

export interface Emitter {
  /** Returns a function that takes the listener away. */
  on(name: KeyEventName, listener: KeyEventListener): () => void
  has(name: KeyEventName): boolean
  /** An event has come into the audit. */
  told(audit: AuditEvent, key: StoredKey | null): void
}

const NAME_OF: Readonly<Partial<Record<AuditAction, KeyEventName>>> = {
  create: 'created',
  update: 'updated',
  enable: 'updated',
  disable: 'updated',
  transfer: 'updated',
  restore: 'updated',
  credits: 'updated',
  rotate: 'rotated',
  revoke: 'revoked',
  delete: 'deleted',
  purge: 'deleted',
  expiring: 'expiring',
  expire: 'expired',
  leak: 'leaked',
  import: 'imported',
}

export function createEmitter(onError: (error: unknown) => void, now: () => number): Emitter {
  const listeners = new Map<KeyEventName, Set<KeyEventListener>>()

  return {
    on(name, listener) {
      const own: KeyEventListener = event => listener(event) // so that one function can be given twice
      const all = listeners.get(name) ?? new Set()
      listeners.set(name, all.add(own))
      return () => void all.delete(own)
    },
    has: name => (listeners.get(name)?.size ?? 0) > 0,
    told(audit, key) {
      const type = audit.refused === null ? NAME_OF[audit.action] : 'refused'
      if (type === undefined) return
      for (const listener of [...(listeners.get(type) ?? [])]) {
        const event = Object.freeze({ type, apiKey: key && toApiKey(key, now()), audit: shownEvent(audit) })
        void call(listener, event).catch(onError)
      }
    },
  }
}

/**
 * `keys.on`, checked.
 * @throws SidekeyError `INVALID_INPUT`
 */
export function listen(emitter: Emitter, name: KeyEventName, listener: KeyEventListener): () => void {
  const errors = []
  if (!EVENT_NAMES.includes(name))
    errors.push({ path: 'event', message: `takes one of ${EVENT_NAMES.join(', ')}` })
  if (typeof listener !== 'function') errors.push({ path: 'listener', message: 'takes a function' })
  if (errors.length > 0) throw invalidInput(errors)
  return emitter.on(name, listener)
}

async function call(listener: KeyEventListener, event: KeyEvent): Promise<void> {
  await listener(event)
}
