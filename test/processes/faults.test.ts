/** Processes that stand still or die, and one that keeps its changes to itself: what others may go on accepting, and how long. */
import { serverUri } from '../support/mongo/database.js'
import { ACTS, type Campaign, openCampaign } from './campaign.js'
import {
  AT_ONCE,
  inRounds,
  itKeepsItsPromise,
  LEASE_MS,
  ORDER,
  POLL_MS,
  PROCESSES,
  planned,
  TIMEOUT_MS,
} from './faults.js'
import { lateAcceptances, type Narrowed, printTimes, type Quantiles, type Round } from './findings.js'
import type { Target } from './narrowing.js'
import { build, type Program } from './run.js'

/** With one dead: what a lease may take to lapse by a slower clock, and the look that finds it. */
const BOUND_MS = 1.1 * LEASE_MS + POLL_MS
/** The machine has other things to do, too. Whoever waited for two leases would take longer all the same. */
const SLACK_MS = 1500

let program: Program
beforeAll(() => {
  program = build('verifying-process.ts')
})
afterAll(() => program.remove())

/** Each with every act. */
function halves(targets: readonly Target[]) {
  return { some: targets.slice(0, AT_ONCE), others: targets.slice(AT_ONCE) }
}

/** What holds of calls that find a process gone (`first`), and of those that come after them (`later`). */
function expectOneWait(first: Quantiles, later: Quantiles): void {
  expect(first.worst).toBeGreaterThan(LEASE_MS / 2)
  // Beyond what the same calls take on this machine now where nobody is gone.
  expect(first.p50 - later.p50).toBeLessThan(BOUND_MS + SLACK_MS)
  expect(later.p50).toBeLessThan(Math.max(LEASE_MS, first.p50 - LEASE_MS / 4))
}

describe('a process that stands still for longer than its lease, and goes on', () => {
  let campaign: Campaign | undefined
  const rounds: Round[] = []
  const first: Narrowed[] = []
  const later: Narrowed[] = []

  beforeAll(async () => {
    campaign = await openCampaign(planned(program))
    const { fleet, targets, narrow, leases, roundOf } = campaign
    await inRounds(async round => {
      const { some, others } = halves(await targets([...ACTS, ...ACTS]))
      const standing = fleet.members[round % PROCESSES]
      const by = { members: fleet.members.filter(member => member !== standing), atOnce: AT_ONCE }
      standing?.suspend()
      const atFirst = await narrow(some, by)
      const afterwards = await narrow(others, by)
      standing?.resume()
      await leases({ atLeast: PROCESSES })
      first.push(...atFirst)
      later.push(...afterwards)
      rounds.push(await roundOf([...atFirst, ...afterwards]))
    })
  }, TIMEOUT_MS)
  afterAll(() => campaign?.end())

  itKeepsItsPromise(rounds)

  it('is waited for once, and no longer than its lease can last', () => {
    expectOneWait(
      printTimes('one stands still', first),
      printTimes('one stands still, and its lease is gone', later),
    )
  })
})

describe('a process that is killed', () => {
  let campaign: Campaign | undefined
  const rounds: Round[] = []
  const first: Narrowed[] = []
  const later: Narrowed[] = []

  beforeAll(async () => {
    campaign = await openCampaign(planned(program))
    const { fleet, targets, narrow, leases, roundOf } = campaign
    await inRounds(async round => {
      if (round > 0) fleet.start()
      const { some, others } = halves(await targets([...ACTS, ...ACTS]))
      const by = { members: fleet.members, atOnce: AT_ONCE }
      const [atFirst] = await Promise.all([narrow(some, by), by.members[0]?.kill()])
      await leases({ atMost: PROCESSES - 1 })
      const afterwards = await narrow(others, by)
      first.push(...atFirst)
      later.push(...afterwards)
      rounds.push(await roundOf([...atFirst, ...afterwards]))
    })
  }, TIMEOUT_MS)
  afterAll(() => campaign?.end())

  itKeepsItsPromise(rounds)

  it('is waited for once, and no longer than its lease can last', () => {
    expectOneWait(printTimes('one killed', first), printTimes('one killed, and its lease is gone', later))
  })

  it('has its calls done by others', () => {
    expect(first.flatMap(({ rejected }) => rejected)).toContain('ENDED')
  })
})

describe('a process that tells nobody of its changes', () => {
  let campaign: Campaign | undefined
  afterAll(() => campaign?.end())

  it('is found out, whatever it takes away', async () => {
    const order = { ...ORDER, coherence: { leaseMs: 60_000 }, tells: 'nobody' } as const
    campaign = await openCampaign(planned(program, { order, uris: [serverUri(), serverUri()] }))
    const { fleet, targets, narrow, roundOf } = campaign
    const all = await targets(ACTS)
    const narrowed = await narrow(all, { members: fleet.members.slice(0, 1), atOnce: AT_ONCE })
    const late = lateAcceptances(await roundOf(narrowed))
    expect(new Set(late.map(({ act }) => act))).toEqual(new Set(ACTS))
    expect(new Set(late.map(({ process }) => process))).toEqual(new Set([1]))
  })
})
