/** A fleet over a database of its own, with keys to narrow and keys to keep, and the narrowing of keys by its processes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { mongooseStore } from 'sidekey/mongoose'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import type { Narrowed } from './findings.js'
import { ENDED, type Fleet, type Member, NotNarrowed, openFleet, type Times } from './fleet.js'
import type { Target } from './narrowing.js'
import type { Program } from './run.js'
import { createTargets, type Targets } from './targets.js'
import { inTurns } from './turns.js'
import type { Order } from './verifying-process.js'

export interface Campaign extends Targets {
  readonly fleet: Fleet
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
  readonly narrow: number
  readonly keep?: number
  /** By which address each process reaches the server. */
  readonly uris: readonly string[]
}

/** Opens it with a process for each address, all of which have accepted every key. */
export async function openCampaign(plan: CampaignPlan): Promise<Campaign> {
  const database = await openDatabase({ serverSelectionTimeoutMS: 5_000 }, plan.server)
  const fleet = openFleet(plan.program, { uri: plan.server, database: database.name, ...plan.order })
  const end = async () => {
    await fleet.end()
    // Of a server that a test has killed, and could not start again, there is nothing left to drop.
    await database.drop().catch(() => database.connection.close(true))
  }
  try {
    const members = plan.uris.map(uri => fleet.start({ uri }))
    const targets = await createTargets(database, plan)
    await Promise.all(members.map(member => member.warm([...targets.toNarrow, ...targets.kept])))
    const campaign = {
      ...targets,
      fleet,
      narrow: narrowing(fleet),
      leases: (wanted: Wanted) => leasesIn(database, wanted),
      end,
    }
    await campaign.leases({ atLeast: members.length })
    return campaign
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

async function leasesIn({ connection }: TestDatabase, wanted: Wanted): Promise<void> {
  const { changes } = mongooseStore(connection)
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
