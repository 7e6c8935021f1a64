/**
 * When keys were last accepted: noted in memory, written every five seconds and at the end. A process that dies loses what
 * it has noted since; nothing depends on it.
 */
import { SidekeyError } from '../errors.js'
import type { Schedule } from '../schedule.js'
import type { Store } from '../store/store.js'

const EVERY_MS = 5_000
/** How many keys are noted between two writes at most; beyond, what comes is not noted. */
const MOST = 100_000

export interface LastUse {
  /** A key was accepted at `at` (ms). Costs no I/O. */
  note(keyId: string, at: number): void
  /** The last uses of these keys, as far as there are any: in all processes until five seconds ago, in this one until now. */
  of(keyIds: readonly string[]): Promise<ReadonlyMap<string, Date>>
  /** Writes what is noted. Never rejects: what cannot be written is noted still. */
  flush(): Promise<void>
  /** Writes what is noted, for the last time. */
  close(): Promise<void>
}

export function createLastUse(
  store: Pick<Store, 'recordUses' | 'lastUses'>,
  warn: (error: unknown, message: string) => void,
  schedule: Schedule,
): LastUse {
  let noted = new Map<string, number>()
  let callOff: (() => void) | null = null
  let closed = false

  async function flush(): Promise<void> {
    callOff?.()
    callOff = null
    if (noted.size === 0) return
    const writing = noted
    noted = new Map()
    try {
      await store.recordUses([...writing].map(([keyId, at]) => ({ keyId, at: new Date(at) })))
    } catch (error) {
      // A store that is away is told of by all else, and nothing is lost by it.
      const away = error instanceof SidekeyError && error.code === 'STORE_UNAVAILABLE'
      if (!away) warn(error, 'the last uses of keys could not be written; the next time tries again')
      for (const [keyId, at] of writing) note(keyId, Math.max(at, noted.get(keyId) ?? 0))
    }
  }

  function note(keyId: string, at: number): void {
    if (noted.size >= MOST && !noted.has(keyId)) return
    noted.set(keyId, at)
    if (!closed) callOff ??= schedule.after(EVERY_MS, flush)
  }

  return {
    note,
    async of(keyIds) {
      const stored = keyIds.length === 0 ? [] : await store.lastUses(keyIds)
      const uses = new Map(stored.map(({ keyId, at }) => [keyId, at]))
      for (const keyId of keyIds) {
        const here = noted.get(keyId)
        const known = uses.get(keyId)
        if (here !== undefined && (known === undefined || known.getTime() < here))
          uses.set(keyId, new Date(here))
      }
      return uses
    },
    flush,
    close() {
      closed = true
      return flush()
    },
  }
}
