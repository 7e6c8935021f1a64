/** Processes that stand still, die, lose their server or most of the network: none accepts what a resolved promise took away. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { type LossyProxy, lossyProxyTo } from '../support/lossy-proxy.js'
import { serverUri } from '../support/mongo/database.js'
import { type OwnServer, startOwnServer } from '../support/mongo/server.js'
import { ACTS, type Campaign, type CampaignPlan, openCampaign } from './campaign.js'
import {
  gaps,
  lateAcceptances,
  msBetween,
  type Narrowed,
  notRefused,
  printTimes,
  type Quantiles,
  quantile,
  type Round,
} from './findings.js'
import type { Member } from './fleet.js'
import type { Target } from './narrowing.js'
import { build, type Program } from './run.js'
import type { Answers } from './verifying-process.js'

/** Over all faults, at least. A campaign of 1,000 takes some minutes. */
const REVOCATIONS = Number(process.env.SIDEKEY_REVOCATIONS ?? 96)
const FAULTS = 4
/** With each fault there are rounds. So many are under way when it comes, or right after, and as many come later. */
const AT_ONCE = ACTS.length
const ROUNDS = Math.ceil(REVOCATIONS / FAULTS / (2 * AT_ONCE))

const PROCESSES = 4
/** The defaults: long enough for processes to renew in time, whatever else the machine does. */
const POLL_MS = 250
const LEASE_MS = 2000
/** With one dead: what a lease may take to lapse by a slower clock, and the look that finds it. */
const BOUND_MS = 1.1 * LEASE_MS + POLL_MS
/** The machine has other things to do, too. Whoever waited for two leases would take longer all the same. */
const SLACK_MS = 1500

/** Leaves the server some of the processor, which it has to itself in production. */
const PAUSE_MS = 20
const TIMEOUT_MS = 30_000 + ROUNDS * 15_000

const ORDER = { pauseMs: PAUSE_MS, coherence: { pollMs: POLL_MS, leaseMs: LEASE_MS } }

let program: Program
beforeAll(() => {
  program = build('verifying-process.ts')
})
afterAll(() => program.remove())

function planned(plan: Partial<CampaignPlan> = {}): CampaignPlan {
  const server = plan.server ?? serverUri()
  const uris = Array.from({ length: PROCESSES }, () => server)
  return { program, server, order: ORDER, uris, ...plan }
}

async function inRounds(play: (round: number) => Promise<void>): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) await play(round)
}

/** Each with every act. */
function halves(targets: readonly Target[]) {
  return { some: targets.slice(0, AT_ONCE), others: targets.slice(AT_ONCE) }
}

/** What holds whatever happens. */
function itKeepsItsPromise(rounds: readonly Round[]): void {
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

/** What holds of calls that find a process gone (`first`), and of those that come after them (`later`). */
function expectOneWait(first: Quantiles, later: Quantiles): void {
  expect(first.worst).toBeGreaterThan(LEASE_MS / 2)
  // Beyond what the same calls take on this machine now where nobody is gone.
  expect(first.p50 - later.p50).toBeLessThan(BOUND_MS + SLACK_MS)
  expect(later.p50).toBeLessThan(Math.max(LEASE_MS, first.p50 - LEASE_MS / 2))
}

describe('a process that stands still for longer than its lease, and goes on', () => {
  let campaign: Campaign | undefined
  const rounds: Round[] = []
  const first: Narrowed[] = []
  const later: Narrowed[] = []

  beforeAll(async () => {
    campaign = await openCampaign(planned())
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
    campaign = await openCampaign(planned())
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

describe('a server that is killed, and started again', () => {
  let server: OwnServer | undefined
  let campaign: Campaign | undefined
  const rounds: Round[] = []
  const outages: Outage[] = []

  beforeAll(async () => {
    server = await startOwnServer(`sidekey-killed-${process.pid}`)
    campaign = await openCampaign(planned({ server: server.uri, order: { ...ORDER, timeoutMs: 1000 } }))
    const { fleet, targets, narrow, roundOf } = campaign
    await inRounds(async () => {
      const all = await targets([...ACTS, ...ACTS])
      const [narrowed, outage] = await Promise.all([
        narrow(all, { members: fleet.members, atOnce: AT_ONCE }),
        killAndRestart(server, fleet.members),
      ])
      rounds.push(await roundOf(narrowed))
      outages.push(outage)
    })
    const narrowed = rounds.flatMap(round => round.narrowed)
    printTimes('the server was killed', narrowed)
  }, TIMEOUT_MS)
  afterAll(async () => {
    await campaign?.end()
    await server?.stop()
  })

  itKeepsItsPromise(rounds)

  it('has calls that were under way reject, and repeats of them resolve', () => {
    for (const { narrowed } of rounds)
      expect(narrowed.flatMap(({ rejected }) => rejected)).toContain('STORE_UNAVAILABLE')
  })

  it('is not needed to verify until the lease has lapsed, and then every process says so', () => {
    const lasted = outages.flatMap(({ dead, restarting }, i) =>
      answersToKept(rounds[i], campaign).map(answers => {
        const [last, end] = answers.filter(({ from }) => from < restarting).slice(-2)
        expect([last?.code, end?.code]).toEqual(['ok', 'STORE_UNAVAILABLE'])
        return msBetween(dead, last?.to ?? 0n)
      }),
    )
    expect(Math.max(...lasted)).toBeLessThan(LEASE_MS)
    // Of most, and not of all for long: the last renewal may have been slow.
    expect(quantile(lasted, 0.5)).toBeGreaterThan(0)
    expect(Math.max(...lasted)).toBeGreaterThan(LEASE_MS / 4)
  })

  it('serves again once it is back', () => {
    const last = rounds.flatMap(round => answersToKept(round, campaign).map(answers => answers.at(-1)?.code))
    expect(new Set(last)).toEqual(new Set(['ok']))
  })
})

/** Between these there was no server. */
interface Outage {
  readonly dead: bigint
  readonly restarting: bigint
}

/** The server stays away until no process verifies any more; all do again when this resolves. */
async function killAndRestart(server: OwnServer | undefined, members: readonly Member[]): Promise<Outage> {
  if (server === undefined) throw new Error('there is no server')
  const crashed = server.crash()
  await untilRefused(server.uri)
  const dead = process.hrtime.bigint()
  await Promise.all([crashed, ...members.map(member => member.until('STORE_UNAVAILABLE'))])
  const restarting = process.hrtime.bigint()
  await server.restart()
  await Promise.all(members.map(member => member.until('ok')))
  return { dead, restarting }
}

/** What each process has answered to each of the keys that were kept. */
function answersToKept(round: Round | undefined, campaign: Campaign | undefined): (readonly Answers[])[] {
  return (round?.reports ?? []).flatMap(({ answers }) =>
    (campaign?.kept ?? []).map(({ id }) => answers.get(id) ?? []),
  )
}

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
  const rounds: Round[] = []

  beforeAll(async () => {
    const seeds = Array.from({ length: PROCESSES }, (_, i) => SEED + i)
    proxies = await Promise.all(seeds.map(seed => lossyProxyTo(serverUri(), { seed, ...LOSSES })))
    campaign = await openCampaign(
      planned({ uris: proxies.map(({ uri }) => uri), order: { ...ORDER, coherence: SHORT } }),
    )
    const { fleet, targets, narrow, roundOf } = campaign
    await inRounds(async () => {
      const all = await targets([...ACTS, ...ACTS])
      for (const proxy of proxies) proxy.beginLosing()
      const narrowed = await narrow(all, { members: fleet.members, atOnce: AT_ONCE })
      for (const proxy of proxies) proxy.stopLosing()
      rounds.push(await roundOf(narrowed))
    })
    const narrowed = rounds.flatMap(round => round.narrowed)
    printTimes(`a bad network (SIDEKEY_SEED=${SEED})`, narrowed)
  }, TIMEOUT_MS)
  afterAll(async () => {
    await campaign?.end()
    await Promise.all(proxies.map(proxy => proxy.close()))
  })

  itKeepsItsPromise(rounds)

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
    campaign = await openCampaign(planned({ order, uris: [serverUri(), serverUri()] }))
    const { fleet, targets, narrow, roundOf } = campaign
    const all = await targets(ACTS)
    const narrowed = await narrow(all, { members: fleet.members.slice(0, 1), atOnce: AT_ONCE })
    const late = lateAcceptances(await roundOf(narrowed))
    expect(new Set(late.map(({ act }) => act))).toEqual(new Set(ACTS))
    expect(new Set(late.map(({ process }) => process))).toEqual(new Set([1]))
  })
})
