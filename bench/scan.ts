/** How fast `sidekey scan` reads: the program as it was built, over files of text in which a few tokens are. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { newKeyId, newToken } from '../src/key/token.js'
import { claim, printMachine, whole } from './measure.js'

const PROGRAM = resolve('dist/cli/main.js')
const LINE = "  const words_and_names_in_it = call(1, 2, 'three') // ordinary text of a program\n"
const MEGABYTES = 256
const FILES = 64
const ROUNDS = 5
/** MB a second. */
const LEAST = 25

printMachine('MB a second by the clock, the start of the program with it')
const folder = mkdtempSync(join(tmpdir(), 'sidekey-scan-'))
try {
  const text = LINE.repeat((MEGABYTES * 1e6) / FILES / LINE.length)
  for (let i = 0; i < FILES; i++) {
    writeFileSync(join(folder, `${i}.js`), `${text}${newToken('acme_live', newKeyId(Date.now())).token}\n`)
  }
  for (const [what, args] of [
    ['any prefix', []],
    ['one prefix', ['--prefix', 'acme_live']],
  ] as const) {
    const rates = Array.from({ length: ROUNDS }, () => rateOf(args)).sort((a, b) => a - b)
    const median = rates[Math.floor(ROUNDS / 2)] ?? 0
    const spread = `${whole(rates[0] ?? 0)} to ${whole(rates.at(-1) ?? 0)}`
    claim(median >= LEAST, `${what}: ${whole(median)} (${spread})`, `at least ${LEAST}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function rateOf(args: readonly string[]): number {
  const started = performance.now()
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, 'scan', folder, '--json', ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  const seconds = (performance.now() - started) / 1000
  const { found } = JSON.parse(stdout) as { found: unknown[] } // the program's own
  if (status !== 1 || found.length !== FILES) throw new Error(`found ${found.length} of ${FILES}`)
  return MEGABYTES / seconds
}
