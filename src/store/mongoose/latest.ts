/**
 * Reads that see every change acknowledged before them, also where another server has become the primary meanwhile.
 *
 * A primary that has been deposed, and does not know it yet, may still answer a plain read. A linearizable one it cannot:
 * after the read the server has a majority of the members acknowledge an entry of no effect, which they do for the one
 * primary that there is. A standalone server cannot be deposed, and knows no such reads.
 */
import type { Connection, mongo } from 'mongoose'
import type { Database } from './database.js'
import type { Guard } from './guard.js'
import { PRIMARY } from './operations.js'

/** How a read is sent. */
export type ReadOptions = Pick<mongo.FindOptions, 'readPreference' | 'readConcern' | 'maxTimeMS'>

/** Runs a read with the options that make it see what was acknowledged before. */
export type Latest = <T>(read: (options: ReadOptions) => Promise<T>) => Promise<T>

export interface LatestReads {
  readonly latest: Latest
  /** Resolves once it is known what kind of server the connection leads to. */
  ready(): Promise<unknown>
  close(): void
}

interface LatestSources {
  readonly connection: Connection
  readonly database: Database
  readonly guard: Guard
  readonly timeoutMs: number
}

/** What a server tells of itself, by `hello`. */
export interface Hello {
  /** The name of the replica set that it is a member of. */
  readonly setName?: unknown
  /** `isdbgrid`: a router of a sharded cluster. */
  readonly msg?: unknown
}

/** Plain reads of the primary, whatever servers there are. */
export const plainReads: LatestReads = {
  latest: read => read(PRIMARY),
  ready: async () => {},
  close: () => {},
}

/** Linearizable reads wherever there are several servers. Asks what there is once for each opening of the connection. */
export function linearizableReads({ connection, database, guard, timeoutMs }: LatestSources): LatestReads {
  let known: Promise<ReadOptions> | undefined
  let warned = false

  function learn(): Promise<ReadOptions> {
    if (known !== undefined) return known
    const asked: Promise<ReadOptions> = guard(async () =>
      readOptionsFor(await helloOf(await database()), timeoutMs),
    ).catch(error => {
      if (known === asked) known = undefined
      throw error
    })
    known = asked
    return asked
  }

  // Told of each reconnection too: there may be another kind of server by then.
  const onConnected = () => {
    known = undefined
    learn().catch(() => {}) // the next read asks again
  }
  connection.on('connected', onConnected)
  if (connection.readyState === 1) onConnected()

  function warn(error: Error): void {
    if (warned) return
    warned = true
    process.emitWarning(
      `sidekey: the server has no linearizable reads (${error.message}), so plain ones are used: for some seconds after ` +
        'a fail-over a revoked key may be accepted. "linearizable: false" of mongooseStore() says that this is known.',
    )
  }

  return {
    async latest(read) {
      const asked = learn()
      const options = await asked
      try {
        return await read(options)
      } catch (error) {
        if (options.readConcern === undefined || !isUnsupported(error)) throw error
        if (known === asked) known = Promise.resolve(PRIMARY)
        // A server that is alone is not deposed.
        if (error.code !== NOT_A_REPLICA_SET) warn(error)
        return read(PRIMARY)
      }
    },
    ready: learn,
    close: () => void connection.off('connected', onConnected),
  }
}

/** How to read from a server that says this of itself; `null`: it knows no `hello`. */
export function readOptionsFor(hello: Hello | null, timeoutMs: number): ReadOptions {
  const alone = hello !== null && hello.setName === undefined && hello.msg !== 'isdbgrid'
  if (alone) return PRIMARY
  // With a bound: a primary that has lost its majority would wait for it without end.
  return { ...PRIMARY, readConcern: { level: 'linearizable' }, maxTimeMS: timeoutMs }
}

async function helloOf(db: mongo.Db): Promise<Hello | null> {
  try {
    return await db.command({ hello: 1 }, PRIMARY)
  } catch (error) {
    if (isServerError(error) && error.code === COMMAND_NOT_FOUND) return null
    throw error
  }
}

const COMMAND_NOT_FOUND = 59
/** What MongoDB answers to a linearizable read of a standalone server. */
const NOT_A_REPLICA_SET = 123
/** "Command not supported", "not implemented", and Amazon DocumentDB's "feature not supported". */
const UNSUPPORTED: ReadonlySet<unknown> = new Set([NOT_A_REPLICA_SET, 115, 238, 303])
/** "Bad value", "failed to parse", "invalid options": of the read concern only where the message says so. */
const INVALID: ReadonlySet<unknown> = new Set([2, 9, 72])

/**
 * Whether the server has no such reads. Nothing else counts, above all not that it cannot confirm one now (187, or no
 * longer the primary): that is what these reads are for.
 */
export function isUnsupported(error: unknown): error is ServerError {
  if (!isServerError(error)) return false
  return (
    UNSUPPORTED.has(error.code) ||
    (INVALID.has(error.code) && /read.?concern|linearizable/i.test(error.message))
  )
}

interface ServerError extends Error {
  readonly code: unknown
}

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'code' in error
}
