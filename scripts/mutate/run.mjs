/**
 * Mutation tests: `npm run mutate -- <part> [files] [options]`. parts.json says what each part mutates, and which tests are to
 * find it out: the nearest, since a mutant that never ends costs their whole time. Options go to Stryker (`--concurrency 1`).
 * The report is scripts/.out/mutation-<part>.html.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const PARTS = createRequire(import.meta.url)('./parts.json')

const [name = '', ...rest] = process.argv.slice(2)
const part = PARTS[name]
if (part === undefined) {
  console.error(
    `npm run mutate -- <part> [files] [options], where the part is one of ${Object.keys(PARTS).join(', ')}`,
  )
  process.exit(2)
}
const end = rest.findIndex(one => one.startsWith('-'))
const files = end === -1 ? rest : rest.slice(0, end)
const options = end === -1 ? [] : rest.slice(end)
const mutate = (files.length > 0 ? files : part.mutate).join()
const { status } = spawnSync(
  'stryker',
  ['run', 'scripts/mutate/stryker.config.mjs', '--mutate', mutate, ...options],
  { stdio: 'inherit', env: { SIDEKEY_RUNS: '100', ...process.env, SIDEKEY_MUTATE: name } },
)
process.exit(status ?? 1)
