/**
 * Runs the benches: `npm run bench` all of them, `npm run bench -- verify` those that are named. `--all` writes docs/benchmarks.md of
 * all, `--report FILE` another page. Each is bundled by esbuild and run in a process of its own. Packages stay outside the bundle, and
 * `sidekey` is one of them: what is measured is what was built into dist/.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundled } from '../scripts/bundled.mjs'
import { reportOf } from './report.mjs'

/** By name, with the flags that Node is given. */
const BENCHES = {
  verify: [],
  http: [],
  memory: ['--max-old-space-size=8192'],
  timing: [],
  fleet: [],
  idle: [],
  revoke: [],
  lists: [],
  limits: [],
  ui: [],
  scan: [],
  import: [],
  telemetry: [],
  start: [],
  beside: [],
}
const HERE = dirname(fileURLToPath(import.meta.url))

const PAGE = 'docs/benchmarks.md'

/** Runs one; what it prints is shown at once, and kept. */
async function run(bench) {
  const bundle = join(HERE, '.out', `${bench}.mjs`)
  await bundled(join(HERE, `${bench}.ts`), bundle)
  const began = performance.now()
  const child = spawn(process.execPath, ['--enable-source-maps', ...BENCHES[bench], bundle], {
    cwd: join(HERE, '..'),
    stdio: ['inherit', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    process.stdout.write(text)
    output += text
  })
  const [status] = await once(child, 'close')
  return { bench, output, status: status ?? 1, seconds: Math.round((performance.now() - began) / 1000) }
}

const { values, positionals: named } = parseArgs({
  options: { all: { type: 'boolean', default: false }, report: { type: 'string' } },
  allowPositionals: true,
})
const unknown = named.filter(name => !Object.hasOwn(BENCHES, name))
if (unknown.length > 0 || (values.all && named.length > 0)) {
  const names = Object.keys(BENCHES).join(', ')
  console.error(
    unknown.length > 0 ? `no such bench: ${unknown.join(', ')}; there are: ${names}` : '--all takes no names',
  )
  process.exit(2)
}
const page = values.report ?? (values.all ? PAGE : undefined)
const facts = {
  command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
  began: new Date(),
  load: loadavg()[0] ?? 0,
}
const runs = []
for (const bench of named.length > 0 ? named : Object.keys(BENCHES)) {
  const done = await run(bench)
  runs.push(done)
  if (done.status !== 0) process.exitCode = done.status
  // After each: whoever stops a long run keeps what it has measured.
  if (page !== undefined) writeFileSync(page, reportOf(runs, facts))
}
