/** What those who run a store may ask of it, beside the contract: for `sidekey doctor` and `sidekey migrate`. */
import type { Store } from './store.js'

const ADMIN = Symbol.for('sidekey.store-admin')

/** What a server says of itself. */
export interface ServerFacts {
  /** `standalone`: it cannot be deposed; `several`: a replica set or a sharded cluster; `unknown`: it does not say. */
  readonly kind: 'standalone' | 'several' | 'unknown'
  readonly version: string | null
  /** Of the driver or library that leads to it. */
  readonly library: string
  /** Its clock, where it tells it. */
  readonly time: Date | null
  /** Whether it has linearizable reads, and they are used. */
  readonly linearizable: boolean
}

/** An index that the store rests on. */
export interface IndexFacts {
  readonly collection: string
  /** Its fields, in order, as text. */
  readonly fields: string
  readonly isThere: boolean
}

export interface StoreAdmin {
  server(): Promise<ServerFacts>
  indexes(): Promise<readonly IndexFacts[]>
  /** Makes those that are missing; is told of each collection that is done, of how many. */
  makeIndexes(onDone: (done: number, total: number) => void): Promise<void>
  /** About how many keys there are, whatever their status. */
  countKeys(): Promise<number>
  /** Whether some token of another system leads to a key. */
  hasImported(): Promise<boolean>
}

/** Puts it on a store; who wraps the store by `{ ...store }` takes it along. */
export function withAdmin(store: Store, admin: StoreAdmin): Store {
  return Object.defineProperty(store, ADMIN, { value: admin, enumerable: true })
}

/** `null`: the store has nothing of it (memory, a store of the app's own). */
export function adminOf(store: Store): StoreAdmin | null {
  return (Reflect.get(store, ADMIN) as StoreAdmin | undefined) ?? null // set by withAdmin only
}
