/** Several processes over one database, as one process can have them: each a connection and a memory of its own. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Collection } from 'mongoose'
import type { ApiKeysOptions, Store, VerifyRequest } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { type TestKeys, type TestPermission, type TestUser, testKeys } from './keys.js'
import { openDatabase } from './mongo/database.js'
import { wrapped } from './wrapped.js'

/** A command that a process has sent. */
export interface Sent {
  readonly name: string
  readonly collection: string
  readonly filter: unknown
}

/** A process: what it can do, and what it has sent to the database. */
export interface Peer {
  readonly keys: TestKeys
  readonly sent: readonly Sent[]
}

export interface LeaseDocument {
  readonly _id: string
  readonly ackedTag: string | null
  readonly beat: number
  readonly leaseMs: number
}

export interface PeerOptions extends Partial<ApiKeysOptions<TestPermission, TestUser>> {
  /** What the process has in place of the store. */
  readonly around?: (store: Store) => Store
}

export interface SharedDatabase {
  readonly keys: Collection<{ _id: string }>
  readonly leases: Collection<LeaseDocument>
  join(options?: PeerOptions): Promise<Peer>
  /** Ends the processes that have joined, and takes away all leases: what a test has left is in no other's way. */
  part(): Promise<void>
  drop(): Promise<void>
}

export async function openShared(): Promise<SharedDatabase> {
  const database = await openDatabase()
  const { connection, name } = database
  await mongooseStore(connection).ready()
  const leases = connection.collection<LeaseDocument>('sidekey_leases')
  const leaving: (() => Promise<void>)[] = []
  return {
    keys: connection.collection<{ _id: string }>('sidekey_keys'),
    leases,
    async join({ around = (store: Store) => store, ...options } = {}) {
      const own = await openDatabase({ dbName: name, monitorCommands: true })
      const sent: Sent[] = []
      own.connection.getClient().on('commandStarted', ({ commandName, command }) => {
        const [update] = command.updates ?? []
        sent.push({
          name: commandName,
          collection: command[commandName],
          filter: command.filter ?? update?.q,
        })
      })
      const keys = testKeys({ store: around(mongooseStore(own.connection)), ...options })
      leaving.push(async () => {
        await keys.close()
        await own.connection.close()
      })
      return { keys, sent }
    },
    async part() {
      await Promise.all(leaving.splice(0).map(leave => leave()))
      await leases.deleteMany({})
    },
    drop: () => database.drop(),
  }
}

/** A process that hears of changes only while it is let: when it looks at them meanwhile, it gets no answer. */
export interface Hearing {
  /** For the options of `join`. */
  readonly around: (store: Store) => Store
  hold(): void
  release(): void
}

export function heldHearing(): Hearing {
  let free = Promise.resolve()
  let release = () => {}
  return {
    around: store =>
      wrapped(store, (call, name) => async (...args) => {
        if (name === 'read') await free
        return call(...args)
      }),
    hold() {
      free = new Promise(resolve => {
        release = resolve
      })
    },
    release: () => release(),
  }
}

interface Narrowing<T> {
  readonly act: () => Promise<unknown>
  /** Who acts. */
  readonly by: Peer
  /** The hearing of who must have heard of it. */
  readonly hearing: Hearing
  readonly see: () => Promise<T>
  /** So often who acts looks at the leases before the other hears: each look is a few ms after the last. */
  readonly looks?: number
}

/**
 * What is seen at the moment in which a promise resolves that takes something away. The other hears nothing before who acts
 * has looked for a while whether it has: one that does not wait for it is found out.
 */
export async function seenAfter<T>({ act, by, hearing, see, looks = 8 }: Narrowing<T>): Promise<T> {
  const looked = () => sentTo(by, 'sidekey_leases', 'find')
  const before = looked()
  hearing.hold()
  let resolved = false
  const seen = act().then(() => {
    resolved = true
    return see()
  })
  try {
    await eventually(async () => resolved || looked() >= before + looks)
  } finally {
    hearing.release()
  }
  return seen
}

/** How often a process has read this key; without an id, any key by its id. */
export function readsOf({ sent }: Peer, id?: string): number {
  return sent.filter(({ name, collection, filter }) => {
    const asked = (filter as { _id?: unknown } | undefined)?._id // of any command
    const isRead = name === 'find' && collection === 'sidekey_keys' && typeof asked === 'string'
    return isRead && (id === undefined || asked === id)
  }).length
}

/** How often a process has sent such a command to such a collection. */
export function sentTo({ sent }: Peer, collection: string, name: string): number {
  return sent.filter(one => one.collection === collection && one.name === name).length
}

/** Verifies until the answer comes from memory: nothing is read for it any more. */
export async function fromMemory(
  peer: Peer,
  token: string,
  request?: VerifyRequest<TestPermission>,
): Promise<void> {
  await eventually(async () => {
    const before = readsOf(peer)
    const { ok } = await peer.keys.verify(token, request)
    return ok && readsOf(peer) === before
  })
}

/** As long as a slow machine may take. */
const PATIENCE_S = 60

/** Waits until `condition` holds, whatever a test does to the clocks. */
export async function eventually(condition: () => Promise<boolean>, patienceS = PATIENCE_S): Promise<void> {
  const deadline = process.uptime() + patienceS
  while (!(await condition())) {
    if (process.uptime() > deadline) throw new Error(`never came true: ${condition}`)
    await sleep(1)
  }
}
