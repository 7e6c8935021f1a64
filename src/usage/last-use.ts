/**
 * When keys were last accepted: noted in memory, written every five seconds and at the end. A process that dies loses what
 * it has noted since; nothing depends on it.
 */
import { SidekeyError } from '../errors.js'
import type { Schedule } from '../schedule.js'
import type { Store, Use } from '../store/store.js'

const EVERY_MS = 5_000
/**
 * How many keys are noted between two writes at most; beyond, what comes is not noted. Once half of it is full, it is written at
 * once.
 */
const MOST = 100_000

export interface LastUse {
  /** A key was accepted at `at` (ms), from this address. Costs no I/O. */
  note(keyId: string, at: number, ip?: string): void
  /** When this process last noted it (ms), where that is not yet written. */
  here(keyId: string): number | undefined
  /** The last uses of these keys, as far as there are any: in all processes until five seconds ago, in this one until now. */
  of(keyIds: readonly string[]): Promise<ReadonlyMap<string, Use>>
  /** How many keys are noted, and not written yet. */
  size(): number
  /** Writes what is noted. Never rejects: what cannot be written is noted still. */
  flush(): Promise<void>
  /** Writes what is noted, for the last time. */
  close(): Promise<void>
}

interface LastUseParts {
  readonly store: Pick<Store, 'recordUses' | 'lastUses'>
  readonly warn: (error: unknown, message: string) => void
  readonly schedule: Schedule
  /** Whether it is kept from what address a key was used. */
  readonly keepsIp: boolean
}

export function createLastUse({ store, warn, schedule, keepsIp }: LastUseParts): LastUse {
  let noted = new Map<string, Use>()
  /** What is just being written; one write at a time. */
  let writing: ReadonlyMap<string, Use> = NONE
  let running: Promise<void> = Promise.resolve()
  /** A write was begun before its time, and has not come through yet: where the store is away, that would not help. */
  let early = false
  let callOff: (() => void) | null = null
  let closed = false

  function flush(): Promise<void> {
    running = running.then(write)
    return running
  }

  async function write(): Promise<void> {
    callOff?.()
    callOff = null
    if (noted.size === 0) return
    writing = noted
    noted = new Map()
    try {
      await store.recordUses([...writing.values()])
      early = false
    } catch (error) {
      // A store that is away is told of by all else, and nothing is lost by it.
      const away = error instanceof SidekeyError && error.code === 'STORE_UNAVAILABLE'
      if (!away) warn(error, 'the last uses of keys could not be written; the next time tries again')
      for (const use of writing.values()) if (!noted.has(use.keyId)) keep(use)
    }
    writing = NONE
  }

  function keep(use: Use): void {
    if (noted.size >= MOST && !noted.has(use.keyId)) return
    noted.set(use.keyId, use)
    if (!closed) callOff ??= schedule.after(EVERY_MS, flush)
    if (noted.size * 2 > MOST && !early) {
      early = true
      void flush()
    }
  }

  const latest = (keyId: string) => noted.get(keyId) ?? writing.get(keyId)

  return {
    note(keyId, at, ip = '') {
      keep({ keyId, at: new Date(at), ...(keepsIp && { ip: ip === '' ? null : ip }) })
    },
    here: keyId => latest(keyId)?.at.getTime(),
    async of(keyIds) {
      const stored = keyIds.length === 0 ? [] : await store.lastUses(keyIds)
      const uses = new Map(stored.map(use => [use.keyId, use]))
      for (const keyId of keyIds) {
        const here = latest(keyId)
        const known = uses.get(keyId)
        if (here !== undefined && (known === undefined || known.at < here.at)) uses.set(keyId, here)
      }
      return uses
    },
    size: () => noted.size + writing.size,
    flush,
    close() {
      closed = true
      return flush()
    },
  }
}

const NONE: ReadonlyMap<string, Use> = new Map()
