/** The coherent cache, model-checked: the library's own code, in random schedules over a simulated database and clock. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bundle } from '../support/bundle.js'
import type { Lively, Ran } from './main.js'
import { MUTANTS } from './mutants.js'

/** `npm run simulate -- --runs 1000000` runs more; so does every run of CI. */
const SCHEDULES = 1_000
const ROOT = join(__dirname, '../..')
const PROGRAM = join(ROOT, 'node_modules/.cache/sidekey-simulation-test.mjs')
const run = promisify(execFile)

/** In a process of its own: jest's would be ten times slower. */
async function simulate(...args: readonly string[]): Promise<Ran[]> {
  const { stdout } = await run(process.execPath, ['--max-semi-space-size=32', PROGRAM, ...args], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: { stdout: string; code?: unknown }) => {
    if (error.code === 1 && error.stdout !== '') return error // something was found, and is in what it wrote
    throw error
  })
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Ran) // written by main.ts
}

beforeAll(() => bundle(join(__dirname, 'main.ts'), PROGRAM))

describe('a change of what a key may do that has resolved', () => {
  let ran: Ran
  beforeAll(async () => {
    const [only] = await simulate('--runs', String(SCHEDULES))
    if (only === undefined) throw new Error('the simulation wrote nothing')
    ran = only
  }, 120_000)

  it(`is accepted nowhere, in ${SCHEDULES} schedules`, () => {
    expect(ran).toMatchObject({ schedules: SCHEDULES, late: null, caughtBy: null })
  })

  it('is looked for where there is something to find: most resolve, and memory answers', () => {
    const { counts } = ran
    expect(counts.resolved).toBeGreaterThan(SCHEDULES)
    expect(counts.verifications).toBeGreaterThan(40 * SCHEDULES)
    expect((counts['answered from memory'] ?? 0) / (counts.verifications ?? 0)).toBeGreaterThan(0.4)
  })

  it.each([
    'kill',
    'restart',
    'pause',
    'suspend',
    'set clock',
    'fail-over',
    'lost',
    'silent',
    'slow',
    'swept',
  ] as const)('is put to the test by each fault: %s', fault => {
    expect(ran.counts[fault]).toBeGreaterThan(SCHEDULES / 20)
  })
})

describe('the simulation', () => {
  let found: ReadonlyMap<string | null, Ran>
  beforeAll(async () => {
    // Each has the seed that catches it: a schedule or two.
    const all = await simulate('--runs', '50', '--mutant', 'all')
    found = new Map(all.map(one => [one.mutant, one]))
  }, 120_000)

  it.each(Object.keys(MUTANTS))('catches %s', name => {
    expect(found.get(name)?.late).toEqual(expect.any(String))
  })
})

describe('where nothing is wrong', () => {
  it.each(['all are well', 'one has died'])(
    'a change resolves in time, and memory answers: %s',
    async name => {
      const measured = (await simulate('--liveness')) as unknown as Lively[] // written by main.ts
      const lively = measured.find(one => one.name === name)
      if (lively === undefined) throw new Error(`no such case: ${name}`)
      expect(lively.resolved).toBe(lively.changes)
      expect(lively.longest).toBeLessThanOrEqual(lively.mayTake)
      expect(lively.fromMemory).toBeGreaterThan(0.7)
    },
  )
})
