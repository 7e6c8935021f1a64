/**
 * What keeps the viewer out: an ended session, or a fresh login that the app asks for. Kept in one place, so that whichever
 * call meets it, the page says it once.
 */
import { useSyncExternal } from '../parts/use-external.js'
import type { Failure } from './failure.js'

export interface Gate {
  readonly kind: 'session' | 'reauthenticate'
  /** Does again what was kept out; `null`: nothing waits. */
  readonly retry: (() => void) | null
}

let gate: Gate | null = null
const listeners = new Set<() => void>()

/** Tells of a failure that is a gate. */
export function meetGate({ kind }: Failure, retry: (() => void) | null): boolean {
  if (kind !== 'session' && kind !== 'reauthenticate') return false
  set({ kind, retry })
  return true
}

/** The viewer goes on. */
export function leaveGate(): void {
  set(null)
}

export function useGate(): Gate | null {
  return useSyncExternal(subscribe, () => gate)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function set(next: Gate | null): void {
  gate = next
  for (const listener of listeners) listener()
}
