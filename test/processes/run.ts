/** Builds and runs processes of their own for tests. */
import { type ChildProcess, execFile, fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bundle } from '../support/bundle.js'

const ROOT = resolve(__dirname, '../..')
/** Not in the system's own folder: the packages that the program imports are found from here. */
const CACHE = join(ROOT, 'node_modules/.cache/sidekey-processes')

export interface Program {
  /** Runs it with this order, until it ends by `SIGKILL`; resolves to what it wrote. */
  runUntilKilled(order: unknown): Promise<string>
  /** Runs it beside the test, which it talks with by messages. */
  fork(order: unknown): ChildProcess
  remove(): void
}

/** A program of this folder, with the sources that it uses in one file: so each of its processes starts fast. */
export function build(name: string): Program {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'run-'))
  const program = join(folder, 'program.mjs')
  bundle(join(__dirname, name), program)
  return {
    runUntilKilled: order =>
      new Promise((done, failed) => {
        execFile(
          process.execPath,
          [program, JSON.stringify(order)],
          { timeout: 15_000 },
          (error, stdout, stderr) => {
            if (error?.signal === 'SIGKILL' && !error.killed) done(stdout)
            else failed(new Error(`not killed: ${error?.message ?? 'it ended by itself'} ${stderr}`))
          },
        )
      }),
    fork: order => fork(program, [JSON.stringify(order)], { serialization: 'advanced', execArgv: [] }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
