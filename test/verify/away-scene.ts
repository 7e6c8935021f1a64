/** A process whose way to the database a test can cut, with keys that others have made, and what it asks and answers. */
import { setTimeout as pause } from 'node:timers/promises'
import mongoose, { type Connection } from 'mongoose'
import type { Store } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { type TestKeys, testKeys } from '../support/keys.js'
import { openDatabase, serverUri } from '../support/mongo/database.js'
import { proxyTo, type TestProxy } from '../support/proxy.js'
import { wrapped } from '../support/wrapped.js'
import { outcome } from './support.js'

export const POLL_MS = 50
export const LEASE_MS = 1_500
/** How long an operation is waited for: what is answered much sooner has waited for none. */
export const TIMEOUT_MS = 2_000
/** Far more than anything here takes on a busy machine. */
const PATIENCE_MS = 30_000
const BETWEEN_CALLS_MS = 5

export interface AwayScene {
  readonly keys: TestKeys
  /** Of keys that this process has not made, and reads through the proxy. */
  readonly tokens: readonly string[]
  readonly proxy: TestProxy
  readonly asked: Asked
}

/** What a process has asked of the database. */
export interface Asked {
  /** The ids of the keys that the store was asked for. */
  readonly finds: string[]
  /** The ids of the keys that a command was sent for: those that were asked for while the server was away come later. */
  readonly sent: string[]
  /** How many rounds have begun that take a lease. */
  attempts: number
  /** When the last round began that has renewed a lease. */
  renewedAt: number
}

/**
 * Runs `test` over a scene of its own: tests wait for leases most of the time, and can do so side by side.
 * @param start where the process finds the server when it starts
 */
export async function withScene(
  { many, start }: { readonly many: number; readonly start?: 'hang' | 'cut' },
  test: (scene: AwayScene) => Promise<void>,
): Promise<void> {
  const here = await openDatabase()
  const proxy = await proxyTo(serverUri())
  const tokens = await makeKeys(here.connection, many)
  if (start !== undefined) proxy[start]()
  const there = mongoose.createConnection(proxy.uri, {
    dbName: here.name,
    monitorCommands: true,
    serverSelectionTimeoutMS: 60_000,
  })
  const opened = there.asPromise().catch(() => {}) // what comes of it is seen by what the process answers
  if (start === undefined) await opened
  const asked: Asked = { finds: [], sent: [], attempts: 0, renewedAt: Number.NEGATIVE_INFINITY }
  watchCommands(there, asked)
  const keys = testKeys({
    store: watchStore(mongooseStore(there, { timeoutMs: TIMEOUT_MS }), asked),
    coherence: { pollMs: POLL_MS, leaseMs: LEASE_MS },
  })
  try {
    await test({ keys, tokens, proxy, asked })
  } finally {
    proxy.restore()
    await keys.close()
    await there.close(true)
    await proxy.close()
    await here.drop()
  }
}

async function makeKeys(connection: Connection, many: number): Promise<string[]> {
  const keys = testKeys({ store: mongooseStore(connection) })
  await keys.ready()
  const input = (i: number) => ({ name: `key ${i}`, owner: { id: 'alice' } })
  const created = await Promise.all(Array.from({ length: many }, (_, i) => keys.create(input(i))))
  await keys.close()
  return created.map(({ token }) => token)
}

function watchCommands(connection: Connection, { sent }: Asked): void {
  connection.getClient().on('commandStarted', ({ commandName, command }) => {
    // Not what is asked beside requests, of several keys at once.
    const id = commandName === 'find' && command.find === 'sidekey_keys' ? command.filter._id : null
    if (typeof id === 'string') sent.push(id)
  })
}

function watchStore(store: Store, asked: Asked): Store {
  let roundAt = Number.NEGATIVE_INFINITY
  return wrapped(store, (call, name) => (...args) => {
    if (name === 'find') asked.finds.push(String(args[0]))
    if (name === 'insertLease') asked.attempts++
    if (name === 'read') roundAt = performance.now()
    if (name !== 'renewLease') return call(...args)
    const beganAt = roundAt
    return Promise.resolve(call(...args)).then(renewed => {
      if (renewed === true) asked.renewedAt = beganAt
      return renewed
    })
  })
}

/** A verification, as its caller has seen it. */
export interface Call {
  readonly at: number
  readonly took: number
  readonly outcome: string
}

export async function timedVerify(keys: TestKeys, token: string): Promise<Call> {
  const at = performance.now()
  const verification = await keys.verify(token)
  return { at, took: performance.now() - at, outcome: outcome(verification) }
}

export function verifyAll(keys: TestKeys, tokens: readonly string[]): Promise<Call[]> {
  return Promise.all(tokens.map(token => timedVerify(keys, token)))
}

/** Has `call` run again and again, without waiting for any, until `enough`; then what all of them came to. */
export async function steadily<T>(
  call: () => Promise<T>,
  enough: (done: readonly T[]) => boolean,
): Promise<T[]> {
  const done: T[] = []
  const calls: Promise<unknown>[] = []
  const deadline = performance.now() + PATIENCE_MS
  while (!enough(done)) {
    if (performance.now() > deadline) throw new Error(`never enough: ${enough}`)
    calls.push(call().then(one => done.push(one)))
    await pause(BETWEEN_CALLS_MS)
  }
  await Promise.all(calls)
  return done
}

/** Runs `call` until it holds, one after the other. */
export async function until(call: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await call())) {
    if (performance.now() > deadline) throw new Error(`never came true: ${call}`)
    await pause(BETWEEN_CALLS_MS)
  }
}

/** Uses the keys until all are answered from memory, under a lease that holds for a good while. */
export async function inMemory({ keys, tokens, asked }: AwayScene): Promise<void> {
  await until(async () => {
    const before = asked.finds.length
    const calls = await verifyAll(keys, tokens)
    const all = calls.every(({ outcome }) => outcome === 'ok') && asked.finds.length === before
    return all && asked.renewedAt > performance.now() - LEASE_MS / 2
  })
}

/** Uses a key until the process knows that the database is away, and has just begun to try again. */
export async function knownAway({ keys, tokens: [token = ''], asked }: AwayScene): Promise<void> {
  await until(async () => {
    const before = asked.finds.length
    const { outcome } = await timedVerify(keys, token)
    return outcome === 'STORE_UNAVAILABLE' && asked.finds.length === before
  })
  const { attempts } = asked
  await until(() => asked.attempts > attempts)
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (middle === undefined) throw new Error('there is no median of nothing')
  return middle
}
