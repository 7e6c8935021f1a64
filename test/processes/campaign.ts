/** A fleet over a database of its own, and the narrowing of keys by its processes, a few at a time. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { testKeys } from '../support/keys.js'
import { openDatabase } from '../support/mongo/database.js'
import type { Narrowed, Round } from './findings.js'
import { ENDED, type Fleet, type Member, NotNarrowed, openFleet, type Times } from './fleet.js'
import { KEPT, NARROWING, type Target } from './narrowing.js'
import type { Program } from './run.js'
import { createTargets } from './targets.js'
import { inTurns } from './turns.js'
import type { Order } from './verifying-process.js'

export const ACTS = Object.keys(NARROWING)

export interface Campaign {
  readonly fleet: Fleet
  /** Some keys that nothing is taken away from. */
  readonly kept: readonly Target[]
  /** New keys, one for each of these acts, which every process verifies from memory, and the kept ones. */
  targets(acts: readonly string[]): Promise<Target[]>
  /** What has come of those keys. */
  roundOf(narrowed: readonly Narrowed[]): Promise<Round>
  /** Has these processes narrow the keys in turn, again and again where a call rejects, until each has resolved. */
  narrow(
    targets: readonly Target[],
    by: { readonly members: readonly Member[]; readonly atOnce: number },
  ): Promise<Narrowed[]>
  /**
   * Resolves once there are so many leases: at least, so that every process has one, or at most, so that those of the dead
   * are gone. (A lease may be nobody's: a process that was too slow to hear that it has it has taken another.)
   */
  leases(wanted: Wanted): Promise<void>
  end(): Promise<void>
}

type Wanted = { readonly atLeast: number } | { readonly atMost: number }

export interface CampaignPlan {
  readonly program: Program
  readonly server: string
  readonly order: Omit<Order, 'uri' | 'database'>
  /** By which address each process reaches the server. */
  readonly uris: readonly string[]
}

const KEPT_KEYS = 4
/** So long is waited for the database to be dropped. */
const DROP_MS = 5_000

/** Opens it with a process for each address. */
export async function openCampaign(plan: CampaignPlan): Promise<Campaign> {
  const database = await openDatabase({ serverSelectionTimeoutMS: 5_000 }, plan.server)
  const store = mongooseStore(database.connection)
  const keys = testKeys({ store, cache: false })
  const fleet = openFleet(plan.program, { uri: plan.server, database: database.name, ...plan.order })
  const end = async () => {
    await fleet.end()
    await keys.close().catch(() => {})
    // Of a server that a test has killed, and could not start again, there is nothing left to drop; and one whose clients
    // were killed may hold their locks for a while.
    await Promise.race([database.drop(), sleep(DROP_MS)]).catch(() => {})
    await database.connection.close(true)
  }
  try {
    for (const uri of plan.uris) fleet.start({ uri })
    const kept = await createTargets(
      keys,
      Array.from({ length: KEPT_KEYS }, () => KEPT),
    )
    return {
      fleet,
      kept,
      async targets(acts) {
        const targets = await createTargets(keys, acts)
        const { members } = fleet
        await Promise.all(members.map(member => member.warm([...targets, ...kept])))
        await leasesIn(store, { atLeast: members.length })
        return targets
      },
      async roundOf(narrowed) {
        return { narrowed, reports: await Promise.all(fleet.members.map(member => member.report())) }
      },
      narrow: narrowing(fleet),
      leases: wanted => leasesIn(store, wanted),
      end,
    }
  } catch (error) {
    await end()
    throw error
  }
}

/** What a call rejects with that may be repeated: nothing has been promised, and what was done may stand. */
const REPEATED: ReadonlySet<string> = new Set(['STORE_UNAVAILABLE', 'CONFLICT', ENDED])
const REPEAT_AFTER_MS = 50
const PATIENCE_MS = 30_000

function narrowing(fleet: Fleet): Campaign['narrow'] {
  let turn = 0

  /** `null`: not this time. */
  async function attempt(
    target: Target,
    members: readonly Member[],
    rejected: string[],
  ): Promise<Times | null> {
    const living = members.filter(member => fleet.members.includes(member))
    const began = process.hrtime.bigint()
    try {
      const member = living[turn++ % living.length]
      if (member === undefined) throw new Error('no process is left')
      return await member.narrow(target)
    } catch (error) {
      if (!(error instanceof NotNarrowed)) throw error
      // An earlier attempt has purged it: a record is removed only once all have heard that it goes.
      const isPurged = target.act === 'purge' && error.code === 'NOT_FOUND' && rejected.length > 0
      if (isPurged) return { began, resolved: process.hrtime.bigint() }
      if (!REPEATED.has(error.code)) throw error
      rejected.push(error.code)
      return null
    }
  }

  return (targets, { members, atOnce }) =>
    inTurns(targets, atOnce, async target => {
      const asked = process.hrtime.bigint()
      const deadline = performance.now() + PATIENCE_MS
      const rejected: string[] = []
      for (;;) {
        const times = await attempt(target, members, rejected)
        if (times !== null) return { target, asked, rejected, ...times }
        if (performance.now() > deadline)
          throw new Error(`${target.act} does not come to an end: ${rejected}`)
        await sleep(REPEAT_AFTER_MS)
      }
    })
}

async function leasesIn({ changes }: Store, wanted: Wanted): Promise<void> {
  if (changes?.kind !== 'shared') throw new Error('there are no leases')
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const { length } = await changes.leases()
    if ('atLeast' in wanted ? length >= wanted.atLeast : length <= wanted.atMost) return
    if (performance.now() > deadline)
      throw new Error(`${length} leases, which is not ${JSON.stringify(wanted)}`)
    await sleep(REPEAT_AFTER_MS)
  }
}
