/**
 * A real server that speaks MongoDB's protocol, in this order: `MONGODB_URI`; `mongod` on the PATH;
 * mongodb-memory-server (downloads one); FerretDB over PostgreSQL/DocumentDB (`ferretdb.sh`). Where none can be had,
 * the tests fail and say what to set.
 */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import mongoose from 'mongoose'

const run = promisify(execFile)

export interface TestServer {
  readonly uri: string
  /** What it is, for the report. */
  readonly described: string
  stop(): Promise<void>
}

/** A server that a test may do anything to: it is nobody else's. */
export interface OwnServer extends TestServer {
  /** `kill -9`: nothing is flushed. Its data stay. */
  crash(): Promise<void>
  /** Starts it again where it was, with the data that it had; resolves once it answers. */
  restart(): Promise<void>
}

interface Way<S extends TestServer> {
  readonly described: string
  usable(): boolean
  start(name: string): Promise<Omit<S, 'described'>>
}

const FERRETDB_SCRIPT = resolve(__dirname, 'ferretdb.sh')
const FERRETDB_STATE =
  process.env.FERRETDB_STATE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ferretdb-dev')

const GIVEN: Way<TestServer> = {
  described: 'MONGODB_URI',
  usable: () => Boolean(process.env.MONGODB_URI),
  start: async () => ({ uri: process.env.MONGODB_URI ?? '', stop: async () => {} }),
}

const OWN: readonly Way<OwnServer>[] = [
  {
    described: 'mongod',
    usable: () => spawnSync('mongod', ['--version']).status === 0,
    start: () => startMongod('mongod'),
  },
  {
    described: 'mongodb-memory-server',
    // FerretDB is there only where an earlier download has failed: then this is not tried again.
    usable: () => !existsSync(join(FERRETDB_STATE, 'ready')),
    start: startDownloaded,
  },
  {
    described: 'FerretDB',
    usable: () => process.platform === 'linux' && process.getuid?.() === 0,
    start: startFerretdb,
  },
]

/** Starts a server of the first kind that can be had, with data of its own under `name`. */
export function startServer(name: string): Promise<TestServer> {
  return startFirst([GIVEN, ...OWN], name)
}

/** The same, but never that of `MONGODB_URI`, which is not a test's to kill. */
export function startOwnServer(name: string): Promise<OwnServer> {
  return startFirst(OWN, name)
}

async function startFirst<S extends TestServer>(ways: readonly Way<S>[], name: string) {
  const tried: string[] = []
  for (const { described, usable, start } of ways) {
    if (!usable()) continue
    // A free port may be taken by somebody else before the server has it: once more, then.
    for (const attempt of ['', '-again']) {
      let server: Omit<S, 'described'> | undefined
      try {
        server = await start(name + attempt)
        await checkAnswers(server.uri)
        return { ...server, described }
      } catch (error) {
        tried.push(`${described}: ${firstLine(error)}`)
        await server?.stop()
        if (server === undefined) break
      }
    }
  }
  throw new Error(
    'These tests need a server that speaks MongoDB’s protocol, and none could be had. Set MONGODB_URI, ' +
      'or put mongod on the PATH; or, on Debian as root, have go and apt-get for test/support/mongo/ferretdb.sh.\n' +
      tried.map(line => `  tried ${line}`).join('\n'),
  )
}

async function startMongod(program: string): Promise<Omit<OwnServer, 'described'>> {
  const data = mkdtempSync(join(tmpdir(), 'sidekey-mongod-'))
  const port = await freePort()
  const uri = `mongodb://127.0.0.1:${port}`
  const begin = () =>
    spawn(program, ['--dbpath', data, '--port', String(port), '--bind_ip', '127.0.0.1'], { stdio: 'ignore' })
  let server = begin()
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const gone = new Promise(done => server.once('exit', done))
    server.kill(signal)
    await gone
  }
  return {
    uri,
    crash: () => end('SIGKILL'),
    async restart() {
      server = begin()
      await checkAnswers(uri)
    },
    async stop() {
      await end('SIGTERM')
      rmSync(data, { recursive: true, force: true })
    },
  }
}

async function startDownloaded(): Promise<Omit<OwnServer, 'described'>> {
  const { MongoBinary } = await import('mongodb-memory-server-core')
  const { error } = console
  console.error = () => {} // it prints the whole error that it then throws
  try {
    return await startMongod(await MongoBinary.getPath())
  } finally {
    console.error = error
  }
}

async function startFerretdb(name: string): Promise<Omit<OwnServer, 'described'>> {
  const ferretdb = (command: string) => run('bash', [FERRETDB_SCRIPT, command, name], { maxBuffer: 2 ** 26 })
  const { stdout } = await ferretdb('up')
  const uri = stdout.trim()
  return {
    uri,
    crash: async () => void (await ferretdb('crash')),
    async restart() {
      await ferretdb('start')
      await checkAnswers(uri)
    },
    stop: async () => void (await ferretdb('down')),
  }
}

async function checkAnswers(uri: string): Promise<void> {
  const connection = mongoose.createConnection(uri, { serverSelectionTimeoutMS: 10_000 })
  try {
    await connection.asPromise()
    await connection.db?.command({ ping: 1 })
  } finally {
    await connection.close()
  }
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer().once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => found(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n', 1)[0] ?? ''
}
