/**
 * The server is killed (-9) in the midst of every kind of write, again and again: all that was acknowledged is there, nothing is
 * half done, and no key is accepted that is not active. Eight writers at once, each kill at a moment of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import mongoose from 'mongoose'
import { mongooseStore } from 'sidekey/mongoose'
import { createRandom } from '../simulation/random.js'
import { testKeys } from '../support/keys.js'
import { startOwnServer } from '../support/mongo/server.js'
import { eventually } from '../support/verify-store.js'
import { Ledger } from './ledger.js'

/** A campaign has 50. */
const KILLS = Number(process.env.SIDEKEY_KILLS ?? 3)
const SEED = Number(process.env.SIDEKEY_SEED ?? Math.floor(Math.random() * 2 ** 32))
const WRITERS = 8
/** After how long the server is killed, in ms, at least and at most. */
const KILLED_AFTER = [100, 900] as const
/** Two turns of the part that comes once a minute: the first may be missed by what has been written just now. */
const SWEPT_WITHIN_S = 150

it(
  'loses nothing that was acknowledged, and leaves nothing half done',
  async () => {
    const random = createRandom(SEED)
    const server = await startOwnServer(`sidekey-faults-${process.pid}`)
    const connection = await mongoose
      .createConnection(server.uri, { dbName: 'sidekey_faults', serverSelectionTimeoutMS: 500 })
      .asPromise()
    const store = mongooseStore(connection, { timeoutMs: 3_000 })
    await store.ready()
    const keys = testKeys({ store, maxKeysPerOwner: 1, coherence: { pollMs: 50, leaseMs: 1_000 } })
    const ledger = new Ledger(keys, random)
    const faults: string[] = []
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        const { acknowledged } = ledger.counts
        let isKilled = false
        const working = Array.from({ length: WRITERS }, () => ledger.work(() => isKilled))
        // However slow the machine is: it is in the midst of its work.
        await eventually(async () => ledger.counts.acknowledged >= acknowledged + WRITERS)
        await sleep(random.between(...KILLED_AFTER))
        isKilled = true
        await server.crash()
        await Promise.all(working)
        await server.restart()
        await keys.ready()
        faults.push(...(await ledger.settle()))
      }
      // What came through without an answer is told of by the sweep of whoever is in use, balances once a minute.
      const now = new Date()
      await eventually(async () => {
        await keys.list({ limit: 1 })
        const left = await Promise.all([store.pending(now, 1), store.credits.pending(now, 1)])
        return left.flat().length === 0
      }, SWEPT_WITHIN_S)
      faults.push(...(await ledger.faults()))
      const { acknowledged, inDoubt } = ledger.counts
      process.stderr.write(
        `${KILLS} kills, ${acknowledged} acknowledged, ${inDoubt} not (SIDEKEY_SEED=${SEED})\n`,
      )
      expect(faults).toEqual([])
      expect(acknowledged).toBeGreaterThan(KILLS * WRITERS)
      expect(inDoubt).toBeGreaterThanOrEqual(KILLS)
    } finally {
      await keys.close()
      await connection.close(true)
      await server.stop()
    }
  },
  60_000 + SWEPT_WITHIN_S * 1_000 + KILLS * 15_000,
)
