/** What a process asks of MongoDB: nothing when it is idle, and when it is busy as much whatever it verifies. */
import mongoose from 'mongoose'
import { type ApiKeys, apiKeys } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { startServer } from '../test/support/mongo/server.js'
import { claim, printMachine, whole } from './measure.js'

const POLL_MS = 250
/** The rounds of a process begin 0.9 to 1.1 polls apart. */
const SHORTEST_MS = 0.9 * POLL_MS
const A_POLL = 2
/** What is done once a minute is in it, whenever it began. */
const WATCHED_MS = 60_000
/** A minute, and what it takes until the next round sees that it is over. */
const IDLE_MS = 62_000

/** How often each command was sent, by its name and what it was sent to. */
type Commands = ReadonlyMap<string, number>

printMachine('a count')
const server = await startServer('sidekey-bench')
const dbName = `sidekey_bench_${process.pid}`
const connection = await mongoose.createConnection(server.uri, { dbName, monitorCommands: true }).asPromise()
try {
  const store = mongooseStore(connection)
  await store.ready()
  const keys = apiKeys({ prefix: 'acme_live', store, coherence: { pollMs: POLL_MS } })
  const { token } = await keys.create({ name: 'bench', owner: { id: 'alice' } })
  console.log(`server: ${server.described}; a poll is ${POLL_MS} ms`)
  await busy(keys, token, 100)
  await busy(keys, token, 1)
  await idle()
  await keys.close()
} finally {
  await connection.dropDatabase()
  await connection.close()
  await server.stop()
}

/** Verifies in bursts of as many as fit into so many ms, with as long a rest after each. */
async function busy(keys: ApiKeys, token: string, everyMs: number): Promise<void> {
  await keys.verify(token)
  await new Promise(resolve => setTimeout(resolve, 4 * POLL_MS)) // it has its lease by then
  let verified = 0
  const started = performance.now()
  const commands = await commandsDuring(async () => {
    while (performance.now() - started < WATCHED_MS) {
      const burst = everyMs === 1 ? 100 : 1
      for (let i = 0; i < burst; i++) {
        if (!(await keys.verify(token)).ok) throw new Error('refused')
        verified++
      }
      await new Promise(resolve => setTimeout(resolve, everyMs))
    }
  })
  const seconds = (performance.now() - started) / 1000
  console.log(`\nBusy: ${whole(verified / seconds)} verifications a second, for ${seconds.toFixed(0)} s`)
  print(commands)
  const rounds = count(commands, /_leases$/)
  const polls = count(commands, /_(changes|leases)$/)
  const most = Math.ceil((seconds * 1000) / SHORTEST_MS)
  claim(
    polls <= A_POLL * rounds + 1 && rounds <= most + 1,
    `${polls} commands to hear of changes, in ${rounds} rounds`,
    `at most ${A_POLL} a round, and a round at most every ${SHORTEST_MS} ms`,
  )
  const others = count(commands, /./) - polls
  claim(others <= polls / 7, `${others} other commands`, `at most a seventh of those, whatever is verified`)
}

async function idle(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, IDLE_MS))
  const commands = await commandsDuring(() => new Promise(resolve => setTimeout(resolve, WATCHED_MS)))
  console.log(`\nIdle: ${IDLE_MS / 1000} s after the last verification, for ${WATCHED_MS / 1000} s`)
  print(commands)
  claim(count(commands, /./) === 0, `${count(commands, /./)} commands`, 'none')
}

function print(commands: Commands): void {
  for (const [name, times] of [...commands].sort(([, a], [, b]) => b - a))
    console.log(`  ${name.padEnd(44)} ${times}`)
}

function count(commands: Commands, name: RegExp): number {
  let sum = 0
  for (const [command, times] of commands) if (name.test(command)) sum += times
  return sum
}

async function commandsDuring(work: () => Promise<void>): Promise<Commands> {
  const commands = new Map<string, number>()
  const listener = ({ commandName, command }: { commandName: string; command: Record<string, unknown> }) => {
    const name = `${commandName} ${String(command[commandName])}`
    commands.set(name, (commands.get(name) ?? 0) + 1)
  }
  const client = connection.getClient()
  client.on('commandStarted', listener)
  await work()
  client.off('commandStarted', listener)
  return commands
}
