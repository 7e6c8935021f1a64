/** How long a revocation takes that counts in four processes at once: with all alive, and with one dead. */

import { ACTS, type CampaignPlan, openCampaign } from '../test/processes/campaign.js'
import { lateAcceptances, type Narrowed, printTimes } from '../test/processes/findings.js'
import { build } from '../test/processes/run.js'
import { startServer } from '../test/support/mongo/server.js'
import { claim, printMachine } from './measure.js'

const PROCESSES = 4
const REVOCATIONS = Number(process.env.SIDEKEY_REVOCATIONS ?? 1000)
const A_ROUND = 250
const AT_ONCE = 16
const POLL_MS = 250
const LEASE_MS = 2000
const WITH_ALL = 2 * POLL_MS
const WITH_ONE_DEAD = 1.1 * LEASE_MS + POLL_MS
const DEATHS = 5

printMachine('a call')
const server = await startServer('sidekey-bench')
const program = build('verifying-process.ts')
try {
  console.log(
    `server: ${server.described}, on the same machine; ${PROCESSES} processes; a poll is ${POLL_MS} ms`,
  )
  await allAlive('without a pause', {})
  await allAlive('20 ms between bursts of 50', { pauseMs: 20 })
  await oneDead()
} finally {
  program.remove()
  await server.stop()
}

function plan(order: CampaignPlan['order']): CampaignPlan {
  const uris = Array.from({ length: PROCESSES }, () => server.uri)
  const coherence = { pollMs: POLL_MS, leaseMs: LEASE_MS }
  return { program, server: server.uri, uris, order: { priority: 'low', coherence, ...order } }
}

function acts(count: number): string[] {
  return Array.from({ length: count }, (_, i) => ACTS[i % ACTS.length] ?? '')
}

async function allAlive(load: string, order: CampaignPlan['order']): Promise<void> {
  console.log(`\nAll alive, verifying ${load}`)
  const { fleet, targets, narrow, roundOf, end } = await openCampaign(plan(order))
  try {
    const by = { members: fleet.members, atOnce: AT_ONCE }
    await narrow(await targets(ACTS), by) // what is made at first use is made
    const all: Narrowed[] = []
    for (let done = 0; done < REVOCATIONS; done += A_ROUND) {
      const round = await roundOf(await narrow(await targets(acts(A_ROUND)), by))
      const late = lateAcceptances(round).length
      if (late > 0) throw new Error(`${late} accepted after the promise had resolved`)
      all.push(...round.narrowed)
    }
    const { p99 } = printTimes('  narrowing', all)
    claim(p99 <= WITH_ALL, `99 of 100 within ${p99} ms`, `at most ${WITH_ALL}, two polls`)
  } finally {
    await end()
  }
}

/** Those that find the lease of a process that has just been killed. */
async function oneDead(): Promise<void> {
  console.log('\nOne dead, the others verifying 20 ms between bursts of 50')
  const { fleet, targets, narrow, leases, roundOf, end } = await openCampaign(plan({ pauseMs: 20 }))
  try {
    const all: Narrowed[] = []
    for (let i = 0; i < DEATHS; i++) {
      if (i > 0) fleet.start()
      const some = await targets(ACTS)
      await fleet.members[0]?.kill()
      const round = await roundOf(await narrow(some, { members: fleet.members, atOnce: AT_ONCE }))
      if (lateAcceptances(round).length > 0) throw new Error('accepted after the promise had resolved')
      all.push(...round.narrowed)
      await leases({ atMost: PROCESSES - 1 })
    }
    const { p99 } = printTimes('  narrowing', all)
    claim(
      p99 <= WITH_ONE_DEAD,
      `99 of 100 within ${p99} ms`,
      `at most ${WITH_ONE_DEAD}, 1.1 leases and a poll`,
    )
  } finally {
    await end()
  }
}
