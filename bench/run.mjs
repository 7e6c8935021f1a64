/**
 * Runs the benches: `npm run bench` all of them, `npm run bench -- verify` those that are named. Each is
 * bundled by esbuild and run in a process of its own. Packages stay outside the bundle, and `sidekey` is one
 * of them: what is measured is what was built into dist/.
 */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundled } from '../scripts/bundled.mjs'

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

async function run(bench) {
  const bundle = join(HERE, '.out', `${bench}.mjs`)
  await bundled(join(HERE, `${bench}.ts`), bundle)
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', ...BENCHES[bench], bundle], {
    cwd: join(HERE, '..'),
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'production' },
  })
  return status ?? 1
}

const named = process.argv.slice(2)
const unknown = named.filter(name => !Object.hasOwn(BENCHES, name))
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}
for (const bench of named.length > 0 ? named : Object.keys(BENCHES)) {
  const status = await run(bench)
  if (status !== 0) process.exitCode = status
}
