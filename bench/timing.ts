/** Whether the time of a refusal tells what is wrong with a token: an id that is no key's, a wrong secret, a revoked key. */
import { hash } from 'node:crypto'
import mongoose from 'mongoose'
import { type ApiKeys, apiKeys, memoryStore, type Store } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { encodeBase62 } from '../src/key/base62.js'
import { ID_LENGTH } from '../src/key/token.js'
import { startServer } from '../test/support/mongo/server.js'
import { CHECK, checked } from './made-keys.js'
import { claim, printMachine, whole } from './measure.js'
import { difference, median, type Times } from './statistics.js'
import { DIGITS } from './tokens.js'

const SAMPLES = Number(process.env.BENCH_SAMPLES ?? 20_000)
const SAMPLES_ON_MONGO = SAMPLES / 10
/** What a process lets to the store at once of tokens that are no key's is 100: so many a batch, each by a process of its own, as it were. */
const BATCH = 90
const CACHED_KEYS = 30
/** Of each batch these are not counted: what is made at first use is made by them. */
const FIRST = 12
const WARM_BATCHES = 150
/** What two medians may differ by, in ns. */
const MOST = 1_500
const MOST_ON_MONGO = 0.05
/** What a t beyond is taken for a difference. */
const DIFFERENT = 4.5

interface Known {
  readonly token: string
  readonly id: string
}

interface Keys {
  /** In memory when a batch begins. */
  readonly cached: readonly Known[]
  readonly cachedRevoked: readonly Known[]
  /** Not in memory: each is presented once a batch. */
  readonly other: readonly Known[]
  readonly otherRevoked: readonly Known[]
}

/** One way to be wrong: makes the `i`th token of a batch. */
type Sort = (keys: Keys, i: number) => string

const NO_KEY = 'an id that is no key’s'
const CACHED = 'a wrong secret, key in memory'
const LAST_DIGIT = 'the same, only the last digit is wrong'
const SORTS = {
  [NO_KEY]: (_, i) => wrong(`acme_live_${encodeBase62(1e12 + i, ID_LENGTH)}`, i),
  'a wrong secret': ({ other }, i) => wrong(head(pick(other, i)), i),
  'a wrong secret, key revoked': ({ otherRevoked }, i) => wrong(head(pick(otherRevoked, i)), i),
  [CACHED]: ({ cached }, i) => wrong(head(pick(cached, i)), i),
  [LAST_DIGIT]: ({ cached }, i) => lastDigitWrong(pick(cached, i), i),
  'a wrong secret, key revoked, in memory': ({ cachedRevoked }, i) => wrong(head(pick(cachedRevoked, i)), i),
} satisfies Record<string, Sort>
type Name = keyof typeof SORTS
const NAMES = Object.keys(SORTS) as Name[] // those of the table above

printMachine('the median of all samples')
await inMemory()
await onMongo()
process.exit()

async function inMemory(): Promise<void> {
  const store = memoryStore()
  const times = await sample(store, await createKeys(store), SAMPLES)
  console.log(`\nTokens refused, over the memory store: ${whole(SAMPLES)} of each sort, in random order`)
  judge(times, () => MOST)
}

async function onMongo(): Promise<void> {
  const server = await startServer('sidekey-bench')
  const dbName = `sidekey_bench_${process.pid}`
  const connection = await mongoose.createConnection(server.uri, { dbName }).asPromise()
  try {
    const store = mongooseStore(connection)
    await store.ready()
    const made = await createKeys(store)
    const times = await sample(store, made, SAMPLES_ON_MONGO)
    console.log(`\nThe same over MongoDB (${server.described}): ${whole(SAMPLES_ON_MONGO)} of each sort`)
    const floor = await foundOrNot(connection, pick(made.other, 0).id)
    judge(times, base => Math.max(0, floor) + base * MOST_ON_MONGO)
  } finally {
    await connection.dropDatabase()
    await connection.close()
    await server.stop()
  }
}

/** By how much longer the driver itself takes where there is a document, in ns. */
async function foundOrNot(connection: mongoose.Connection, _id: string): Promise<number> {
  const documents = connection.db?.collection<{ _id: string }>('sidekey_keys')
  if (documents === undefined) throw new Error('the connection is not open')
  const ids = [encodeBase62(1e12, ID_LENGTH), _id]
  const times = ids.map(() => new Float64Array(SAMPLES_ON_MONGO))
  for (let i = 0; i < SAMPLES_ON_MONGO; i++) {
    for (const [which, id] of ids.entries()) {
      const started = process.hrtime.bigint()
      await documents.findOne({ _id: id })
      times[which]?.fill(Number(process.hrtime.bigint() - started), i, i + 1)
    }
  }
  const [without, found] = times
  if (without === undefined || found === undefined) throw new Error('unreachable: there are two')
  return tell('floor: findOne by the driver, found or not', without, found).ofMedians
}

function open(store: Store): ApiKeys {
  // Whoever opens it does not close it: many share one.
  return apiKeys({ prefix: 'acme_live', store: { ...store, close: async () => {} } })
}

async function createKeys(store: Store): Promise<Keys> {
  const keys = open(store)
  const some = async (count: number) => {
    const made: Known[] = []
    for (let i = 0; i < count; i++) {
      const { token, apiKey } = await keys.create({ name: 'bench', owner: { id: 'alice' } })
      made.push({ token, id: apiKey.id })
    }
    return made
  }
  const made = {
    cached: await some(CACHED_KEYS),
    cachedRevoked: await some(CACHED_KEYS),
    other: await some(BATCH),
    otherRevoked: await some(BATCH),
  }
  for (const { id } of [...made.cachedRevoked, ...made.otherRevoked]) await keys.revoke(id)
  await keys.close()
  return made
}

/** Times of so many of each sort, all in one random order. */
async function sample(store: Store, made: Keys, samples: number): Promise<Record<Name, Times>> {
  const times = Object.fromEntries(NAMES.map(name => [name, new Float64Array(samples)])) as Record<
    Name,
    Times
  >
  const counts = new Map<Name, number>()
  const words = new Set<string>()
  for (let batch = 0; NAMES.some(name => (counts.get(name) ?? 0) < samples); batch++) {
    const keys = open(store)
    for (const { token } of [...made.cached, ...made.cachedRevoked]) await keys.verify(token)
    const order = Array.from({ length: BATCH }, () => pick(NAMES, Math.floor(Math.random() * NAMES.length)))
    const tokens = order.map((name, i) => flat(SORTS[name](made, i)))
    for (const [i, token] of tokens.entries()) {
      const started = process.hrtime.bigint()
      const answer = await keys.verify(token)
      const ns = Number(process.hrtime.bigint() - started)
      words.add(JSON.stringify(answer))
      const name = pick(order, i)
      const count = counts.get(name) ?? 0
      if (batch < Math.min(WARM_BATCHES, samples / 40) || i < FIRST || count >= samples) continue
      times[name][count] = ns
      counts.set(name, count + 1)
    }
    await keys.close()
  }
  if (words.size > 1) throw new Error(`the answers differ: ${[...words].join(' ')}`)
  return times
}

/** The difference of each sort to an id that is no key's; and of that one to itself, which tells what is noise. */
function judge(times: Record<Name, Times>, most: (base: number) => number): void {
  const base = times[NO_KEY]
  const limit = most(median(base))
  for (const name of NAMES) console.log(`  ${name.padEnd(44)} ${whole(median(times[name]))} ns`)
  console.log('differences to the first, of medians (99 % of resamples), and Welch’s t')
  const [even, odd] = [0, 1].map(rest => base.filter((_, i) => i % 2 === rest))
  if (even !== undefined && odd !== undefined) tell('noise: the first, one half to the other', even, odd)
  for (const name of NAMES.slice(1)) {
    const { ofMedians, from, to } = tell(name, base, times[name])
    // Missed where the samples leave no doubt.
    const met = from <= limit && to >= -limit
    claim(met, `${whole(ofMedians)} ns for ${name}`, `at most ${whole(limit)} either way`)
  }
  const { t } = tell('only the last digit, to all the secret', times[CACHED], times[LAST_DIGIT])
  claim(
    Math.abs(t) <= DIFFERENT,
    `t ${t.toFixed(1)} for how much of a secret is right`,
    `at most ${DIFFERENT}`,
  )
}

function tell(name: string, a: Times, b: Times) {
  const found = difference(a, b)
  const { ofMedians, from, to, t } = found
  console.log(
    `  ${name.padEnd(44)} ${whole(ofMedians)} (${whole(from)} to ${whole(to)}) ns, t ${t.toFixed(1)}`,
  )
  return found
}

/** What a token has before its secret. */
function head({ token }: Known): string {
  return token.slice(0, token.lastIndexOf('_'))
}

function wrong(head: string, i: number): string {
  return checked(`${head}_${hash('sha256', `${head}${i}`).slice(0, 43)}`)
}

function lastDigitWrong({ token }: Known, i: number): string {
  const body = token.slice(0, -CHECK)
  const digit = DIGITS.indexOf(body.at(-1) ?? '')
  return checked(body.slice(0, -1) + DIGITS[(digit + 1 + (i % (DIGITS.length - 1))) % DIGITS.length])
}

/** As a token comes from a header: not in pieces, which whoever reads it first would have to put together. */
function flat(token: string): string {
  return Buffer.from(token, 'latin1').toString('latin1')
}

function pick<T>(values: readonly T[], i: number): T {
  const value = values[i % values.length]
  if (value === undefined) throw new Error('there is nothing to pick from')
  return value
}
