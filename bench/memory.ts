/** What verification allocates, that it leaves nothing behind, what a key in memory takes, and what many cost. */
import { hash } from 'node:crypto'
import { type ApiKeys, apiKeys } from 'sidekey'
import { allocatedBy, inUseAfterCollection } from './heap.js'
import { storeOfMadeKeys, tokenOf } from './made-keys.js'
import { BY_PROCESSOR, claim, compare, figure, printMachine, spread, whole } from './measure.js'
import { mistyped } from './tokens.js'

const KIB = 1024
const FEW = 1_000
const MANY = Number(process.env.BENCH_KEYS ?? 1_000_000)
/** In one of these rounds no collection comes between. */
const ALLOCATING = 500
const VERIFICATIONS = Number(process.env.BENCH_VERIFICATIONS ?? 10_000_000)
/** Records are read anew after 30 to 36 s, and tables have their size by then. */
const SETTLED_MS = 40_000
const PARTS = 10
/** What may stay of a verification, in bytes: of a hundred not one. */
const STRAY = 0.02
const ROUNDS = 7
const BLOCKS = 20
const BLOCK = 10_000
const WARM = 200_000
const MOST_TIMES = 1.5
const REQUEST = { permissions: 'reports:read' } as const
const BEYOND = { permissions: 'reports:write' } as const

/** As in the bench of `verify`: each verification cuts the key to what its owner may. */
function open(records: number) {
  const made = storeOfMadeKeys()
  const keys = apiKeys({
    prefix: 'acme_live',
    store: made.store,
    permissions: ['reports:read', 'reports:write'],
    grants: () => ['reports:read', 'reports:write'],
    cache: { records },
  })
  return { keys, untilUsesAreWritten: made.untilUsesAreWritten }
}

/** One after the other; a key that is refused ends the bench. */
async function verifyEach(keys: ApiKeys<'reports:read' | 'reports:write'>, tokens: readonly string[]) {
  for (const token of tokens) {
    const verification = await keys.verify(token, REQUEST)
    if (!verification.ok) throw new Error(`refused: ${verification.code}`)
  }
}

function tokens(count: number, numberOf: (i: number) => number): string[] {
  return Array.from({ length: count }, (_, i) => tokenOf(numberOf(i)))
}

/** All that one verification takes of the heap, the caller's `await` with it. */
async function allocation(): Promise<void> {
  const { keys } = open(FEW)
  const one = tokens(ALLOCATING, () => 7)
  const there = Promise.resolve()
  const awaiting = async () => {
    for (let i = 0; i < ALLOCATING; i++) await there
  }
  for (let i = 0; i < WARM; i += ALLOCATING) {
    await verifyEach(keys, one)
    await awaiting()
  }
  const each = async (work: () => Promise<void>) => {
    const bytes: number[] = []
    for (let round = 0; round < ROUNDS; round++) bytes.push((await allocatedBy(work)) / ALLOCATING)
    return figure(bytes)
  }
  console.log('\nAllocated by one verification of a valid key, from memory')
  const verifying = await each(() => verifyEach(keys, one))
  console.log(`  floor: await of a promise that is there      ${spread(await each(awaiting), whole)} bytes`)
  claim(verifying.median <= KIB, `${spread(verifying, whole)} bytes a verification`, `at most ${whole(KIB)}`)
  await keys.close()
}

/** Accepted, refused for a permission, mistyped: nothing of them stays. */
async function growth(): Promise<void> {
  const { keys, untilUsesAreWritten } = open(FEW)
  const known = tokens(FEW, i => i)
  const bad = mistyped(tokenOf(3))
  const verifyTimes = async (times: number) => {
    for (let i = 0; i < times; i++) {
      const [token = '', request] =
        i % 10 === 9 ? [bad[i % bad.length], REQUEST] : [known[i % FEW], i % 10 === 8 ? BEYOND : REQUEST]
      const { ok } = await keys.verify(token, request)
      if (ok !== i % 10 < 8) throw new Error('a wrong answer')
      if (i % BLOCK === 0) await new Promise(setImmediate)
    }
    // When keys were last used is in memory until it is written.
    await untilUsesAreWritten()
    return inUseAfterCollection()
  }
  const settled = performance.now() + SETTLED_MS
  while (performance.now() < settled) await verifyTimes(WARM)
  const first = await verifyTimes(WARM)
  let last = first
  const more: number[] = []
  for (let part = 0; part < PARTS; part++) {
    const now = await verifyTimes(VERIFICATIONS / PARTS)
    more.push(((now - last) * PARTS) / VERIFICATIONS)
    last = now
  }
  console.log(`\nIn memory before and after ${whole(VERIFICATIONS)} verifications of ${whole(FEW)} keys`)
  console.log(`  before ${whole(first)}, after ${whole(last)} bytes`)
  const each = figure(more)
  const printed = spread(each, value => value.toFixed(4))
  claim(each.median <= STRAY, `${printed} bytes more a verification, of ${PARTS} parts`, `at most ${STRAY}`)
  await keys.close()
}

/** What a key takes, and what a hit costs among so many. */
async function many(): Promise<void> {
  const clock = clockThatStands()
  const few = open(FEW)
  await verifyEach(
    few.keys,
    tokens(FEW, i => i),
  )
  const before = await inUseAfterCollection()
  const all = open(MANY)
  for (let i = 0; i < MANY; i += BLOCK)
    await verifyEach(
      all.keys,
      tokens(Math.min(BLOCK, MANY - i), j => i + j),
    )
  await all.untilUsesAreWritten()
  const each = ((await inUseAfterCollection()) - before) / MANY
  console.log(`\n${whole(MANY)} keys in memory`)
  claim(each <= KIB, `${whole(each)} bytes a key`, `at most ${whole(KIB)}`)

  /** How many a second of keys at random, of the first so many. */
  const round = async (among: number, present: (tokens: readonly string[]) => Promise<void> | void) => {
    let spent = 0
    for (let block = 0; block < BLOCKS; block++) {
      const presented = tokens(BLOCK, () => Math.floor(Math.random() * among))
      clock.go()
      const started = BY_PROCESSOR.now()
      await present(presented)
      spent += BY_PROCESSOR.now() - started
      clock.stand()
    }
    return (BLOCKS * BLOCK * 1000) / spent
  }
  const inFew = (presented: readonly string[]) => verifyEach(few.keys, presented)
  const inAll = (presented: readonly string[]) => verifyEach(all.keys, presented)
  const [ofFew, sameInAll, ofAll]: [number[], number[], number[]] = [[], [], []]
  for (let i = -1; i < ROUNDS; i++) {
    const rates = [await round(FEW, inFew), await round(FEW, inAll), await round(MANY, inAll)] as const
    if (i < 0) continue // warm-up
    for (const [k, figures] of [ofFew, sameInAll, ofAll].entries()) figures.push(rates[k] ?? 0)
  }
  console.log('\nA valid key, from memory, at random')
  const print = (what: string, rates: number[]) =>
    console.log(`  ${what}`.padEnd(47) + BY_PROCESSOR.print(rates))
  print(`of ${whole(FEW)}, with those in memory`, ofFew)
  print(`of ${whole(FEW)}, with ${whole(MANY)} in memory`, sameInAll)
  print(`of ${whole(MANY)}, with those in memory`, ofAll)
  const times = compare(ofFew, sameInAll, (a, b) => a / b)
  const twoDigits = (value: number) => value.toFixed(2)
  claim(
    times.median <= MOST_TIMES,
    `${spread(times, twoDigits)} times what the same keys cost with ${whole(FEW)} in memory`,
    `at most ${MOST_TIMES}`,
  )
  const floor = await floorAmong(round)
  const among = compare(ofFew, ofAll, (a, b) => a / b)
  console.log(
    `         ${spread(among, twoDigits)} times, of all ${whole(MANY)} alike (a look into a map: ${spread(floor, twoDigits)} times)`,
  )
}

/** How many times as long the floor takes among many: SHA-256, one look into a map, one at what is found. */
async function floorAmong(
  round: (among: number, present: (tokens: readonly string[]) => void) => Promise<number>,
) {
  const digestOf = (token: string) => hash('sha256', token, 'binary')
  const known = new Map(Array.from({ length: MANY }, (_, i) => [digestOf(tokenOf(i)), { found: 1 }]))
  const look = (presented: readonly string[]) => {
    let found = 0
    for (const token of presented) found += known.get(digestOf(token))?.found ?? 0
    if (found !== presented.length) throw new Error('unreachable: all of them are there')
  }
  const [few, all]: [number[], number[]] = [[], []]
  for (let i = 0; i < ROUNDS; i++) {
    few.push(await round(FEW, look))
    all.push(await round(MANY, look))
  }
  return compare(few, all, (a, b) => a / b)
}

/**
 * The monotonic clock of this process, which stands still unless it is told to go: while the keys are read in, and tokens
 * made, nothing in memory grows old.
 */
function clockThatStands(): { go(): void; stand(): void } {
  const real = performance.now.bind(performance)
  let [told, since] = [real(), 0]
  let goes = false
  performance.now = () => (goes ? told + real() - since : told)
  return {
    go() {
      since = real()
      goes = true
    },
    stand() {
      told = performance.now()
      goes = false
    },
  }
}

printMachine(`the median of ${ROUNDS} rounds (lowest to highest)`)
await allocation()
await growth()
await many()
// The timers of what is still open.
process.exit()
