/** Four processes under full load, which verify the same keys from memory: none accepts what another's promise took away. */
import { availableParallelism } from 'node:os'
import { serverUri } from '../support/mongo/database.js'
import { ACTS, type Campaign, openCampaign } from './campaign.js'
import { gaps, lateAcceptances, notRefused, printTimes, quantile, type Round } from './findings.js'
import { build, type Program } from './run.js'

const REVOCATIONS = Number(process.env.SIDEKEY_REVOCATIONS ?? 48)
const PROCESSES = 4
const ROUNDS = Math.ceil(REVOCATIONS / 500)
const AT_ONCE = 16
const LEASE_MS = 2000
/** A round may take so long, and the processes that verify take all of the processor that nobody else wants. */
const TIMEOUT_MS = 60_000 + REVOCATIONS * 100

let program: Program
let campaign: Campaign | undefined
const rounds: Round[] = []

beforeAll(async () => {
  program = build('verifying-process.ts')
  const server = serverUri()
  const uris = Array.from({ length: PROCESSES }, () => server)
  campaign = await openCampaign({ program, server, uris, order: { priority: 'low' } })
  const { fleet, targets, narrow, roundOf } = campaign
  const by = { members: fleet.members, atOnce: AT_ONCE }
  const acts = Array.from({ length: REVOCATIONS / ROUNDS }, (_, i) => ACTS[i % ACTS.length] ?? '')
  await narrow(await targets(ACTS), by) // what is made at first use is made
  for (let i = 0; i < ROUNDS; i++) rounds.push(await roundOf(await narrow(await targets(acts), by)))
}, TIMEOUT_MS)

afterAll(async () => {
  await campaign?.end()
  program.remove()
})

it('lets no process accept a key after the promise that narrowed it has resolved', () => {
  expect(rounds.flatMap(({ narrowed }) => narrowed)).toHaveLength(REVOCATIONS)
  expect(rounds.flatMap(lateAcceptances)).toEqual([])
})

it('has every process refuse each of them in the end', () => {
  expect(rounds.flatMap(notRefused)).toEqual([])
})

it('is put to the test: every process accepted most keys until they were narrowed, from memory', () => {
  expect(quantile(rounds.flatMap(gaps), 0.8)).toBeLessThan(LEASE_MS)
  for (const { reports } of rounds) {
    expect(reports).toHaveLength(PROCESSES)
    for (const { finds, verifications } of reports) expect(finds).toBeLessThan(verifications / 10)
  }
})

// How long it may take is claimed by a bench (bench/revoke.ts): here other tests have the processors too.
it('tells how long narrowing took', () => {
  const all = rounds.flatMap(({ narrowed }) => narrowed)
  expect(printTimes(`all alive, ${availableParallelism()} cores full`, all).p50).toBeLessThan(5 * LEASE_MS)
})
