/**
 * Mutation tests: `npm run mutate -- <part> [files] [options]`. parts.json says what each part is made of: groups of files, each
 * with the tests that are to find its mutants out. They are the nearest, the quick ones first, since a mutant that survives
 * costs their whole time. `files` leaves only the groups that have them; options go to Stryker (`--concurrency 1`). The reports
 * are scripts/.out/mutation-<part>-<group>.html; the last line is the score of all.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const PARTS = createRequire(import.meta.url)('./parts.json')
/** Of 100 mutants, so many must be found out. */
const ASKED = 90

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

/** By Stryker's words for what became of a mutant. */
const counts = {}
for (const [group, { mutate }] of Object.entries(part)) {
  const asked = files.length === 0 ? mutate : mutate.filter(file => files.includes(file))
  if (asked.length === 0) continue
  const { status } = spawnSync(
    'stryker',
    ['run', 'scripts/mutate/stryker.config.mjs', '--mutate', asked.join(), ...options],
    {
      stdio: 'inherit',
      env: { SIDEKEY_RUNS: '100', ...process.env, SIDEKEY_MUTATE: name, SIDEKEY_MUTATE_GROUP: group },
    },
  )
  if (status !== 0) process.exit(status ?? 1)
  const report = JSON.parse(readFileSync(`scripts/.out/mutation-${name}-${group}.json`, 'utf8'))
  for (const { mutants } of Object.values(report.files))
    for (const mutant of mutants) counts[mutant.status] = (counts[mutant.status] ?? 0) + 1
}

const { Killed = 0, Timeout = 0, Survived = 0, NoCoverage = 0 } = counts
const foundOut = Killed + Timeout
const all = foundOut + Survived + NoCoverage
const score = (100 * foundOut) / all
console.log(`${name}: ${foundOut} of ${all} mutants found out, ${score.toFixed(1)} %`)
process.exit(score >= ASKED ? 0 : 1)
