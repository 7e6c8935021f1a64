/** What `requireKey` costs a route of Express: the same route with it and without it, in turn. */
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import { apiKeys, memoryStore } from 'sidekey'
import { requireKey } from 'sidekey/express'
import { AUTOCANNON, load } from './load.js'
import { claim, compare, figure, printMachine, spread, whole } from './measure.js'

const ROUNDS = 15
const REQUESTS = 10_000
const CONNECTIONS = 10
const LEAST = 0.95

interface Route {
  readonly path: string
  /** Requests a second of processor time, and of the clock, one figure a round. */
  readonly byProcessor: number[]
  readonly byClock: number[]
}

const USERS = new Map([['alice', { id: 'alice', name: 'Alice' }]])
const REPORTS = Array.from({ length: 20 }, (_, i) => ({
  id: `report-${i}`,
  title: `What was sold in week ${i}`,
  createdAt: new Date(1.7e12 + i * 6.048e8),
  total: i * 1_234.5,
}))

const keys = apiKeys({
  prefix: 'acme_live',
  store: memoryStore(),
  permissions: ['reports:read', 'reports:write'],
  grants: () => ['reports:read', 'reports:write'],
  user: owner => USERS.get(owner.id),
})
const { token } = await keys.create({ name: 'bench', owner: { id: 'alice' }, permissions: ['reports:read'] })

const app = express()
const answer: RequestHandler = (_request, response) => {
  response.json({ data: REPORTS })
}
const small: RequestHandler = (_request, response) => {
  response.json({ ok: true })
}
const guard = requireKey(keys, 'reports:read')
app.get('/reports', answer)
app.get('/reports-by-key', guard, answer)
app.get('/small', small)
app.get('/small-by-key', guard, small)

printMachine(`the median of ${ROUNDS} rounds (lowest to highest)`)
console.log(
  `load: autocannon ${AUTOCANNON}, ${CONNECTIONS} connections; ${ROUNDS} rounds of ${whole(REQUESTS)} requests each`,
)
const server = app.listen(0, '127.0.0.1')
await new Promise(listening => server.once('listening', listening))
const { port } = server.address() as AddressInfo // it listens on a port
try {
  const reports = await inTurn('A list of 20, about 2 KB of JSON', '/reports', '/reports-by-key')
  claim(
    reports.median >= LEAST,
    `${percent(reports)} of what the route answers without it`,
    `at least ${LEAST * 100} %`,
  )
  const least = await inTurn('The least that a route can answer: {"ok":true}', '/small', '/small-by-key')
  console.log(`         ${percent(least)} of what the route answers without it`)
} finally {
  server.close()
  await keys.close()
}

/** Each round both, and which is first changes: what else the machine does falls on both alike. */
async function inTurn(title: string, without: string, by: string) {
  const routes = [without, by].map((path): Route => ({ path, byProcessor: [], byClock: [] }))
  for (let round = -2; round < ROUNDS; round++) {
    for (const route of round % 2 === 0 ? routes : routes.toReversed()) {
      const url = `http://127.0.0.1:${port}${route.path}`
      const { requests, processorMs, seconds } = await load(
        url,
        { authorization: `Bearer ${token}` },
        { requests: REQUESTS, connections: CONNECTIONS },
      )
      if (round < 0) continue // warm-up
      route.byProcessor.push((requests * 1000) / processorMs)
      route.byClock.push(requests / seconds)
    }
  }
  console.log(`\n${title}`)
  for (const { path, byProcessor, byClock } of routes) {
    const [cpu, clock] = [byProcessor, byClock].map(rates => spread(figure(rates), whole))
    console.log(`  ${path.padEnd(20)} ${cpu} a second of processor time; ${clock} a second by the clock`)
  }
  const [bare, guarded] = routes
  return compare(guarded?.byProcessor ?? [], bare?.byProcessor ?? [], (a, b) => a / b)
}

function percent(ratio: ReturnType<typeof figure>): string {
  return spread(ratio, value => `${(value * 100).toFixed(1)} %`)
}
