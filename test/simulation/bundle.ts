/** The simulation with the library's sources in one file, as they are or with a mutant's changes. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Patch } from '../support/patching.js'
import { patching } from '../support/patching.js'
import type * as program from './program.js'

/** The project's. */
const ROOT = process.cwd()
const OUT = join(ROOT, 'node_modules/.cache/sidekey-simulation')

export type Simulation = typeof program

const KNOWLEDGE = 'src/verify/knowledge.ts'
const HEARING = 'src/verify/hearing.ts'
/** What takes minutes takes as long, beside a poll of 20 ms, as is worth a schedule's while; and few do what many do. */
const SHORTENED: readonly Patch[] = [
  { file: KNOWLEDGE, from: 'REFRESH_MS = 30_000', to: 'REFRESH_MS = 60' },
  { file: KNOWLEDGE, from: 'MAX_AGE_MS = 60_000', to: 'MAX_AGE_MS = 120' },
  { file: HEARING, from: 'IDLE_MS = 60_000', to: 'IDLE_MS = 100' },
  { file: KNOWLEDGE, from: 'READS_AT_ONCE = 32', to: 'READS_AT_ONCE = 2' },
]

let bundles = 0

/** @throws Error for a change that does not apply exactly once. */
export async function bundle(mutations: readonly Patch[]): Promise<Simulation> {
  const patches = [...SHORTENED, ...mutations]
  const outfile = join(OUT, `${process.pid}-${bundles++}.mjs`)
  mkdirSync(OUT, { recursive: true })
  await build({
    entryPoints: [join(ROOT, 'test/simulation/program.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
    plugins: [patching(patches)],
  })
  try {
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(outfile)
  }
}
