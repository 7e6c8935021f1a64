/** Processes of this version and of a later one, over one database. */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { type Patch, patching } from '../support/patching.js'
import type { Answer, Order } from './program.js'

/** The packages that a program imports are found from here. */
const CACHE = resolve('node_modules/.cache/sidekey-rolling')

export interface Version {
  start(order: Order): Promise<Running>
  remove(): void
}

export interface Running {
  /** Resolves to what the method answers, as JSON has it; rejects with the code of its refusal. */
  // biome-ignore lint/suspicious/noExplicitAny: what came over from another process; the test says what it expects
  call(method: string, ...args: readonly unknown[]): Promise<any>
  /** Resolves once the process is gone. */
  readonly ended: Promise<void>
  end(): Promise<void>
}

/** The sources, with these changes, in one file. */
export async function buildVersion(patches: readonly Patch[]): Promise<Version> {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'run-'))
  const program = join(folder, 'program.mjs')
  await build({
    entryPoints: [join(__dirname, 'program.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
    plugins: [patching(patches)],
  })
  return {
    start: order => running(fork(program, [JSON.stringify(order)], { execArgv: [] })),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function running(child: ChildProcess): Promise<Running> {
  const waiting = new Map<number, (answer: Answer) => void>()
  const ended = new Promise<void>(done => child.once('exit', () => done()))
  const gone = ended.then((): Answer => ({ n: 0, failed: 'ENDED' }))
  const first = new Promise<Answer>(done => waiting.set(0, done))
  child.on('message', (answer: Answer) => waiting.get(answer.n)?.(answer))
  if ((await Promise.race([first, gone])).failed !== undefined) throw new Error('it did not start')
  let calls = 0
  return {
    ended,
    async call(method, ...args) {
      const n = ++calls
      const answered = new Promise<Answer>(done => waiting.set(n, done))
      child.send({ n, method, args })
      const { result, failed } = await Promise.race([answered, gone])
      if (failed !== undefined) throw new Error(failed)
      return result
    },
    async end() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
