/** What verification allocates, that it leaves nothing behind, what a key in memory takes, and what many cost. */
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
const STRAY = 0.01
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

  const round = async ({ keys }: typeof few, among: number) => {
    let spent = 0
    for (let block = 0; block < BLOCKS; block++) {
      const presented = tokens(BLOCK, () => Math.floor(Math.random() * among))
      clock.go()
      const started = BY_PROCESSOR.now()
      await verifyEach(keys, presented)
      spent += BY_PROCESSOR.now() - started
      clock.stand()
    }
    return (BLOCKS * BLOCK * 1000) / spent
  }
  const [rates, ratesOfFew]: [number[], number[]] = [[], []]
  for (let i = -1; i < ROUNDS; i++) {
    const [inFew, inMany] = [await round(few, FEW), await round(all, MANY)]
    if (i < 0) continue // warm-up
    ratesOfFew.push(inFew)
    rates.push(inMany)
  }
  console.log(`\nA valid key, from memory, at random`)
  console.log(`  of ${whole(FEW)}`.padEnd(47) + BY_PROCESSOR.print(ratesOfFew))
  console.log(`  of ${whole(MANY)}`.padEnd(47) + BY_PROCESSOR.print(rates))
  const times = compare(ratesOfFew, rates, (a, b) => a / b)
  claim(
    times.median <= MOST_TIMES,
    `${spread(times, value => value.toFixed(2))} times what a hit costs among ${whole(FEW)}`,
    `at most ${MOST_TIMES}`,
  )
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
