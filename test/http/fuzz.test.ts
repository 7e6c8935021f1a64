/**
 * Random requests to the whole router, in short histories, each with keys of its own. `SIDEKEY_FUZZ_RUNS` is how many
 * histories, `SIDEKEY_FUZZ_SEED` the seed of one that failed, `SIDEKEY_FUZZ_STORE` the store (`mongooseStore`). A
 * rejection that nobody handles fails the test too: Jest sees to that.
 */
import fc from 'fast-check'
import { KEY_STATUSES } from '../../src/key/record.js'
import { STORES } from '../support/stores.js'
import { actingKey, actorOf, faultsOf, tellsSecret, writeFaults } from './fuzz-checks.js'
import { type Draft, draft } from './fuzz-requests.js'
import { type Answer, openWorld, type Server, serve } from './fuzz-world.js'
import { overExpress } from './support.js'

const { SIDEKEY_FUZZ_RUNS, SIDEKEY_FUZZ_SEED, SIDEKEY_FUZZ_STORE = 'memoryStore' } = process.env
const RUNS = Number(SIDEKEY_FUZZ_RUNS ?? 20)
const SEED = Number(SIDEKEY_FUZZ_SEED ?? Date.now() % 2 ** 31)
const LONGEST = 60
/** The search for a smaller history that fails too ends in time to tell of it. */
const PATIENCE_MS = Math.max(30_000, RUNS * 2000)

overExpress(`The router, fuzzed with the seed ${SEED}`, express => {
  let server: Server
  beforeAll(async () => {
    server = await serve(express)
  })
  afterAll(() => server.close())

  it(
    'answers anything as it should, tells no secret, and changes only what who asks may change',
    async () => {
      const seen: string[] = []
      const history = fc.array(draft, { minLength: 1, maxLength: LONGEST, size: 'max' })
      const property = fc.asyncProperty(history, async drafts => {
        seen.push(...(await replay(server, drafts)))
      })
      await fc.assert(property, { numRuns: RUNS, seed: SEED, interruptAfterTimeLimit: PATIENCE_MS })
      // Deep, not only wide: much is done, and much is refused for one reason or another.
      const done = seen.filter(one => one.startsWith('20'))
      expect(done.length).toBeGreaterThan(seen.length / 10)
      expect(new Set(seen).size).toBeGreaterThan(15)
      if (SIDEKEY_FUZZ_RUNS !== undefined) console.info(counted(seen))
    },
    PATIENCE_MS + 10_000,
  )
})

/** Sends the requests, one after another, and holds each answer, and what it did to the store, to the rules. */
async function replay(server: Server, drafts: readonly Draft[]): Promise<string[]> {
  const { store, close } = await openStore()
  const seen: string[] = []
  try {
    const world = await openWorld(store)
    server.enter(world)
    const ids = new Set(world.records.keys())
    for (const draft of drafts) {
      const raw = server.fill(draft)
      const actor = actorOf(draft)
      const acting = actingKey(actor, world)
      const answer = await server.send(raw)
      seen.push(labelOf(answer))
      const faults = [
        ...(answer === null ? [] : faultsOf(answer, draft.method, actor, world)),
        ...writeFaults(world.writes.splice(0), answer, actor, acting),
      ]
      // With what came of it: a counterexample tells only what was sent.
      if (faults.length > 0) expect({ raw, answer, faults }).toEqual({ raw, answer, faults: [] })
      if (answer?.status === 201) ids.add(JSON.parse(answer.text).apiKey.id)
      if (answer?.status === 204 && /[?&]purge=true/.test(raw.target)) ids.delete(idIn(raw.target))
    }
    // All keys that answers told of, less those that were purged, and no others.
    const found = await store.list({ statuses: KEY_STATUSES, now: Date.now(), limit: 1000 })
    expect(found.map(({ id }) => id).sort()).toEqual([...ids].sort())
    expect(tellsSecret(world.logged.join('\n'), world)).toBe(false)
  } finally {
    await close()
  }
  return seen
}

async function openStore() {
  const named = STORES.find(({ name }) => name === SIDEKEY_FUZZ_STORE)
  if (named === undefined) throw new Error(`SIDEKEY_FUZZ_STORE: there is no ${SIDEKEY_FUZZ_STORE}`)
  return named.open()
}

function idIn(target: string): string {
  return /-keys\/(\w{16})/i.exec(target)?.[1] ?? ''
}

function labelOf(answer: Answer | null): string {
  if (answer === null) return 'cut off'
  const code = /"code":"(\w+)"/.exec(answer.text)?.[1] ?? ''
  return `${answer.status} ${answer.reached ? code : '(not by the router)'}`
}

function counted(labels: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const lines = [...counts].sort().map(([label, count]) => `${String(count).padStart(7)} ${label}`)
  return [`${labels.length} requests`, ...lines].join('\n')
}
