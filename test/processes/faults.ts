/** What the tests of faults have in common: how much is narrowed with each, and what holds whatever happens. */
import { serverUri } from '../support/mongo/database.js'
import { ACTS, type CampaignPlan } from './campaign.js'
import { gaps, lateAcceptances, notRefused, quantile, type Round } from './findings.js'
import type { Program } from './run.js'

/** Over all faults, at least. A campaign of 1,000 takes some minutes. */
const REVOCATIONS = Number(process.env.SIDEKEY_REVOCATIONS ?? 96)
const FAULTS = 4
/** With each fault there are rounds. So many are under way when it comes, or right after, and as many come later. */
export const AT_ONCE = ACTS.length
const ROUNDS = Math.ceil(REVOCATIONS / FAULTS / (2 * AT_ONCE))

export const PROCESSES = 4
/** The defaults: long enough for processes to renew in time, whatever else the machine does. */
export const POLL_MS = 250
export const LEASE_MS = 2000
/** Leaves the server some of the processor, which it has to itself in production. */
const PAUSE_MS = 20
export const TIMEOUT_MS = 30_000 + ROUNDS * 15_000

export const ORDER = { pauseMs: PAUSE_MS, coherence: { pollMs: POLL_MS, leaseMs: LEASE_MS } }

export function planned(program: Program, plan: Partial<CampaignPlan> = {}): CampaignPlan {
  const server = plan.server ?? serverUri()
  const uris = Array.from({ length: PROCESSES }, () => server)
  return { program, server, order: ORDER, uris, ...plan }
}

export async function inRounds(play: (round: number) => Promise<void>): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) await play(round)
}

/** What holds whatever happens. */
export function itKeepsItsPromise(rounds: readonly Round[]): void {
  it('lets no process accept a key after the promise that narrowed it has resolved', () => {
    expect(rounds.flatMap(({ narrowed }) => narrowed)).toHaveLength(ROUNDS * 2 * AT_ONCE)
    expect(rounds.flatMap(lateAcceptances)).toEqual([])
  })

  it('has every process refuse each of them in the end', () => {
    expect(rounds.flatMap(notRefused)).toEqual([])
  })

  it('is put to the test: every process accepted most keys until they were narrowed', () => {
    for (const { reports } of rounds) expect(reports.length).toBeGreaterThanOrEqual(PROCESSES - 1)
    expect(quantile(rounds.flatMap(gaps), 0.8)).toBeLessThan(LEASE_MS)
  })
}
