/** A process that verifies tokens without a pause, notes when it last accepted each, and narrows keys when told to. */
import mongoose from 'mongoose'
import { apiKeys } from '../../src/index.js'
import { mongooseStore } from '../../src/store/mongoose/index.js'
import { ASKED, NARROWING, type Target } from './narrowing.js'

/** Verifications of one turn: timers and sockets run between two turns, as in a server. */
const BATCH = 50

export type Told =
  | { readonly targets: readonly Target[] }
  /** Between two turns; 0: none, so the process takes all the processor that it gets. */
  | { readonly pauseMs: number }
  | { readonly narrow: Target }
  | { readonly report: true }
export type Tells =
  | { readonly warm: true }
  | { readonly narrowed: string; readonly began: bigint; readonly resolved: bigint }
  | { readonly failed: string }
  | Report
export interface Report {
  /** When the last verification began that was accepted, by the key's id. */
  readonly accepted: ReadonlyMap<string, bigint>
  readonly verifications: number
  readonly finds: number
}

const tell = (message: Tells) => process.send?.(message)

async function main({ uri, database }: { uri: string; database: string }): Promise<void> {
  const options = { dbName: database, monitorCommands: true }
  const connection = await mongoose.createConnection(uri, options).asPromise()
  const keys = apiKeys({ prefix: 'acme_test', store: mongooseStore(connection) })
  const failed = (error: unknown) => tell({ failed: String(error) })
  const accepted = new Map<string, bigint>()
  let targets: readonly Target[] = []
  let verifications = 0
  let finds = 0
  let warm = false
  let pauseMs = 0
  connection.getClient().on('commandStarted', ({ commandName }) => {
    if (commandName === 'find') finds++
  })

  /** One verification of a key at a time; those that wait for the database do not hold up the others. */
  const underWay = new Set<string>()
  async function verify({ id, token }: Target): Promise<void> {
    if (underWay.has(id)) return
    underWay.add(id)
    const began = process.hrtime.bigint()
    const { ok } = await keys.verify(token, ASKED)
    underWay.delete(id)
    verifications++
    if (ok) accepted.set(id, began)
  }

  async function verifyOn(): Promise<void> {
    for (let next = 0; ; next = next + BATCH < targets.length ? next + BATCH : 0) {
      for (const target of targets.slice(next, next + BATCH)) verify(target).catch(failed)
      if (!warm && targets.length > 0 && accepted.size === targets.length) {
        warm = true
        tell({ warm })
      }
      await new Promise(resolve => (pauseMs > 0 ? setTimeout(resolve, pauseMs) : setImmediate(resolve)))
    }
  }

  async function narrow(target: Target): Promise<void> {
    const began = process.hrtime.bigint()
    await NARROWING[target.act]?.(keys, target)
    tell({ narrowed: target.id, began, resolved: process.hrtime.bigint() })
  }

  process.on('message', (told: Told) => {
    if ('targets' in told) targets = told.targets
    else if ('pauseMs' in told) pauseMs = told.pauseMs
    else if ('narrow' in told) narrow(told.narrow).catch(failed)
    else tell({ accepted, verifications, finds })
  })
  process.on('disconnect', () => process.exit())
  await verifyOn()
}

void main(JSON.parse(process.argv[2] ?? '') as { uri: string; database: string }) // written by the test
