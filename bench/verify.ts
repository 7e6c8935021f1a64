/** What one verification costs beside better-auth, how fast bad tokens are refused, what MongoDB is asked. */
import mongoose, { type Connection } from 'mongoose'
import { type ApiKeysOptions, apiKeys, memoryStore, type Store, type Verification } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { startServer } from '../test/support/mongo/server.js'
import { BETTER_AUTH, betterAuthVerification, type Storage } from './better-auth.js'
import { storeOfMadeKeys, tokenOf } from './made-keys.js'
import {
  BY_CLOCK,
  BY_PROCESSOR,
  claim,
  compare,
  figure,
  hashingFloor,
  printMachine,
  repeating,
  sideBySide,
  spread,
  toMicroseconds,
  whole,
} from './measure.js'
import { countCalls, malformed, mistyped } from './tokens.js'

const TIMES_FASTER = 300
/** So many times the floor at most. */
const TIMES_FLOOR = 3
/** The first sight of a key on Mongo, beside a bare findOne, at most. */
const TIMES_FIND = 1.2
const REFUSALS_A_SECOND = 500_000
const COUNTED = 100
const WARMING = 20_000
const REQUEST = { permissions: 'reports:read' } as const

/** `grants` names permissions, so each verification cuts the key to them; `['*']` would be a shortcut. */
function open(store: Store, options: Pick<ApiKeysOptions, 'cache'> = {}) {
  return apiKeys({
    ...options,
    prefix: 'acme_live',
    store,
    permissions: ['reports:read', 'reports:write'],
    grants: () => ['reports:read', 'reports:write'],
  })
}

async function newToken(keys: ReturnType<typeof open>): Promise<string> {
  const created = await keys.create({ name: 'bench', owner: { id: 'alice' }, permissions: ['reports:read'] })
  return created.token
}

const isAccepted = (verification: Verification) => verification.ok
const isRefused = (verification: Verification) => !verification.ok && verification.code === 'KEY_INVALID'

/** Both verify a valid key with one permission, in one process: sidekey from what it has in memory. */
async function besideBetterAuth(): Promise<void> {
  const keys = open(memoryStore())
  const token = await newToken(keys)
  const theirs = async (storage: Storage) => {
    const verify = await betterAuthVerification(storage)
    return repeating(`better-auth ${BETTER_AUTH}, ${storage}`, verify, ({ valid }) => valid)
  }
  const [floor = [], ours = [], inAdapter = [], inStorage = []] = await sideBySide(
    'A valid key, from memory',
    BY_PROCESSOR,
    [
      hashingFloor(token),
      repeating('sidekey, from memory', () => keys.verify(token, REQUEST), isAccepted),
      await theirs('memory adapter'),
      await theirs('secondary storage'),
    ],
  )
  const times = (them: readonly number[]) => compare(ours, them, (a, b) => a / b)
  const print = (value: number) => value.toFixed(1)
  const faster = `${spread(times(inAdapter), print)} times as fast as with the memory adapter`
  const ofFloor = compare(floor, ours, (a, b) => a / b)
  claim(
    ofFloor.median <= TIMES_FLOOR,
    `${spread(ofFloor, value => value.toFixed(2))} times the floor`,
    `at most ${TIMES_FLOOR}`,
  )
  claim(times(inAdapter).median >= TIMES_FASTER, faster, `at least ${TIMES_FASTER}`)
  console.log(`         ${spread(times(inStorage), print)} times as fast as with the secondary storage`)
}

/** Tokens that are none of ours, or ours with a slip of the finger: no store is asked, and it is fast. */
async function badTokens(): Promise<void> {
  const { store, calls } = countCalls(memoryStore())
  const keys = open(store)
  const token = await newToken(keys)
  const before = calls()

  const refusing = (name: string, tokens: readonly string[]) => {
    let next = 0
    const verify = () => keys.verify(tokens[next++ % tokens.length], REQUEST)
    return repeating(`${name} (${tokens.length} different ones)`, verify, isRefused)
  }
  const rates = await sideBySide('Bad tokens refused, on one core', BY_PROCESSOR, [
    refusing('malformed', malformed(token)),
    refusing('mistyped', mistyped(token)),
  ])
  for (const [i, name] of ['malformed', 'mistyped'].entries()) {
    const { median } = figure(rates[i] ?? [])
    const claimed = `at least ${whole(REFUSALS_A_SECOND)}`
    claim(median >= REFUSALS_A_SECOND, `${whole(median)} ${name} tokens refused a second`, claimed)
  }
  claim(calls() === before, `${calls() - before} store calls for all of them`, 'none')
}

/** One verification against a server, by the commands that the driver sends, and by its time. */
async function onMongo(): Promise<void> {
  const server = await startServer('sidekey-bench')
  try {
    const dbName = `sidekey_bench_${process.pid}`
    const connecting = mongoose.createConnection(server.uri, { dbName, monitorCommands: true })
    const connection = await connecting.asPromise()
    try {
      await verifyOnMongo(connection, server.described)
    } finally {
      await connection.dropDatabase()
      await connection.close()
    }
  } finally {
    await server.stop()
  }
}

async function verifyOnMongo(connection: Connection, described: string): Promise<void> {
  const store = mongooseStore(connection)
  await store.ready()
  await warmUpFirstSights()
  // Each verification as the first: nothing is kept.
  const keys = open(store, { cache: false })
  const token = await newToken(keys)
  const verifying = repeating(
    'sidekey, the first sight of a key',
    () => keys.verify(token, REQUEST),
    isAccepted,
  )
  const commands = await fewestCommands(connection, () => verifying.run(COUNTED))

  const documents = connection.db?.collection<{ _id: string }>('sidekey_keys')
  const _id = (await keys.lookup(token))?.id
  if (documents === undefined || _id === undefined) throw new Error('unreachable: the key was just verified')
  const floor = repeating(
    'floor: findOne by _id through the driver',
    () => documents.findOne({ _id }),
    document => document !== null,
  )
  const title = `A valid key, from MongoDB (${described}), one at a time`
  const [bare = [], ours = []] = await sideBySide(title, BY_CLOCK, [floor, verifying])

  const finds = commands.filter(name => name === 'find').length
  const counted = `${commands.length} commands for ${COUNTED} verifications, ${finds} of them find`
  claim(commands.length === COUNTED && finds === COUNTED, counted, 'exactly one find each')
  const more = compare(ours, bare, (a, b) => toMicroseconds(a) - toMicroseconds(b))
  const times = compare(bare, ours, (a, b) => a / b)
  claim(
    times.median <= TIMES_FIND,
    `${spread(times, value => value.toFixed(2))} times a bare findOne`,
    `at most ${TIMES_FIND}`,
  )
  console.log(`         ${spread(more, whole)} us more than the bare findOne`)
}

/**
 * First sights by a store that answers at once. At a thousand a second neither contestant would be compiled for long; the driver is,
 * by both of them.
 */
async function warmUpFirstSights(): Promise<void> {
  const keys = open(storeOfMadeKeys().store, { cache: false })
  for (let n = 0; n < WARMING; n++)
    if (!(await keys.verify(tokenOf(n), REQUEST)).ok) throw new Error('unreachable: every key is there')
}

/** Of three times, so that a turn of the sweep is not taken for a part of a verification, which is in each. */
async function fewestCommands(connection: Connection, work: () => Promise<void> | void): Promise<string[]> {
  let fewest = await commandsOf(connection, work)
  for (let more = 0; more < 2; more++) {
    const commands = await commandsOf(connection, work)
    if (commands.length < fewest.length) fewest = commands
  }
  return fewest
}

/** The names of all commands that the driver sends while `work` goes on. */
async function commandsOf(connection: Connection, work: () => Promise<void> | void): Promise<string[]> {
  const names: string[] = []
  const listener = ({ commandName }: { commandName: string }) => names.push(commandName)
  const client = connection.getClient()
  client.on('commandStarted', listener)
  await work()
  client.off('commandStarted', listener)
  return names
}

printMachine()
await besideBetterAuth()
await badTokens()
await onMongo()
