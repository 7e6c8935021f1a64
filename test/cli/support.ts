/** Runs the built program: within a process that a test file keeps, or as a process of its own, as its users do. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import type { Asked } from './resident.mjs'

const ROOT = resolve(__dirname, '../..')
export const PROGRAM = join(ROOT, 'dist/cli/main.js')
/** What a config imports. */
export const BUILT = pathToFileURL(join(ROOT, 'dist/index.js')).href
export const BUILT_MONGOOSE = pathToFileURL(join(ROOT, 'dist/store/mongoose/index.js')).href
/** Not in the system's own folder: the packages that a config imports are found from here. */
const CACHE = join(ROOT, 'node_modules/.cache/sidekey-cli')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What comes on standard input. */
  readonly input?: string | Uint8Array
}

/** Without what the tests' own environment says. */
const {
  MONGODB_URI: _,
  NO_COLOR: __,
  FORCE_COLOR: ___,
  NODE_OPTIONS: ____,
  CI: _____,
  ...OUTSIDE
} = process.env

export interface ResidentOptions extends RunOptions {
  /** The width of the terminal that it writes to; without it there is none. */
  readonly columns?: number
}

/**
 * Runs it within a process that is kept for all runs of a test file: no run pays for a start, and what is shown is what the program
 * itself does. Where signals, the end of the process or a real terminal matter: `runProcess`, `start`, `inTerminal`.
 */
export async function run(
  args: readonly string[],
  { cwd = ROOT, env = {}, input = '', columns }: ResidentOptions = {},
): Promise<Ended> {
  const before = last
  let done = () => {}
  last = new Promise(resolve => {
    done = resolve
  })
  await before // the working directory is the process's: one at a time
  try {
    const asked: Asked = { args, cwd, env, input: Buffer.from(input).toString('base64'), columns }
    return await answerOf(asked)
  } finally {
    done()
  }
}

let resident: ChildProcess | null = null
let last: Promise<void> = Promise.resolve()
afterAll(() => void resident?.kill())

function answerOf(asked: Asked): Promise<Ended> {
  resident ??= fork(join(__dirname, 'resident.mjs'), [built()], { env: OUTSIDE, stdio: 'inherit' })
  const child = resident
  return new Promise((done, failed) => {
    const onExit = (code: number | null) => failed(new Error(`the resident process has ended with ${code}`))
    child.once('exit', onExit)
    child.once('message', answer => {
      child.off('exit', onExit)
      done(answer as Ended) // by resident.mjs
    })
    child.send(asked)
  })
}

function built(): string {
  if (!existsSync(PROGRAM)) throw new Error('there is no build: "npm run build" first')
  return PROGRAM
}

export function start(args: readonly string[], { cwd = ROOT, env = {} }: RunOptions = {}): ChildProcess {
  return spawn(process.execPath, [built(), ...args], { cwd, env: { ...OUTSIDE, ...env } })
}

export function ended(child: ChildProcess): Promise<Ended> {
  const text = { stdout: '', stderr: '' }
  child.stdout?.on('data', chunk => {
    text.stdout += chunk
  })
  child.stderr?.on('data', chunk => {
    text.stderr += chunk
  })
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', code => done({ code, ...text }))
  })
}

/** Runs it as a process of its own. */
export function runProcess(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = start(args, options)
  child.stdin?.on('error', () => {}) // it may end before it has read all
  child.stdin?.end(options.input ?? '')
  return ended(child)
}

/** What a terminal shows. */
export interface Terminal {
  /** Resolves once this is on the screen. */
  until(text: string): Promise<void>
  type(text: string): void
  /** All that was written to the terminal, once the program has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly screen: string }>
}

/** Runs it in a pseudo-terminal (by `script` of util-linux). */
export function inTerminal(
  args: readonly string[],
  { cwd = ROOT, env = {}, columns = 80 }: RunOptions & { readonly columns?: number } = {},
): Terminal {
  const quoted = [process.execPath, PROGRAM, ...args].map(arg => `'${arg}'`).join(' ')
  const child = spawn('script', ['-qec', `stty cols ${columns}; ${quoted}`, '/dev/null'], {
    cwd,
    env: { ...OUTSIDE, TERM: 'xterm-256color', ...env },
  })
  let screen = ''
  const waiting = new Set<() => void>()
  child.stdout.on('data', chunk => {
    screen += chunk
    for (const look of waiting) look()
  })
  const over = new Promise<{ code: number | null; screen: string }>((done, failed) => {
    child.once('error', failed)
    child.once('close', code => done({ code, screen }))
  })
  return {
    ended: over,
    type: text => void child.stdin.write(text),
    until: text =>
      new Promise((done, failed) => {
        const look = () => {
          if (!screen.includes(text)) return
          waiting.delete(look)
          done()
        }
        waiting.add(look)
        look()
        over.then(() => failed(new Error(`the program has ended without "${text}": ${screen}`)), failed)
      }),
  }
}

export interface Folder {
  readonly path: string
  write(name: string, text: string | Uint8Array): string
  remove(): void
}

/** A folder of a test's own. */
export function openFolder(): Folder {
  mkdirSync(CACHE, { recursive: true })
  const path = mkdtempSync(join(CACHE, 'run-'))
  return {
    path,
    write(name, text) {
      const file = join(path, name)
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, text)
      return file
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** A config over the memory store, with what `body` does to `keys`. */
export function memoryConfig(body = '', options = "prefix: 'acme_test'"): string {
  return `import { apiKeys, memoryStore } from '${BUILT}'
export const keys = apiKeys({ ${options}, store: memoryStore() })
${body}
`
}

/** A database of a test's own, and its address with its name in it. */
export async function databaseWithUri(): Promise<TestDatabase & { readonly address: string }> {
  const database = await openDatabase()
  const url = new URL(database.uri.replace(/^mongodb/, 'http'))
  url.pathname = `/${database.name}`
  if (url.username !== '' && !url.searchParams.has('authSource')) url.searchParams.set('authSource', 'admin')
  return { ...database, address: url.href.replace(/^http/, 'mongodb') }
}

export function json<T = Record<string, unknown>>({ stdout }: Pick<Ended, 'stdout'>): T {
  return JSON.parse(stdout) as T // what the program has just written
}
