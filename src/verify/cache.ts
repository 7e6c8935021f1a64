/**
 * What is known of things by their names, for as long as it may be used. What may be is told from outside: `standing`
 * says whether anything may be used now, `drop` that a name's value is no longer true, `clear` that nothing may be
 * taken for true any more (verify/coherence.ts has the rules, and why they suffice).
 *
 * A value is kept only if the read that brought it is still the one under way for its name (reads.ts): `drop` and `clear`
 * detach reads, so that what was read before a change is not kept after it, and who comes later starts a read of their own.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.js'
import type { Soon } from '../soon.js'
import { createReads } from './reads.js'

/** Says whether what is in memory may be used now (by the monotonic clock). */
export interface Standing {
  holds(now: number): boolean
}

/** Where a value is kept. It may be used while it is live, its age is right and the cache's standing holds. */
export interface Cell {
  /** When its read was issued, by the monotonic clock, in whole ms: those take no room of their own. */
  issuedAt: number
  /** When it is due to be read again. */
  refreshAt: number
  /** When it was last moved forward among the least recently used. */
  touchedAt: number
  live: boolean
}

export interface Cache<V, C extends Cell> {
  /** What is kept and may be used now (by the monotonic clock). */
  fresh(name: string, now: number): C | undefined
  /** The value from memory, or as `read` brings it. */
  load(name: string): Soon<V>
  /** The value by a read, whatever is kept (reads.ts). */
  read(name: string): Soon<V>
  /** Whether a cell may be used now. One that grows old is read again beside the request. */
  isFresh(cell: C, now: number): boolean
  drop(name: string): void
  /** Drops every name that this is said of. */
  dropWhere(is: (name: string) => boolean): void
  clear(): void
  /** How many values are kept. */
  size(): number
}

export interface CacheSources<V, C extends Cell> {
  readonly standing: Standing
  readonly clock: Pick<Clock, 'monotonic' | 'random'>
  /** At most this many values: the least recently used goes. */
  readonly max: number
  /** A value is not used that is older than this, in ms. */
  readonly maxAgeMs: number
  /** One older than this, in ms, is read again while it is used. Default: none is. */
  readonly refreshAgeMs?: number
  /** So many reads are under way at most; the others wait in turn. Default: any number. */
  readonly readsAtOnce?: number
  readonly read: (name: string) => Soon<V>
  /** A cell of its own for a value; `null`: it is not worth keeping. */
  readonly cellOf: (value: V, name: string) => C | null
  readonly valueIn: (cell: C) => V
  readonly nameOf: (cell: C) => string
  /** Is told of each cell that goes. */
  readonly onGone?: (cell: C) => void
}

/** A cell of any value. */
export interface ValueCell<V> extends Cell {
  readonly name: string
  readonly value: V
}

/** Values of any sort, all of which are worth keeping. */
export function valueCells<V>(): Pick<CacheSources<V, ValueCell<V>>, 'cellOf' | 'valueIn' | 'nameOf'> {
  return {
    cellOf: (value, name) => ({ name, value, issuedAt: 0, refreshAt: 0, touchedAt: 0, live: false }),
    valueIn: ({ value }) => value,
    nameOf: ({ name }) => name,
  }
}

/** A cell counts as used again only so often, in ms. */
const TOUCH_MS = 1_000
/** Below this share of what there is room for, nothing has to be moved forward: it costs more than all else together. */
const CROWDED = 0.5
/** What was read at once is not due at once: each waits up to this share longer. */
const SPREAD = 0.2

export function createCache<V, C extends Cell>({
  standing,
  clock,
  max,
  maxAgeMs,
  refreshAgeMs = Number.POSITIVE_INFINITY,
  readsAtOnce = Number.POSITIVE_INFINITY,
  read,
  cellOf,
  valueIn,
  nameOf,
  onGone,
}: CacheSources<V, C>): Cache<V, C> {
  const gone = (cell: C) => {
    cell.live = false
    onGone?.(cell)
  }
  let kept: LRUCache<string, C> | null = null
  /** Made at first use: it takes its room at once. */
  const cells = () => {
    kept ??= new LRUCache<string, C>({ max, dispose: gone })
    return kept
  }
  /** Whether anything may have to go before long. */
  let isCrowded = false
  const reads = createReads<V>({ standing, clock, atOnce: readsAtOnce, read, keep })

  function isFresh(cell: C, now: number): boolean {
    if (!cell.live || !standing.holds(now)) return false
    if (now - cell.issuedAt >= maxAgeMs) return false
    if (now >= cell.refreshAt) reads.refresh(nameOf(cell))
    if (isCrowded && now - cell.touchedAt >= TOUCH_MS) {
      cell.touchedAt = Math.trunc(now)
      kept?.get(nameOf(cell))
    }
    return true
  }

  function keep(name: string, value: V, issuedAt: number): void {
    const cell = cellOf(value, name)
    if (cell === null) {
      kept?.delete(name)
      return
    }
    cell.issuedAt = Math.trunc(issuedAt)
    cell.refreshAt = Math.trunc(issuedAt + refreshAgeMs * (1 + SPREAD * clock.random()))
    cell.touchedAt = cell.issuedAt
    cell.live = true
    // By the cell's own name: the one that was asked for may be a part of a longer text, which it would keep alive.
    const { size } = cells().set(nameOf(cell), cell)
    isCrowded = size > max * CROWDED
  }

  function fresh(name: string, now: number): C | undefined {
    const cell = kept?.peek(name)
    return cell !== undefined && isFresh(cell, now) ? cell : undefined
  }

  return {
    fresh,
    isFresh,
    load(name) {
      const cell = fresh(name, clock.monotonic())
      return cell === undefined ? reads.read(name) : valueIn(cell)
    },
    read: reads.read,
    drop(name) {
      reads.detach(name)
      kept?.delete(name)
    },
    dropWhere(is) {
      reads.detachWhere(is)
      for (const name of [...(kept?.keys() ?? [])]) if (is(name)) kept?.delete(name)
    },
    clear() {
      reads.detachWhere(() => true)
      kept?.clear()
    },
    size: () => kept?.size ?? 0,
  }
}

/** Nothing is kept, nor shared: each call reads for itself. */
export function noCache<V, C extends Cell>(read: (name: string) => Soon<V>): Cache<V, C> {
  return {
    fresh: () => undefined,
    isFresh: () => false,
    load: read,
    read,
    drop() {},
    dropWhere() {},
    clear() {},
    size: () => 0,
  }
}
