/** A process that verifies tokens without a pause, notes what each was answered, and narrows keys when told to. */
import { constants, setPriority } from 'node:os'
import mongoose from 'mongoose'
import { apiKeys, type CoherenceOptions, SidekeyError, type Store } from '../../src/index.js'
import { mongooseStore } from '../../src/store/mongoose/index.js'
import { ASKED, KEPT, NARROWING, outcomeFor, type Target } from './narrowing.js'

/** Verifications of one turn: timers and sockets run between two turns, as in a server. */
const BATCH = 50

/** How it is started. */
export interface Order {
  readonly uri: string
  readonly database: string
  readonly coherence?: CoherenceOptions
  /** How long an operation of the store may take, in ms. */
  readonly timeoutMs?: number
  /** Between two turns; default: none, so the process takes all the processor that it gets. */
  readonly pauseMs?: number
  /** `low`: gets what no other program wants of the processor. The database has a machine of its own, in production. */
  readonly priority?: 'usual' | 'low'
  /** Default: `everybody`. `nobody`: nobody hears of its changes, or is waited for, which must be found out. */
  readonly tells?: 'everybody' | 'nobody'
}

export type Told =
  | { readonly targets: readonly Target[] }
  /** Between two turns, as in the order; 0: none. */
  | { readonly pauseMs: number }
  | { readonly narrow: Target }
  /** It tells when every key that is kept was last answered this. */
  | { readonly until: string }
  /** It tells when it has accepted each key since it last read a record: from memory, then. */
  | { readonly recall: true }
  | { readonly report: true }
export type Tells =
  | { readonly warm: true }
  | { readonly narrowed: string; readonly began: bigint; readonly resolved: bigint }
  | { readonly reached: string }
  | { readonly recalled: true }
  /** `narrowing`: this id was not narrowed; otherwise the process is of no more use. */
  | { readonly failed: string; readonly narrowing?: string; readonly code?: string }
  | Report
export interface Report {
  /** When the last verification began that was accepted, by the key's id. */
  readonly accepted: ReadonlyMap<string, bigint>
  /** What each key was answered, in order, by its id. */
  readonly answers: ReadonlyMap<string, readonly Answers[]>
  readonly verifications: number
  /** How often records were read. */
  readonly finds: number
}
/** Answers in a row that are the same: when the first and the last of these verifications began. */
export interface Answers {
  readonly code: string
  readonly from: bigint
  readonly to: bigint
}

interface Watched {
  readonly target: Target
  /** One verification at a time; those that wait for the database do not hold up the others. */
  underWay: boolean
  acceptedAt: bigint
  readonly answers: { code: string; from: bigint; to: bigint }[]
}

const tell = (message: Tells) => process.send?.(message)
const failed = (error: unknown) => tell({ failed: String(error) })
const quiet = { warn: () => {}, error: () => {} }

async function main(order: Order): Promise<void> {
  const options = { dbName: order.database, monitorCommands: true }
  const connection = await mongoose.createConnection(order.uri, options).asPromise()
  const { coherence = {}, timeoutMs = 5_000, tells = 'everybody' } = order
  if (order.priority === 'low') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const store = mongooseStore(connection, { timeoutMs })
  const keys = apiKeys({
    prefix: 'acme_test',
    store: tells === 'nobody' ? mute(store) : store,
    coherence,
    logger: quiet,
  })
  let watched: readonly Watched[] = []
  let pauseMs = order.pauseMs ?? 0
  let verifications = 0
  let finds = 0
  let lastFind = 0n
  connection.getClient().on('commandStarted', ({ command }) => {
    if (command.find !== 'sidekey_keys') return
    finds++
    lastFind = process.hrtime.bigint()
  })

  async function verify(one: Watched): Promise<void> {
    if (one.underWay) return
    one.underWay = true
    const began = process.hrtime.bigint()
    const code = outcomeFor(one.target, await keys.verify(one.target.token, ASKED))
    one.underWay = false
    verifications++
    if (code === 'ok') one.acceptedAt = began
    const last = one.answers.at(-1)
    if (last?.code === code) last.to = began
    else one.answers.push({ code, from: began, to: began })
  }

  /** What is waited for, and looked at after each turn. */
  const awaited = new Set<() => boolean>()
  function once(isSo: (watched: readonly Watched[]) => boolean, then: () => void): void {
    const look = () => {
      if (!isSo(watched)) return false
      then()
      return true
    }
    awaited.add(look)
  }

  async function verifyOn(): Promise<void> {
    for (let next = 0; ; next = next + BATCH < watched.length ? next + BATCH : 0) {
      for (const one of watched.slice(next, next + BATCH)) verify(one).catch(failed)
      for (const look of awaited) if (look()) awaited.delete(look)
      await new Promise(resolve => (pauseMs > 0 ? setTimeout(resolve, pauseMs) : setImmediate(resolve)))
    }
  }

  async function narrow(target: Target): Promise<void> {
    const began = process.hrtime.bigint()
    try {
      await NARROWING[target.act]?.(keys, target)
      tell({ narrowed: target.id, began, resolved: process.hrtime.bigint() })
    } catch (error) {
      const code = error instanceof SidekeyError ? error.code : 'unexpected'
      tell({ failed: `${target.act}: ${error}`, narrowing: target.id, code })
    }
  }

  function watch(targets: readonly Target[]): void {
    watched = targets.map(target => ({ target, underWay: false, acceptedAt: 0n, answers: [] }))
    once(hasAccepted(0n), () => tell({ warm: true }))
  }

  /** Once each key has been verified anew, by a process that could tell: so what is accepted now is in it. */
  function report(): void {
    const asked = process.hrtime.bigint()
    once(
      all => all.every(({ answers }) => isVerifiedSince(asked, answers.at(-1))),
      () => {
        const accepted = new Map(watched.map(({ target, acceptedAt }) => [target.id, acceptedAt]))
        const answers = new Map(watched.map(({ target, answers }) => [target.id, answers]))
        tell({ accepted, answers, verifications, finds })
      },
    )
  }

  process.on('message', (told: Told) => {
    if ('targets' in told) watch(told.targets)
    else if ('pauseMs' in told) pauseMs = told.pauseMs
    else if ('narrow' in told) void narrow(told.narrow)
    else if ('until' in told) once(keptAre(told.until), () => tell({ reached: told.until }))
    else if ('recall' in told)
      once(
        all => hasAccepted(lastFind)(all),
        () => tell({ recalled: true }),
      )
    else report()
  })
  process.on('disconnect', () => process.exit())
  await verifyOn()
}

function hasAccepted(since: bigint): (all: readonly Watched[]) => boolean {
  return all => all.every(({ acceptedAt }) => acceptedAt > since)
}

function isVerifiedSince(asked: bigint, last: Answers | undefined): boolean {
  return last !== undefined && last.to > asked && last.code !== 'STORE_UNAVAILABLE'
}

function keptAre(code: string): (all: readonly Watched[]) => boolean {
  return all =>
    all.filter(({ target }) => target.act === KEPT).every(({ answers }) => answers.at(-1)?.code === code)
}

/** A store by which nobody hears of changes, and nobody seems to be there to hear of them. */
function mute(store: Store): Store {
  if (store.changes?.kind !== 'shared') throw new Error('there is nobody to tell')
  const { changes } = store
  // The entry that names nothing is what a process begins with.
  const publish: typeof changes.publish = async entry => {
    if (entry.keyIds.length + entry.owners.length === 0) await changes.publish(entry)
  }
  return { ...store, changes: { ...changes, publish, leases: async () => [] } }
}

main(JSON.parse(process.argv[2] ?? '') as Order) // written by the test
  .catch(error => process.send?.({ failed: String(error) }, () => process.exit(1)))
