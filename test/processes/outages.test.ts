/** Processes that lose their server, or most of the network: none accepts what a resolved promise took away. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { type LossyProxy, lossyProxyTo } from '../support/lossy-proxy.js'
import { serverUri } from '../support/mongo/database.js'
import { type OwnServer, startOwnServer } from '../support/mongo/server.js'
import { ACTS, type Campaign, openCampaign } from './campaign.js'
import {
  AT_ONCE,
  inRounds,
  itKeepsItsPromise,
  LEASE_MS,
  ORDER,
  PROCESSES,
  planned,
  TIMEOUT_MS,
} from './faults.js'
import { msBetween, printTimes, quantile, type Round } from './findings.js'
import type { Member } from './fleet.js'
import { build, type Program } from './run.js'
import type { Answers } from './verifying-process.js'

let program: Program
beforeAll(() => {
  program = build('verifying-process.ts')
})
afterAll(() => program.remove())

describe('a server that is killed, and started again', () => {
  let server: OwnServer | undefined
  let campaign: Campaign | undefined
  const rounds: Round[] = []
  const outages: Outage[] = []

  beforeAll(async () => {
    server = await startOwnServer(`sidekey-killed-${process.pid}`)
    campaign = await openCampaign(
      planned(program, { server: server.uri, order: { ...ORDER, timeoutMs: 1000 } }),
    )
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
  const LOSSES = { drops: 20, delayMs: 20, stalls: 4, stallMs: 1.5 * LEASE_MS }
  let proxies: LossyProxy[] = []
  let campaign: Campaign | undefined
  const rounds: Round[] = []

  beforeAll(async () => {
    const seeds = Array.from({ length: PROCESSES }, (_, i) => SEED + i)
    proxies = await Promise.all(seeds.map(seed => lossyProxyTo(serverUri(), { seed, ...LOSSES })))
    campaign = await openCampaign(planned(program, { uris: proxies.map(({ uri }) => uri) }))
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
