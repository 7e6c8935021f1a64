/** Processes that stand still, die, lose their server or most of the network: none accepts what a resolved promise took away. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { type LossyProxy, lossyProxyTo } from '../support/lossy-proxy.js'
import { serverUri } from '../support/mongo/database.js'
import { type OwnServer, startOwnServer } from '../support/mongo/server.js'
import { type Campaign, type CampaignPlan, openCampaign } from './campaign.js'
import {
  answersBetween,
  gaps,
  lateAcceptances,
  msBetween,
  type Narrowed,
  notRefused,
  printTimes,
  type Quantiles,
  quantile,
} from './findings.js'
import type { Member } from './fleet.js'
import { NARROWING, type Target } from './narrowing.js'
import { build, type Program } from './run.js'
import type { Report } from './verifying-process.js'

/** Over all faults. A campaign of 1,000 takes some minutes. */
const REVOCATIONS = Number(process.env.SIDEKEY_REVOCATIONS ?? 96)
const FAULTS = 4
const EACH = Math.ceil(REVOCATIONS / FAULTS)
/** So many are under way when the fault comes, or right after, and as many come later: each act once. */
const AT_ONCE = Object.keys(NARROWING).length
/** So many with each fault; then it is made again. */
const ROUND = 2 * AT_ONCE

const PROCESSES = 4
/** The defaults: long enough for processes to renew in time, whatever else the machine does. */
const POLL_MS = 250
const LEASE_MS = 2000
/** With one dead: what a lease may take to lapse by a slower clock, and the look that finds it. */
const BOUND_MS = 1.1 * LEASE_MS + POLL_MS
/** The machine has other things to do, too. Whoever waited for two leases would take longer all the same. */
const SLACK_MS = 1500

/** What holds of calls that find a process gone (`first`), and of those that come after them (`later`). */
function expectOneWait(first: Quantiles, later: Quantiles): void {
  expect(first.worst).toBeGreaterThan(LEASE_MS / 2)
  // Beyond what the same calls take on this machine now where nobody is gone.
  expect(first.p50 - later.p50).toBeLessThan(BOUND_MS + SLACK_MS)
  expect(later.p50).toBeLessThan(Math.max(LEASE_MS, first.p50 - LEASE_MS / 2))
}
/** Leaves the server some of the processor, which it has to itself in production. */
const PAUSE_MS = 20
const ROUNDS = Math.ceil(EACH / ROUND)
const TIMEOUT_MS = 30_000 + ROUNDS * 15_000

const ORDER = { pauseMs: PAUSE_MS, coherence: { pollMs: POLL_MS, leaseMs: LEASE_MS } }

let program: Program
beforeAll(() => {
  program = build('verifying-process.ts')
})
afterAll(() => program.remove())

/** What a fault has come to. */
interface Outcome {
  readonly narrowed: readonly Narrowed[]
  readonly reports: readonly Report[]
}

function planned(plan: Partial<CampaignPlan> = {}): CampaignPlan {
  const server = plan.server ?? serverUri()
  const uris = Array.from({ length: PROCESSES }, () => server)
  return { program, server, order: ORDER, narrow: EACH, keep: 4, uris, ...plan }
}

function roundsOf(targets: readonly Target[]): Target[][] {
  return Array.from({ length: ROUNDS }, (_, i) => targets.slice(i * ROUND, (i + 1) * ROUND))
}

const reportsOf = ({ fleet }: Campaign) => Promise.all(fleet.members.map(member => member.report()))

/** What holds whatever happens. */
function itKeepsItsPromise(outcome: () => Outcome): void {
  it('lets no process accept a key after the promise that narrowed it has resolved', () => {
    const { narrowed, reports } = outcome()
    expect(narrowed).toHaveLength(EACH)
    expect(lateAcceptances(narrowed, reports)).toEqual([])
  })

  it('has every process refuse each of them in the end', () => {
    const { narrowed, reports } = outcome()
    expect(notRefused(narrowed, reports)).toEqual([])
  })

  it('is put to the test: every process accepted most keys until they were narrowed', () => {
    const { narrowed, reports } = outcome()
    expect(reports.length).toBeGreaterThanOrEqual(PROCESSES - 1)
    expect(quantile(gaps(narrowed, reports), 0.8)).toBeLessThan(LEASE_MS)
  })
}

describe('a process that stands still for longer than its lease, and goes on', () => {
  let campaign: Campaign | undefined
  let reports: readonly Report[]
  const first: Narrowed[] = []
  const later: Narrowed[] = []

  beforeAll(async () => {
    campaign = await openCampaign(planned())
    const { fleet, narrow, toNarrow } = campaign
    for (const [round, targets] of roundsOf(toNarrow).entries()) {
      const standing = fleet.members[round % PROCESSES]
      const others = fleet.members.filter(member => member !== standing)
      standing?.suspend()
      const by = { members: others, atOnce: AT_ONCE }
      first.push(...(await narrow(targets.slice(0, AT_ONCE), by)))
      later.push(...(await narrow(targets.slice(AT_ONCE), by)))
      standing?.resume()
      await campaign.leases({ atLeast: PROCESSES })
    }
    reports = await reportsOf(campaign)
  }, TIMEOUT_MS)
  afterAll(() => campaign?.end())

  itKeepsItsPromise(() => ({ narrowed: [...first, ...later], reports }))

  it('is waited for once, and no longer than its lease can last', () => {
    expectOneWait(
      printTimes('one stands still', first),
      printTimes('one stands still, and its lease is gone', later),
    )
  })
})

describe('a process that is killed', () => {
  let campaign: Campaign | undefined
  let reports: readonly Report[]
  const first: Narrowed[] = []
  const later: Narrowed[] = []

  beforeAll(async () => {
    campaign = await openCampaign(planned())
    const { fleet, narrow, toNarrow, kept } = campaign
    for (const [round, targets] of roundsOf(toNarrow).entries()) {
      const members = fleet.members
      const underWay = narrow(targets.slice(0, AT_ONCE), { members, atOnce: AT_ONCE })
      // Never one of those that there have been from the beginning: they report of all.
      await Promise.all([underWay, members.at(-1)?.kill()])
      first.push(...(await underWay))
      await campaign.leases({ atMost: PROCESSES - 1 })
      later.push(...(await narrow(targets.slice(AT_ONCE), { members, atOnce: AT_ONCE })))
      const rest = toNarrow.slice((round + 1) * ROUND)
      if (rest.length > 0) await fleet.start().warm([...rest, ...kept])
    }
    reports = await reportsOf(campaign)
  }, TIMEOUT_MS)
  afterAll(() => campaign?.end())

  itKeepsItsPromise(() => ({ narrowed: [...first, ...later], reports }))

  it('is waited for once, and no longer than its lease can last', () => {
    expectOneWait(printTimes('one killed', first), printTimes('one killed, and its lease is gone', later))
  })

  it('has its calls done by others', () => {
    expect(first.flatMap(({ rejected }) => rejected)).toContain('ENDED')
  })
})

describe('a server that is killed, and started again', () => {
  let server: OwnServer | undefined
  let campaign: Campaign | undefined
  let outcome: Outcome
  const outages: { readonly dead: bigint; readonly restarting: bigint }[] = []

  beforeAll(async () => {
    server = await startOwnServer(`sidekey-killed-${process.pid}`)
    campaign = await openCampaign(planned({ server: server.uri, order: { ...ORDER, timeoutMs: 1000 } }))
    const { fleet, narrow, toNarrow } = campaign
    const narrowed: Narrowed[] = []
    const { members } = fleet
    for (const targets of roundsOf(toNarrow)) {
      const [done] = await Promise.all([
        narrow(targets, { members, atOnce: AT_ONCE }),
        killAndRestart(server, members),
      ])
      narrowed.push(...done)
    }
    outcome = { narrowed, reports: await reportsOf(campaign) }
    printTimes('the server was killed', narrowed)
  }, TIMEOUT_MS)
  afterAll(async () => {
    await campaign?.end()
    await server?.stop()
  })

  /** It stays away until no process verifies any more, and all do when this resolves. */
  async function killAndRestart(server: OwnServer, members: readonly Member[]): Promise<void> {
    const crashed = server.crash()
    await untilRefused(server.uri)
    const dead = process.hrtime.bigint()
    await Promise.all([crashed, ...members.map(member => member.until('STORE_UNAVAILABLE'))])
    outages.push({ dead, restarting: process.hrtime.bigint() })
    await server.restart()
    await Promise.all(members.map(member => member.until('ok')))
  }

  itKeepsItsPromise(() => outcome)

  it('has calls that were under way reject, and repeats of them resolve', () => {
    expect(outcome.narrowed.flatMap(({ rejected }) => rejected)).toContain('STORE_UNAVAILABLE')
  })

  it('is not needed to verify until the lease has lapsed, and then every process says so', () => {
    const lasted: number[] = []
    for (const { dead, restarting } of outages) {
      for (const { answers } of outcome.reports) {
        for (const { id } of campaign?.kept ?? []) {
          const until = answersBetween(answers.get(id) ?? [], 0n, restarting)
          const [last, end] = until.slice(-2)
          expect([last?.code, end?.code]).toEqual(['ok', 'STORE_UNAVAILABLE'])
          lasted.push(msBetween(dead, last?.to ?? 0n))
        }
      }
    }
    expect(Math.max(...lasted)).toBeLessThan(LEASE_MS)
    // Of most, and not of all for long: the last renewal may have been slow.
    expect(quantile(lasted, 0.5)).toBeGreaterThan(0)
    expect(Math.max(...lasted)).toBeGreaterThan(LEASE_MS / 4)
  })

  it('serves again once it is back', () => {
    for (const { answers } of outcome.reports) {
      for (const { id } of campaign?.kept ?? []) expect(answers.get(id)?.at(-1)?.code).toBe('ok')
    }
  })
})

/** Resolves once nobody listens there. */
async function untilRefused(uri: string): Promise<void> {
  const { hostname, port } = new URL(uri)
  for (;;) {
    const socket = connect(Number(port), hostname)
    const isRefused = await Promise.race([
      once(socket, 'connect').then(() => false),
      once(socket, 'error').then(() => true),
    ]).catch(() => true)
    socket.destroy()
    if (isRefused) return
  }
}

describe('a network that breaks connections and delays what is sent', () => {
  const SEED = Number(process.env.SIDEKEY_SEED ?? Math.floor(Math.random() * 2 ** 32))
  const SHORT = { pollMs: 100, leaseMs: 1000 }
  const LOSSES = { drops: 20, delayMs: 20, stalls: 4, stallMs: 1.5 * SHORT.leaseMs }
  let proxies: LossyProxy[] = []
  let campaign: Campaign | undefined
  let outcome: Outcome

  beforeAll(async () => {
    const seeds = Array.from({ length: PROCESSES }, (_, i) => SEED + i)
    proxies = await Promise.all(seeds.map(seed => lossyProxyTo(serverUri(), { seed, ...LOSSES })))
    campaign = await openCampaign(
      planned({ uris: proxies.map(({ uri }) => uri), order: { ...ORDER, coherence: SHORT } }),
    )
    const { fleet, narrow, toNarrow } = campaign
    for (const proxy of proxies) proxy.beginLosing()
    const narrowed = await narrow(toNarrow, { members: fleet.members, atOnce: 8 })
    for (const proxy of proxies) proxy.stopLosing()
    await Promise.all(fleet.members.map(member => member.until('ok')))
    outcome = { narrowed, reports: await reportsOf(campaign) }
    printTimes(`a bad network (SIDEKEY_SEED=${SEED})`, narrowed)
  }, TIMEOUT_MS)
  afterAll(async () => {
    await campaign?.end()
    await Promise.all(proxies.map(proxy => proxy.close()))
  })

  itKeepsItsPromise(() => outcome)

  it('is bad enough', () => {
    const sum = (what: 'dropped' | 'stalled') => proxies.reduce((n, { done }) => n + done[what], 0)
    process.stderr.write(`${sum('dropped')} dropped, ${sum('stalled')} stalled\n`)
    expect(sum('dropped')).toBeGreaterThan(0)
    expect(sum('stalled')).toBeGreaterThan(0)
  })
})

describe('a process that tells nobody of its changes', () => {
  let campaign: Campaign | undefined
  afterAll(() => campaign?.end())

  it('is found out, whatever it takes away', async () => {
    const order = { ...ORDER, coherence: { leaseMs: 60_000 }, tells: 'nobody' } as const
    campaign = await openCampaign(planned({ narrow: AT_ONCE, order, uris: [serverUri(), serverUri()] }))
    const { fleet, narrow, toNarrow } = campaign
    const narrowed = await narrow(toNarrow, { members: fleet.members.slice(0, 1), atOnce: AT_ONCE })
    const late = lateAcceptances(narrowed, await reportsOf(campaign))
    const acts = Object.keys(NARROWING).map(act => ({ process: 1, act, msAfter: expect.any(Number) }))
    expect(late).toEqual(expect.arrayContaining(acts))
    expect(late).toHaveLength(acts.length)
  })
})
